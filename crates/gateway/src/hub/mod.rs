//! The feed: what was committed goes to every client, in order, without a hole.
//!
//! There is no queue for a client. A client is a position in one shared [`ring`] of frames that were written
//! once for all who may see the same ([`audience`]); a slow one gets the latest value of each key instead of
//! each step between, one that fell out of the ring gets the rest from disk, or fetches a snapshot.
//! [`state`], [`ring`], [`batch`], [`inbox`], [`pace`], [`admission`], [`ahead`] and [`heartbeat`] are pure;
//! [`connection`] and [`link`] do the input and output.

pub mod admission;
pub mod ahead;
pub mod audience;
pub mod batch;
pub mod buffers;
pub mod carrier;
pub mod connection;
#[cfg(test)]
mod connection_tests;
pub mod context;
pub mod delivery;
#[cfg(test)]
mod doubles;
pub mod events;
mod exchange;
pub mod frame;
pub mod handshake;
pub mod heartbeat;
pub mod inbox;
pub mod link;
mod locks;
pub mod pace;
pub mod page;
pub mod pings;
#[cfg(test)]
mod properties;
pub mod publication;
pub mod ring;
pub mod seats;
pub mod snapshot;
pub mod state;
pub mod threads;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::{ClientMessage, Cursor};
use watchfloor_wire::id::ProductId;
use watchfloor_wire::session::Role;
use watchfloor_wire::snapshot::Snapshot;

use self::admission::Admission;
use self::ahead::AheadClaims;
use self::audience::Audience;
pub use self::context::{Access, Backlog, BacklogFuture, FeedContext, NoBacklog, Visitor};
use self::delivery::Delivery;
use self::events::{EventStream, Streams};
use self::heartbeat::Timing;
pub use self::link::{Link, WebSocket};
use self::pings::Pings;
use self::publication::Publication;
use self::ring::RingLimits;
use self::seats::{SeatLimits, Seats};
pub use self::snapshot::PreparedSnapshot;
use self::state::State;
use crate::change::Committed;
use crate::clock::Clock;
use crate::store::Head;

/// The feed's sizes and spans; the defaults are the promised ones.
#[derive(Clone, Copy, Debug)]
pub struct HubLimits {
    /// How much the ring holds.
    pub ring: RingLimits,
    /// How many clients may be connected.
    pub seats: SeatLimits,
    /// How many clients are let in a second.
    pub admitted_per_s: u32,
    /// Spans of a connection.
    pub timing: Timing,
}

impl Default for HubLimits {
    fn default() -> Self {
        Self {
            ring: RingLimits::default(),
            seats: SeatLimits::default(),
            admitted_per_s: 500,
            timing: Timing::default(),
        }
    }
}

/// Proof that confirmed changes are gone: a client knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostChanges {
    /// Where the client stands.
    pub known: u64,
    /// Where the gateway stands.
    pub head: u64,
}

/// The feed; cheap to clone.
#[derive(Clone, Debug)]
pub struct Hub(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Its followers are also woken, without a change, when they must look at something else.
    state: Publication<State>,
    /// Set once, when the gateway stops.
    closing: AtomicBool,
    /// Set once somebody wakes the connections when sessions end.
    followed: OnceLock<()>,
    prepared: [Mutex<Option<Arc<PreparedSnapshot>>>; 2],
    seats: Arc<Seats>,
    delivery: Delivery,
    pings: Pings,
    streams: Arc<Streams>,
    admission: Mutex<Admission>,
    ahead: Mutex<AheadClaims>,
    lost: watch::Sender<Option<LostChanges>>,
    /// How many epochs began since the start.
    epochs: AtomicU64,
    frames_sent: metrics::Counter,
    /// Where clients are served; unset, where the task runs that brings them.
    threads: OnceLock<Handle>,
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
        let (now_ms, seq) = (clock.monotonic_ms(), head.seq);
        Self(Arc::new(Shared {
            pings: Pings::default(),
            streams: Arc::default(),
            admission: Mutex::new(Admission::new(limits.admitted_per_s, now_ms)),
            ahead: Mutex::new(AheadClaims::new(now_ms, seq)),
            lost: watch::Sender::new(None),
            epochs: AtomicU64::new(0),
            // Looked up once: it is counted twenty thousand times a second.
            frames_sent: metrics::counter!("watchfloor_feed_frames_total"),
            threads: OnceLock::new(),
            state: Publication::new(State::new(head, entities, limits.ring), seq),
            closing: AtomicBool::new(false),
            followed: OnceLock::new(),
            prepared: [Mutex::new(None), Mutex::new(None)],
            seats: Arc::new(Seats::new(limits.seats)),
            delivery: Delivery::default(),
            timing: limits.timing,
            build,
            clock,
        }))
    }

    /// Serves clients on these threads from now on. On threads of their own, ten thousand clients that are sent a
    /// frame do not stand in line before somebody's acknowledgement.
    pub fn serve_on(&self, threads: Handle) {
        // Only the first call counts; there is one place that makes it.
        let _already = self.0.threads.set(threads);
    }

    /// Runs a client's task where clients are served.
    pub fn spawn(&self, client: impl Future<Output = ()> + Send + 'static) {
        match self.0.threads.get() {
            Some(threads) => drop(threads.spawn(client)),
            None => drop(tokio::spawn(client)),
        }
    }

    /// Wakes all connections.
    fn wake(&self) {
        self.0.state.wake();
    }

    /// Wakes all connections when sessions end. There is one source of that, so the first connection's will do.
    fn follow(&self, revoked: &watch::Receiver<u64>) {
        if self.0.followed.set(()).is_err() {
            return;
        }
        let mut revoked = revoked.clone();
        let shared = Arc::downgrade(&self.0);
        self.spawn(async move {
            while revoked.changed().await.is_ok() {
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                Self(shared).wake();
            }
        });
    }

    /// Says in which order products stand in snapshots: the configured one. Others follow by key.
    pub fn order_products(&self, order: Vec<ProductId>) {
        self.0.state.arrange(|state| state.order_products(order));
    }

    /// Sends what was committed to every client. Called by the engine after each commit; clients are woken,
    /// not waited for.
    pub fn publish(&self, committed: &Committed) {
        let at_ms = self.0.clock.monotonic_ms();
        let state = &self.0.state;
        let outcome = state.publish(|state| state.publish(committed, at_ms), State::seq);
        if let Err(error) = outcome {
            metrics::counter!("watchfloor_feed_faults_total").increment(1);
            tracing::error!(%error, "the feed was interrupted; clients fetch a snapshot");
        }
        let ops = u64::try_from(committed.ops.len()).unwrap_or(u64::MAX);
        metrics::counter!("watchfloor_feed_events_total").increment(ops);
    }

    /// Another history begins: its epoch is stored already. Every client is told to fetch a snapshot.
    pub fn begin_epoch(&self, head: &Head) {
        // The count comes after the state, so that a hello that reads them the other way round cannot take the new
        // count with the old history; and before the wake-up, so that whoever is woken finds it.
        self.0.state.arrange(|state| state.begin_epoch(head));
        self.0.epochs.fetch_add(1, Ordering::SeqCst);
        for kept in &self.0.prepared {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        self.0.state.publish(|_| (), State::seq);
    }

    /// Is told when a client proves that confirmed changes are gone. Whoever owns the store then begins another
    /// epoch, and calls [`Self::begin_epoch`].
    #[must_use]
    pub fn lost_changes(&self) -> watch::Receiver<Option<LostChanges>> {
        self.0.lost.subscribe()
    }

    /// Lets a client in, or says after how many milliseconds it may come again.
    ///
    /// # Errors
    /// The milliseconds, when more come than are let in a second.
    pub fn admit(&self) -> Result<(), i64> {
        let now_ms = self.0.clock.monotonic_ms();
        let mut admission = self
            .0
            .admission
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        admission.enter(now_ms, rand::random()).inspect_err(|_| {
            metrics::counter!("watchfloor_feed_refused_total", "why" => "admission").increment(1);
        })
    }

    /// Opens a stream of events for a session that stands at `cursor`; with it comes what the answer's body is
    /// made of. [`Self::serve`] serves it.
    #[must_use]
    pub fn open_events(
        &self,
        session: &str,
        kind: String,
        cursor: Cursor,
    ) -> (EventStream, mpsc::Receiver<bytes::Bytes>) {
        self.0.streams.open(session, kind, cursor)
    }

    /// Takes what a session says to one of its streams of events; false when it has no such stream.
    #[must_use]
    pub fn say(&self, session: &str, stream: u64, message: ClientMessage) -> bool {
        self.0.streams.say(session, stream, message)
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
            && prepared.seq == self.0.state.head()
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
        self.0.closing.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// Returns once no client is connected.
    pub async fn drained(&self) {
        let mut taken = self.0.seats.watch();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _gone = taken.wait_for(|taken| *taken == 0).await;
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.0.state.read()
    }
}

impl Shared {
    fn head(&self) -> Head {
        self.state.read().head()
    }

    fn epochs(&self) -> u64 {
        self.epochs.load(Ordering::SeqCst)
    }

    /// A client stands past the head.
    fn note_ahead(&self, known: u64, head: u64) {
        metrics::counter!("watchfloor_feed_ahead_total").increment(1);
        let mut claims = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        if claims.believe(known, self.clock.monotonic_ms()) {
            tracing::error!(known, head, "a client knows changes that the disk has lost");
            self.lost.send_replace(Some(LostChanges { known, head }));
        }
    }
}
