//! What breaks, and when it works again.

use anyhow::Result;
use watchfloor_console::feed::connection::{Event as FeedEvent, Wake};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::HOUR_MS;

use super::World;
use super::event::{Event, Mend};
use crate::client::console::Console;
use crate::client::device::Device;
use crate::client::juggler::Juggler;
use crate::client::{ClientId, Kind};
use crate::disk::CrashPoint;
use crate::link::Sight;
use crate::mutant::Mutant;
use crate::products::Health;

/// The gateway's wall clock is set this often in a run, at most.
const MAX_WALL_STEPS: u32 = 4;

impl World {
    /// Something breaks.
    pub(super) fn fault(&mut self) -> Result<()> {
        if self.is_calm {
            return Ok(());
        }
        let next_ms = self.chance.between(150, 5_000);
        self.at(next_ms, Event::Fault);
        let name = match self.chance.place(24) {
            0 => self.kill_by_hand(),
            1 => self.crash_in_commit(),
            2 => self.fail_commits(),
            3 => self.fill_disk(),
            4 => self.break_reads(),
            5 | 6 => self.reset_link(),
            7 => self.half_open_link(),
            8 => self.cut_off_client(),
            9 => self.set_wall_clock(),
            10 => self.set_device_clock(),
            11 => self.sleep_device(),
            12 => self.hide_page()?,
            13 => self.reload_page()?,
            14 => self.change_role(),
            15 => self.revoke(),
            16 => self.deploy(),
            17 => self.refuse_sockets(),
            18..=20 => self.deepen_link(),
            _ => self.ail_check(),
        };
        self.trace.line(format!("        fault: {name}"));
        *self.faults.entry(name).or_default() += 1;
        Ok(())
    }

    fn kill_by_hand(&mut self) -> &'static str {
        self.kill("kill -9");
        "gateway killed"
    }

    fn crash_in_commit(&mut self) -> &'static str {
        let (point, name) = self.chance.pick([
            (CrashPoint::BeforeCommit, "killed before a commit"),
            (CrashPoint::AfterCommit, "killed between commit and publish"),
            (
                CrashPoint::AfterPublish,
                "killed between publish and answer",
            ),
        ]);
        self.disk.crash_at(point);
        name
    }

    fn fail_commits(&mut self) -> &'static str {
        let count = self.chance.pick([1, 2, 6]);
        self.disk.fail_commits(count);
        "commits failed"
    }

    fn fill_disk(&mut self) -> &'static str {
        self.disk.set_full(true);
        let longest_ms = self.chance.pick([5_000, 25_000, 90_000]);
        let full_ms = self.chance.between(500, longest_ms);
        self.at(full_ms, Event::Mend(Mend::DiskFull));
        "disk full"
    }

    fn break_reads(&mut self) -> &'static str {
        let fails = self.chance.one_in(2);
        let read_ms = self.chance.pick([0, 300, 4_000]);
        self.disk.set_reads(fails, read_ms);
        self.at(8_000, Event::Mend(Mend::DiskReads));
        "feed log unreadable or slow"
    }

    fn some_link(&mut self) -> Option<usize> {
        let place = self.chance.place(self.open.len());
        self.open.get(place).copied()
    }

    /// Both ends hear of it sooner or later; what was on its way is lost.
    fn reset_link(&mut self) -> &'static str {
        if let Some(id) = self.some_link() {
            {
                let mut state = self.wires[id].link.state();
                state.cut = true;
                state.up.clear();
            }
            let server_ms = self.chance.between(0, 2_000);
            let client_ms = self.chance.between(0, 2_000);
            self.at(server_ms, Event::ServerSees(id, Sight::Broken));
            self.at(client_ms, Event::ClientSees(id));
        }
        "connection reset"
    }

    /// Nothing arrives any more, and neither end is told.
    fn half_open_link(&mut self) -> &'static str {
        if let Some(id) = self.some_link() {
            let mut state = self.wires[id].link.state();
            state.cut = true;
            state.up.clear();
        }
        "connection half open"
    }

    fn cut_off_client(&mut self) -> &'static str {
        let client = self.chance.place(self.clients.len());
        let long_ms = self.chance.between(500, 45_000);
        self.clients[client].cut_off_until_ms = self.now_ms() + long_ms;
        for id in self.open.clone() {
            if self.wires[id].client == client {
                let mut state = self.wires[id].link.state();
                state.cut = true;
                state.up.clear();
            }
        }
        self.at(long_ms, Event::Mend(Mend::CutOff(client)));
        "client without network"
    }

    /// A proxy on the way lets no WebSocket through for a while, and breaks those that are open. When it does again,
    /// nobody is told.
    fn refuse_sockets(&mut self) -> &'static str {
        let client = self.chance.place(self.clients.len());
        let long_ms = self.chance.between(20_000, 90_000);
        let swallows = self.chance.one_in(2);
        self.clients[client].socketless_until_ms = self.now_ms() + long_ms;
        self.clients[client].swallows_sockets = swallows;
        for id in self.open.clone() {
            if self.wires[id].client == client {
                self.wires[id].link.state().cut = true;
                self.at(0, Event::ClientSees(id));
            }
        }
        "no WebSocket gets through"
    }

    fn deepen_link(&mut self) -> &'static str {
        if let Some(id) = self.some_link() {
            self.deepen(id);
        }
        "buffers without a bottom"
    }

    fn set_wall_clock(&mut self) -> &'static str {
        if self.wall_steps < MAX_WALL_STEPS {
            self.wall_steps += 1;
            self.wall_step_ms = self.now_ms();
            let ms = self
                .chance
                .pick([HOUR_MS, -HOUR_MS, 7_000, -7_000, 90_000, -90_000]);
            self.clock.set_forward_ms(ms);
            self.trace.line(format!("        wall clock {ms} ms"));
        }
        "gateway's clock set"
    }

    fn some_page(&mut self) -> (ClientId, Option<&mut Console>) {
        let client = self.chance.place(self.clients.len());
        let console = match &mut self.clients[client].kind {
            Kind::Console(console) => Some(console),
            Kind::Juggler(_) => None,
        };
        (client, console)
    }

    fn set_device_clock(&mut self) -> &'static str {
        let ms = self.chance.between(-2 * HOUR_MS, 2 * HOUR_MS);
        let now_ms = self.now_ms();
        if let (_, Some(console)) = self.some_page() {
            console.device.ahead_ms += ms;
            console.device.set_ms = now_ms;
        }
        "device's clock set"
    }

    fn sleep_device(&mut self) -> &'static str {
        let long_ms = self.chance.between(2_000, 50_000);
        let (client, _) = self.some_page();
        if self.clients[client].asleep_until_ms <= self.now_ms() {
            self.clients[client].asleep_until_ms = self.now_ms() + long_ms;
            self.at(long_ms, Event::Mend(Mend::Asleep(client)));
        }
        "device asleep"
    }

    fn hide_page(&mut self) -> Result<&'static str> {
        let long_ms = self.chance.between(2_000, 60_000);
        if let (client, Some(console)) = self.some_page() {
            console.hidden = true;
            self.at(long_ms, Event::Mend(Mend::Hidden(client)));
            self.turn(client, |console, turn| {
                console.dispatch(FeedEvent::Hidden, turn);
            })?;
        }
        Ok("page hidden")
    }

    /// The page is loaded again, or its process died: nothing of it is left.
    fn reload_page(&mut self) -> Result<&'static str> {
        let client = self.chance.place(self.clients.len());
        for id in self.open.clone() {
            if self.wires[id].client == client {
                self.close(id);
            }
        }
        let over_gap = self.mutant == Some(Mutant::AppliedOverGap);
        let mutant = self.mutant;
        self.checked[client] = u64::MAX;
        match &self.clients[client].kind {
            Kind::Console(before) => {
                let device = Device::new(before.device.ahead_ms);
                self.clients[client].kind = Kind::Console(Console::new(device, mutant));
                self.timers[client] = None;
                if self.clients[client].session.is_some() {
                    self.turn(client, |console, turn| {
                        console.dispatch(FeedEvent::Started, turn);
                    })?;
                }
            }
            Kind::Juggler(_) => {
                self.clients[client].kind = Kind::Juggler(Juggler::new(over_gap));
            }
        }
        Ok("page loaded again")
    }

    fn change_role(&mut self) -> &'static str {
        let client = self.chance.place(self.clients.len());
        let role = self
            .chance
            .pick([Role::Viewer, Role::Display, Role::Operator, Role::Display]);
        if let Some(session) = self.clients[client].session {
            self.accounts.set_role(session, role, self.now_ms());
            self.tell_sessions_changed();
        }
        "role changed"
    }

    fn revoke(&mut self) -> &'static str {
        let client = self.chance.place(self.clients.len());
        if let Some(session) = self.clients[client].session {
            self.accounts.revoke(session, self.now_ms());
            self.tell_sessions_changed();
        }
        "session revoked"
    }

    fn tell_sessions_changed(&self) {
        if let Some(gateway) = &self.gateway {
            gateway.sessions_changed();
        }
    }

    /// The gateway is told to stop, as for a deploy.
    fn deploy(&mut self) -> &'static str {
        let stops_ms = self.now_ms() + 5_000;
        if let Some(gateway) = &mut self.gateway
            && gateway.stops_ms.is_none()
        {
            gateway.hub.shut_down();
            gateway.stops_ms = Some(stops_ms);
        }
        "gateway stopped in order"
    }

    fn ail_check(&mut self) -> &'static str {
        let check = self.ail();
        let long_ms = self.chance.between(6_000, 90_000);
        self.at(long_ms, Event::Mend(Mend::Check(check)));
        "check ailing"
    }

    pub(super) fn mend(&mut self, mend: Mend) -> Result<()> {
        match mend {
            Mend::DiskFull => self.disk.set_full(false),
            Mend::DiskReads => self.disk.set_reads(false, 0),
            Mend::Hidden(client) => self.turn(client, |console, turn| {
                console.hidden = false;
                console.dispatch(FeedEvent::Woken(Wake::Shown), turn);
            })?,
            Mend::Asleep(client) => {
                if self.clients[client].asleep_until_ms <= self.now_ms() {
                    self.turn(client, |console, turn| {
                        console.dispatch(FeedEvent::Woken(Wake::Slept), turn);
                    })?;
                }
            }
            Mend::CutOff(client) => {
                if !self.is_cut_off(client) {
                    self.turn(client, |console, turn| {
                        console.dispatch(FeedEvent::Woken(Wake::Online), turn);
                    })?;
                }
            }
            Mend::Check(check) => self.health[check] = Health::Well,
        }
        Ok(())
    }

    /// Nothing breaks from now on.
    pub(super) fn calm(&mut self) -> Result<()> {
        self.is_calm = true;
        self.disk.heal();
        let now_ms = self.now_ms();
        self.health.fill(Health::Well);
        for client in 0..self.clients.len() {
            let slept = self.clients[client].asleep_until_ms > now_ms;
            let wake = if slept { Wake::Slept } else { Wake::Shown };
            self.clients[client].asleep_until_ms = now_ms;
            self.clients[client].cut_off_until_ms = now_ms;
            self.clients[client].socketless_until_ms = now_ms;
            self.turn(client, |console, turn| {
                console.hidden = false;
                console.dispatch(FeedEvent::Woken(wake), turn);
            })?;
        }
        self.hurry_links();
        self.at(super::CALM_MS, Event::Calm);
        Ok(())
    }
}
