//! What must hold after every step, and once nothing breaks any more.

use anyhow::{Context as _, Result, ensure};
use watchfloor_console::feed::FeedState;
use watchfloor_gateway::hub::Access;
use watchfloor_gateway::hub::audience::Audience;
use watchfloor_gateway::hub::delivery::MAX_FRAME_BYTES;
use watchfloor_wire::entity::{Entity, Key, Kind as EntityKind};
use watchfloor_wire::feed::STALE_AFTER_MS;
use watchfloor_wire::freshness::status_at;
use watchfloor_wire::id::CheckId;
use watchfloor_wire::status::Status;

use super::World;
use crate::client::Kind;
use crate::client::console::Console;
use crate::link::Told;
use crate::mutant::Mutant;
use crate::products::{CHECKS, PRODUCTS, VALIDITY_MS};

/// A session that was revoked, or lost a role, hears nothing of before after this span, in milliseconds; the promise
/// for one gateway.
const HEEDED_WITHIN_MS: i64 = 1_000;
/// A write that the network does not take is given up after this span, in milliseconds.
const WRITE_GIVEN_UP_MS: i64 = 11_000;
/// When the gateway's clock was set back, a result that had not passed its time, and does not lie further in the future
/// than it is valid, is believed for so much longer at most, in milliseconds; and so long may pass until a page hears.
const CLOCK_FOLLOWED_MS: i64 = 2 * VALIDITY_MS + FIRST_DELAY_MS;
/// A page looks at its own clock once a second, and paints with it a second later at most, in milliseconds.
const CLOCK_WATCHED_MS: i64 = 2_000;
/// Nobody can tell how long the fastest message of a connection took; the network takes no longer than this for one,
/// in milliseconds.
const FIRST_DELAY_MS: i64 = 12_000;
/// Frames that may wait on a page that is not painted, at most.
const MAX_WAITING_FRAMES: usize = 5_000;

impl World {
    /// Everything that must hold after every step.
    pub(super) fn check(&mut self) -> Result<()> {
        let disk = self.disk.content();
        self.truth.follow(&disk)?;
        let (now_ms, seq) = (self.now_ms(), self.truth.seq());
        if self.stored.last().is_none_or(|(_, last)| *last < seq) {
            self.stored.push((now_ms, seq));
        }
        self.ledger.check_new(&self.truth, &disk)?;
        for client in 0..self.clients.len() {
            self.check_client(client)
                .with_context(|| format!("client {client}"))?;
        }
        self.check_connections()
    }

    /// I1 for this client whenever its copy has changed, I7 and I8 always.
    fn check_client(&mut self, client: usize) -> Result<()> {
        let copy = self.clients[client].copy();
        if self.checked[client] != copy.generation {
            self.truth.check_copy(&copy.replica, copy.audience)?;
            self.checked[client] = copy.generation;
        }
        let Kind::Console(console) = &self.clients[client].kind else {
            return Ok(());
        };
        ensure!(
            console.waiting_frames() <= MAX_WAITING_FRAMES,
            "I8: {} frames wait on a page",
            console.waiting_frames()
        );
        if self.clients[client].asleep_until_ms <= self.now_ms() {
            self.check_shown(console)?;
        }
        Ok(())
    }

    /// I7 on the page: what is shown green on a feed that is not said to be stale was well not long ago.
    fn check_shown(&self, console: &Console) -> Result<()> {
        let now_ms = self.now_ms();
        let is_unwatched =
            console.device.is_unwatched() || now_ms - console.device.set_ms < CLOCK_WATCHED_MS;
        if is_unwatched || console.feed_state(now_ms).is_stale() {
            return Ok(());
        }
        self.check_whole(console)?;
        let shown_at = console.device.server_now(now_ms);
        let mut bound_ms = VALIDITY_MS + FIRST_DELAY_MS;
        if now_ms - self.wall_step_ms < bound_ms + STALE_AFTER_MS + CLOCK_FOLLOWED_MS {
            bound_ms += CLOCK_FOLLOWED_MS;
        }
        for (place, id) in CHECKS.iter().enumerate() {
            let Some(check) = console.shown.get(&CheckId::from(*id)) else {
                continue;
            };
            let shown = if self.mutant == Some(Mutant::AgeIgnored) {
                check.status
            } else {
                status_at(check, shown_at)
            };
            let age_ms = now_ms - self.well_ms[place];
            ensure!(
                shown != Status::Ok || age_ms <= bound_ms,
                "I7: {id} is shown green {age_ms} ms after it was last well"
            );
        }
        Ok(())
    }

    /// I7, the other half: a page that is not said to be stale holds all that was stored until 25 s ago, and until
    /// as long before that as the fastest message of its connection may have taken.
    fn check_whole(&self, console: &Console) -> Result<()> {
        let until_ms = self.now_ms() - STALE_AFTER_MS - FIRST_DELAY_MS;
        let place = self.stored.partition_point(|(at_ms, _)| *at_ms <= until_ms);
        let Some((at_ms, due_seq)) = place.checked_sub(1).map(|it| self.stored[it]) else {
            return Ok(());
        };
        // A page that knows nothing shows nothing.
        let Some(known) = console.copy.replica.cursor().map(|cursor| cursor.s) else {
            return Ok(());
        };
        ensure!(
            known >= due_seq,
            "I7: a page that is not stale stands at {known}, but {due_seq} was stored {} ms ago",
            self.now_ms() - at_ms
        );
        Ok(())
    }

    /// I7 in the gateway, right after it looked at the time: a green product has green checks only, each within
    /// its time.
    pub(super) fn check_green(&self) -> Result<()> {
        let Some(gateway) = &self.gateway else {
            return Ok(());
        };
        let now = self.clock.now();
        for (product, checks) in PRODUCTS {
            let key = Key::new(EntityKind::Product, &product);
            let Some(Entity::Product(it)) = gateway.engine.entity(&key) else {
                continue;
            };
            if it.status != Status::Ok {
                continue;
            }
            for check in checks.iter().map(|place| CHECKS[*place]) {
                let key = Key::new(EntityKind::Check, &check);
                let Some(Entity::Check(it)) = gateway.engine.entity(&key) else {
                    continue;
                };
                ensure!(
                    status_at(&it, now) == Status::Ok,
                    "I7: {product} is green while {check} is {:?} until {:?} at {now:?}",
                    it.status,
                    it.valid_until
                );
            }
        }
        Ok(())
    }

    /// I8 and I9 on every connection, and that no seat is lost.
    fn check_connections(&self) -> Result<()> {
        let now_ms = self.now_ms();
        for id in &self.open {
            let wire = &self.wires[*id];
            let state = wire.link.state();
            ensure!(
                state.down.len() <= wire.capacity,
                "I8: {} messages are kept for connection {id}, which takes {}",
                state.down.len(),
                wire.capacity
            );
            let new = state
                .down
                .iter()
                .rev()
                .take_while(|it| it.due_ms.is_some_and(|due_ms| due_ms > now_ms));
            for parcel in new {
                if let Told::Text(text) = &parcel.told {
                    ensure!(
                        text.len() <= MAX_FRAME_BYTES,
                        "I8: a message of {} bytes",
                        text.len()
                    );
                }
            }
        }
        if let Some(gateway) = &self.gateway {
            let seats = usize::try_from(gateway.hub.clients()).unwrap_or(usize::MAX);
            ensure!(
                seats <= gateway.connections(),
                "I8: {seats} seats are taken by {} connections",
                gateway.connections()
            );
        }
        Ok(())
    }

    /// I9: this was said just now on a connection of this session, perhaps after a wait for the network; it may
    /// hold what displays do not see.
    pub(super) fn check_heard(
        &self,
        session: usize,
        blocked_since_ms: Option<i64>,
        holds_hidden: bool,
    ) -> Result<()> {
        let it = self.accounts.get(session);
        let bound_ms = match blocked_since_ms {
            Some(_) => WRITE_GIVEN_UP_MS,
            None => HEEDED_WITHIN_MS,
        };
        if let Some(revoked_ms) = it.revoked_ms {
            let since_ms = self.now_ms() - revoked_ms;
            ensure!(
                since_ms <= bound_ms,
                "I9: session {session} was told something {since_ms} ms after it was revoked"
            );
        }
        let since_ms = self.now_ms() - it.role_since_ms;
        let may_see = Audience::of(it.role) == Some(Audience::Everything);
        ensure!(
            !holds_hidden || may_see || since_ms <= bound_ms,
            "I9: session {session} was told what {:?} may not see {since_ms} ms after it became that",
            it.role
        );
        Ok(())
    }

    /// Once nothing breaks any more, everybody who is signed in is live and has what was stored up to `due_seq`.
    pub(super) fn finish(&mut self, due_seq: u64) -> Result<()> {
        self.is_over = true;
        let disk = self.disk.content();
        self.truth.follow(&disk)?;
        self.ledger.check_all(&self.truth, &disk)?;
        let gateway = self
            .gateway
            .as_ref()
            .context("the gateway is not up again")?;
        ensure!(
            gateway.hub.head().seq == self.truth.seq(),
            "the hub stands at {}, the disk at {}",
            gateway.hub.head().seq,
            self.truth.seq()
        );
        for (place, client) in self.clients.iter().enumerate() {
            let copy = client.copy();
            self.truth.check_copy(&copy.replica, copy.audience)?;
            let Some(session) = client.session else {
                continue;
            };
            if !matches!(
                self.accounts.access(session, self.clock.now()),
                Access::Granted(_)
            ) {
                continue;
            }
            self.check_live(place, due_seq)
                .with_context(|| format!("after the calm, client {place}"))?;
        }
        Ok(())
    }

    fn check_live(&self, place: usize, due_seq: u64) -> Result<()> {
        let client = &self.clients[place];
        let live = match &client.kind {
            Kind::Console(console) => {
                matches!(console.feed_state(self.now_ms()), FeedState::Live { .. })
            }
            Kind::Juggler(juggler) => juggler.is_live(),
        };
        let cursor = client.copy().replica.cursor();
        let has_arrived = cursor.is_some_and(|cursor| cursor.s >= due_seq);
        let state = match &client.kind {
            Kind::Console(console) => format!("{:?}", console.feed_state(self.now_ms())),
            Kind::Juggler(juggler) => format!("{juggler:?}"),
        };
        ensure!(live, "is not live but {state}");
        ensure!(
            has_arrived,
            "is at {cursor:?} instead of {due_seq} or later: {state}"
        );
        Ok(())
    }
}
