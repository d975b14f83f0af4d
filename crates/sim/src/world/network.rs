//! The network: what is said takes time, arrives in order, and is lost from some point on when a connection breaks.

use anyhow::Result;
use watchfloor_wire::feed::{ClientMessage, Cursor, ServerMessage};

use super::World;
use super::event::{Entry, Event};
use crate::client::{ClientId, Kind, hello};
use crate::link::{Link, LinkId, Sight, Told};
use crate::mutant::Mutant;

/// Stands in frames that displays must not get.
const HIDDEN_FROM_DISPLAYS: &str = "\"k\":\"error/";

/// Messages that fit into buffers that have no bottom.
const DEEP: usize = 1_000_000;

/// How long a message takes once nothing breaks any more, at most, in milliseconds.
const MAX_CALM_LATENCY_MS: i64 = 250;

/// A connection as the network sees it.
pub struct Wire {
    /// Both ends' view.
    pub link: Link,
    /// Whose it is.
    pub client: ClientId,
    /// How long a message takes, in milliseconds.
    pub latency_ms: i64,
    /// The client takes a message this often at most, in milliseconds.
    pub read_every_ms: i64,
    /// Messages to the client that fit on the way.
    pub capacity: usize,
    /// Who is served on it; `None` until the gateway took the ticket.
    pub session: Option<usize>,
    last_down_ms: i64,
    last_up_ms: i64,
    client_gone: bool,
    end_told: bool,
}

impl World {
    pub(super) fn is_cut_off(&self, client: ClientId) -> bool {
        self.clients[client].cut_off_until_ms > self.now_ms()
    }

    fn is_socketless(&self, client: ClientId) -> bool {
        self.clients[client].socketless_until_ms > self.now_ms()
    }

    /// Something between the two begins to hold much and to give little.
    pub(super) fn deepen(&mut self, id: LinkId) {
        let read_every_ms = self.chance.pick([400, 1_500, 6_000]);
        let wire = &mut self.wires[id];
        wire.read_every_ms = read_every_ms;
        wire.capacity = DEEP;
        let mut state = wire.link.state();
        state.capacity = state.capacity.max(DEEP);
        state.wake_writer();
    }

    /// Messages of a device that sleeps wait for it.
    fn awake_at(&self, client: ClientId) -> i64 {
        self.clients[client].asleep_until_ms
    }

    pub(super) fn latency_ms(&mut self) -> i64 {
        let base_ms = self.chance.pick([1, 5, 30, 120]);
        if !self.is_calm && self.chance.one_in(20) {
            return base_ms + self.chance.between(500, 6_000);
        }
        base_ms + self.chance.between(0, base_ms)
    }

    pub(super) fn open_line(&mut self, client: ClientId, entry: Entry) {
        let latency_ms = self.latency_ms();
        let is_slow = !self.is_calm && self.chance.one_in(6);
        let capacity = match (is_slow, self.chance.one_in(3)) {
            (true, true) => DEEP,
            (true, false) => self.chance.pick([2, 4, 7]),
            (false, _) => self.chance.pick([2, 8, 64]),
        };
        let unbounded = self.mutant == Some(Mutant::UnboundedSending);
        let id = self.wires.len();
        self.wires.push(Wire {
            link: Link::new(if unbounded { usize::MAX } else { capacity }),
            client,
            latency_ms,
            read_every_ms: if is_slow {
                self.chance.pick([150, 800, 4_000])
            } else {
                0
            },
            capacity,
            session: None,
            last_down_ms: 0,
            last_up_ms: 0,
            client_gone: false,
            end_told: false,
        });
        self.open.push(id);
        match &mut self.clients[client].kind {
            Kind::Console(console) => console.opening(id),
            Kind::Juggler(juggler) => juggler.opening(id, self.clock.monotonic_ms()),
        }
        if !self.is_cut_off(client) {
            self.at(latency_ms, Event::Connect(id, entry));
        }
    }

    /// A socket or a stream reaches the gateway, or the place where it should be.
    pub(super) fn connect(&mut self, id: LinkId, entry: Entry) {
        let client = self.wires[id].client;
        if matches!(entry, Entry::Ticket(_)) && self.is_socketless(client) {
            if self.clients[client].swallows_sockets {
                self.wires[id].link.state().cut = true;
            } else {
                self.at(self.wires[id].latency_ms, Event::ClientSees(id));
            }
            return;
        }
        let is_there = matches!(&self.gateway, Some(it) if it.stops_ms.is_none());
        let admitted = self.admitted(client).is_ok();
        let session = match (&mut self.gateway, entry) {
            (Some(gateway), Entry::Ticket(ticket)) if is_there => gateway.take_ticket(ticket),
            (_, Entry::Session(cursor)) if is_there && admitted => {
                self.say_at_once(id, cursor);
                self.clients[client].session
            }
            _ => None,
        };
        let latency_ms = self.wires[id].latency_ms;
        let Some(session) = session.filter(|_| !self.wires[id].client_gone) else {
            return self.at(latency_ms, Event::ClientSees(id));
        };
        let wire = &mut self.wires[id];
        wire.session = Some(session);
        wire.last_down_ms = self.clock.monotonic_ms() + latency_ms;
        if let Some(gateway) = &mut self.gateway {
            gateway.serve(&wire.link, session, &self.accounts, self.mutant);
        }
        self.at(latency_ms, Event::Opened(id));
    }

    pub(super) fn opened(&mut self, id: LinkId) -> Result<()> {
        let client = self.wires[id].client;
        if self.wires[id].client_gone || self.wires[id].link.state().cut {
            return Ok(());
        }
        let awake_ms = self.awake_at(client);
        if awake_ms > self.now_ms() {
            self.at(awake_ms - self.now_ms(), Event::Opened(id));
            return Ok(());
        }
        match self.clients[client].kind {
            Kind::Console(_) => self.turn(client, |it, turn| it.opened(id, turn)),
            Kind::Juggler(_) => self.juggler_turn(client, |it, turn| it.opened(id, turn)),
        }
    }

    /// A stream's address is its hello.
    fn say_at_once(&self, id: LinkId, cursor: Cursor) {
        let now_ms = self.clock.monotonic_ms();
        if let Ok(text) = serde_json::to_string(&hello(cursor)) {
            self.wires[id].link.state().up.push_back((now_ms, text));
        }
    }

    /// A client says something.
    pub(super) fn say(&mut self, id: LinkId, message: &ClientMessage) {
        let Ok(text) = serde_json::to_string(message) else {
            return;
        };
        let wire = &mut self.wires[id];
        let now_ms = self.clock.monotonic_ms();
        let mut state = wire.link.state();
        if wire.client_gone || state.cut {
            return;
        }
        wire.last_up_ms = wire.last_up_ms.max(now_ms + wire.latency_ms);
        let due_ms = wire.last_up_ms;
        state.up.push_back((due_ms, text));
        drop(state);
        self.at(due_ms - now_ms, Event::Up(id));
    }

    /// A client closes a connection.
    pub(super) fn close(&mut self, id: LinkId) {
        let wire = &mut self.wires[id];
        if std::mem::replace(&mut wire.client_gone, true) {
            return;
        }
        let mut state = wire.link.state();
        state.down.clear();
        state.wake_writer();
        let (cut, latency_ms) = (state.cut, wire.latency_ms);
        drop(state);
        if !cut {
            self.at(latency_ms, Event::ServerSees(id, Sight::Closed));
        }
    }

    /// Puts what the gateway said on its way, and tells clients of ends.
    pub(super) fn send_off(&mut self) -> Result<()> {
        let now_ms = self.now_ms();
        let mut due = Vec::new();
        let mut told = Vec::new();
        for id in &self.open {
            let wire = &mut self.wires[*id];
            let mut state = wire.link.state();
            let (cut, gone) = (state.cut, wire.client_gone);
            let blocked = state.was_blocked_ms.take();
            for parcel in state.down.iter_mut().filter(|it| it.due_ms.is_none()) {
                if self.mutant == Some(Mutant::CoalescedKeyForgotten) {
                    forget_a_key(&mut parcel.told);
                }
                let slow_ms = wire.last_down_ms + wire.read_every_ms;
                wire.last_down_ms = slow_ms.max(now_ms + wire.latency_ms);
                parcel.due_ms = Some(wire.last_down_ms);
                if let (Told::Text(text), Some(session)) = (&parcel.told, wire.session) {
                    told.push((session, blocked, text.contains(HIDDEN_FROM_DISPLAYS)));
                }
                if !cut && !gone {
                    due.push((wire.last_down_ms, Event::Down(*id)));
                }
            }
            if gone {
                state.down.clear();
            }
            if state.server_gone && !cut && !std::mem::replace(&mut wire.end_told, true) {
                due.push((
                    wire.last_down_ms.max(now_ms + wire.latency_ms),
                    Event::ClientSees(*id),
                ));
            }
        }
        for (at_ms, event) in due {
            self.at(at_ms - now_ms, event);
        }
        let wires = &self.wires;
        self.open.retain(|id| {
            let wire = &wires[*id];
            !(wire.client_gone && (wire.link.state().server_gone || wire.session.is_none()))
        });
        for (session, blocked, holds_hidden) in told {
            self.check_heard(session, blocked, holds_hidden)?;
        }
        Ok(())
    }

    /// A message reaches the client.
    pub(super) fn deliver(&mut self, id: LinkId) -> Result<()> {
        let now_ms = self.now_ms();
        let client = self.wires[id].client;
        let awake_ms = self.awake_at(client);
        if awake_ms > now_ms {
            self.at(awake_ms - now_ms, Event::Down(id));
            return Ok(());
        }
        let told = {
            let mut state = self.wires[id].link.state();
            let arrived = state
                .down
                .front()
                .is_some_and(|it| it.due_ms.is_some_and(|due_ms| due_ms <= now_ms));
            if state.cut || !arrived {
                return Ok(());
            }
            let parcel = state.down.pop_front();
            state.wake_writer();
            parcel.map(|it| it.told)
        };
        let Some(told) = told else {
            return Ok(());
        };
        if let Told::Text(text) = &told {
            self.trace.mix(text.as_bytes());
        }
        let closes = matches!(told, Told::Close(_));
        match self.clients[client].kind {
            Kind::Console(_) => self.turn(client, |it, turn| it.heard(id, &told, turn))?,
            Kind::Juggler(_) => {
                self.juggler_turn(client, |it, turn| it.heard(id, &told, turn))?;
            }
        }
        if closes {
            self.close(id);
        }
        Ok(())
    }

    /// The client learns that a connection is gone without a word.
    pub(super) fn gone(&mut self, id: LinkId, code: u16) -> Result<()> {
        if self.wires[id].client_gone {
            return Ok(());
        }
        let client = self.wires[id].client;
        let awake_ms = self.awake_at(client);
        if awake_ms > self.now_ms() {
            self.at(awake_ms - self.now_ms(), Event::ClientSees(id));
            return Ok(());
        }
        self.close(id);
        match &mut self.clients[client].kind {
            Kind::Console(_) => self.turn(client, |it, turn| it.closed(id, code, turn)),
            Kind::Juggler(juggler) => {
                juggler.closed(id);
                Ok(())
            }
        }
    }

    /// The network is as fast as it can be from now on, also with what is on its way.
    pub(super) fn hurry_links(&mut self) {
        let now_ms = self.now_ms();
        for id in self.open.clone() {
            let wire = &mut self.wires[id];
            wire.latency_ms = wire.latency_ms.min(MAX_CALM_LATENCY_MS);
            let soon_ms = now_ms + wire.latency_ms;
            wire.read_every_ms = 0;
            wire.last_down_ms = wire.last_down_ms.min(soon_ms);
            let mut state = wire.link.state();
            for parcel in &mut state.down {
                parcel.due_ms = parcel.due_ms.map(|due_ms| due_ms.min(soon_ms));
            }
            let (count, cut, ended) = (state.down.len(), state.cut, wire.end_told);
            drop(state);
            if cut {
                continue;
            }
            for _ in 0..count {
                self.at(soon_ms - now_ms, Event::Down(id));
            }
            if ended {
                self.at(soon_ms - now_ms, Event::ClientSees(id));
            }
        }
    }

    /// The gateway died: of what its kernel had taken, a beginning still arrives.
    pub(super) fn cut_tails(&mut self) {
        let mut ends = Vec::new();
        for id in self.open.clone() {
            let wire = &mut self.wires[id];
            let mut state = wire.link.state();
            let kept = self.chance.place(state.down.len() + 1);
            state.down.truncate(kept);
            state.server_gone = true;
            if !state.cut && !std::mem::replace(&mut wire.end_told, true) {
                ends.push((id, wire.last_down_ms.max(self.clock.monotonic_ms())));
            }
        }
        for (id, at_ms) in ends {
            let latency_ms = self.wires[id].latency_ms;
            self.at(at_ms - self.now_ms() + latency_ms, Event::ClientSees(id));
        }
    }
}

/// What [`Mutant::CoalescedKeyForgotten`] makes of a message.
fn forget_a_key(told: &mut Told) {
    let Told::Text(text) = told else { return };
    let Ok(ServerMessage::Frame(mut frame)) = ServerMessage::decode(text) else {
        return;
    };
    if frame.ops.len() > 1
        && usize::try_from(frame.s - frame.f).is_ok_and(|all| all > frame.ops.len())
    {
        frame.ops.remove(0);
        if let Ok(encoded) = ServerMessage::Frame(frame).encode() {
            *told = Told::Text(encoded);
        }
    }
}
