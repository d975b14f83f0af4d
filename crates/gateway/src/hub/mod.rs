//! The feed: what was committed goes to every client, in order, without a hole.
//!
//! There is no queue for a client. A client is a position in one shared [`ring`] of frames that were written
//! once for all who may see the same ([`audience`]); a slow one gets the latest value of each key instead of
//! each step between, one that fell out of the ring gets the rest from disk, or fetches a snapshot.
//! [`state`], [`ring`], [`batch`] and [`heartbeat`] are pure; [`socket`] does the input and output.

pub mod audience;
pub mod batch;
pub mod context;
pub mod delivery;
mod exchange;
pub mod heartbeat;
pub mod ring;
pub mod seats;
pub mod snapshot;
pub mod socket;
pub mod state;

#[cfg(test)]
mod doubles;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod socket_tests;

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::watch;
use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::id::ProductId;
use watchfloor_wire::session::Role;
use watchfloor_wire::snapshot::Snapshot;

use self::audience::Audience;
pub use self::context::{Access, Backlog, BacklogFuture, FeedContext, NoBacklog, Visitor};
use self::delivery::Delivery;
use self::heartbeat::Timing;
use self::ring::RingLimits;
use self::seats::{SeatLimits, Seats};
pub use self::snapshot::PreparedSnapshot;
pub use self::socket::configure;
use self::state::State;
use crate::change::Committed;
use crate::clock::Clock;
use crate::store::Head;

/// The feed's sizes and spans; the defaults are the promised ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct HubLimits {
    /// How much the ring holds.
    pub ring: RingLimits,
    /// How many clients may be connected.
    pub seats: SeatLimits,
    /// Spans of a connection.
    pub timing: Timing,
}

/// The feed; cheap to clone.
#[derive(Clone, Debug)]
pub struct Hub(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: RwLock<State>,
    head: watch::Sender<u64>,
    closing: watch::Sender<bool>,
    prepared: [Mutex<Option<Arc<PreparedSnapshot>>>; 2],
    seats: Arc<Seats>,
    delivery: Delivery,
    timing: Timing,
    build: String,
    clock: Clock,
}

impl Hub {
    /// A feed that goes on from what is stored. `build` is the build of the console that this gateway serves.
    #[must_use]
    pub fn new(head: Head, entities: Vec<(Key, u64, Entity)>, build: String, clock: Clock) -> Self {
        Self::with_limits(head, entities, build, clock, HubLimits::default())
    }

    /// As [`Self::new`], with other sizes and spans.
    #[must_use]
    pub fn with_limits(
        head: Head,
        entities: Vec<(Key, u64, Entity)>,
        build: String,
        clock: Clock,
        limits: HubLimits,
    ) -> Self {
        Self(Arc::new(Shared {
            head: watch::Sender::new(head.seq),
            state: RwLock::new(State::new(head, entities, limits.ring)),
            closing: watch::Sender::new(false),
            prepared: [Mutex::new(None), Mutex::new(None)],
            seats: Arc::new(Seats::new(limits.seats)),
            delivery: Delivery::default(),
            timing: limits.timing,
            build,
            clock,
        }))
    }

    /// Says in which order products stand in snapshots: the configured one. Others follow by key.
    pub fn order_products(&self, order: Vec<ProductId>) {
        self.write().order_products(order);
    }

    /// Sends what was committed to every client. Called by the engine after each commit; clients are woken,
    /// not waited for.
    pub fn publish(&self, committed: &Committed) {
        let at_ms = self.0.clock.monotonic_ms();
        let outcome = self.write().publish(committed, at_ms);
        if let Err(error) = outcome {
            metrics::counter!("watchfloor_feed_faults_total").increment(1);
            tracing::error!(%error, "the feed was interrupted; clients fetch a snapshot");
        }
        let ops = u64::try_from(committed.ops.len()).unwrap_or(u64::MAX);
        metrics::counter!("watchfloor_feed_events_total").increment(ops);
        let seq = self.read().ring().head();
        self.0.head.send_replace(seq);
    }

    /// Where the feed stands.
    #[must_use]
    pub fn head(&self) -> Head {
        self.read().head()
    }

    /// The snapshot that `role` may see, as bytes: built once for each position and audience, and at least
    /// once a second while it is asked for. Whoever asks meanwhile waits for the same one. The ingest role
    /// gets the position and nothing else.
    #[must_use]
    pub fn snapshot(&self, role: Role) -> Arc<PreparedSnapshot> {
        let Some(audience) = Audience::of(role) else {
            return self.build_snapshot(None);
        };
        let mut kept = self.0.prepared[audience.index()]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let now_ms = self.0.clock.monotonic_ms();
        if let Some(prepared) = kept.as_ref()
            && prepared.seq == *self.0.head.borrow()
            && now_ms - prepared.built_ms < snapshot::MAX_AGE_MS
        {
            return Arc::clone(prepared);
        }
        let prepared = self.build_snapshot(Some(audience));
        *kept = Some(Arc::clone(&prepared));
        prepared
    }

    fn build_snapshot(&self, audience: Option<Audience>) -> Arc<PreparedSnapshot> {
        let clock = &self.0.clock;
        let now = clock.now();
        let state = self.read().snapshot(audience, now, &self.0.build);
        let prepared = PreparedSnapshot::new(&state, audience, clock.monotonic_ms());
        Arc::new(prepared.unwrap_or_else(|error| {
            tracing::error!(%error, "the snapshot cannot be written");
            PreparedSnapshot::unwritable(clock.monotonic_ms())
        }))
    }

    /// Everything at the head, for boards in text, health and tests.
    #[must_use]
    pub fn state(&self) -> Snapshot {
        let now = self.0.clock.now();
        self.read()
            .snapshot(Some(Audience::Everything), now, &self.0.build)
    }

    /// How many clients are connected.
    #[must_use]
    pub fn clients(&self) -> u64 {
        self.0.seats.taken()
    }

    /// Tells all clients to come back later, spread over a few seconds, and closes them with 4000. Clients
    /// that connect from now on are told the same at once. [`Self::drained`] says when they are gone.
    pub fn shut_down(&self) {
        self.0.closing.send_replace(true);
    }

    /// Returns once no client is connected.
    pub async fn drained(&self) {
        let mut taken = self.0.seats.watch();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _gone = taken.wait_for(|taken| *taken == 0).await;
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.0.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
