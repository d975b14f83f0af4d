//! What all clients share: where they go, and what is counted.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};

use crate::clock::Stopwatch;
use crate::random::Random;
use crate::settings::Settings;
use crate::tally::Tally;

/// Shared by all tasks.
pub struct World {
    /// Who and where.
    pub settings: Settings,
    /// The position from which a new client begins: epoch and sequence number of a snapshot.
    pub start: Mutex<(String, u64)>,
    /// Clients that are live: welcomed, and at the head that the welcome named.
    pub live: AtomicUsize,
    /// Frames that arrived.
    pub frames: AtomicU64,
    /// From the sending of a change to its arrival, at each client.
    pub changes: Tally,
    /// When the incident that is under way was caused, in microseconds since the start; 0: none is.
    pub incident_at_us: AtomicU64,
    /// From the cause of an incident to its arrival, at each client.
    pub incidents: Tally,
    /// From the first attempt of an acknowledgement to its answer.
    pub acknowledged: Tally,
    /// Acknowledgements that were refused for good, which should not happen.
    pub refused: AtomicU64,
    /// Clients that were told to fetch a snapshot.
    pub resets: AtomicU64,
    /// Frames that began after what their client had: never, or the feed lies.
    pub gaps: AtomicU64,
    /// Connections that the gateway refused for now (503).
    pub put_off: AtomicU64,
    /// Connections that ended.
    pub lost: AtomicU64,
    /// While set, people acknowledge.
    pub acknowledging: AtomicBool,
    /// Clients with a number below this do not read.
    pub stopped: AtomicUsize,
    /// Randomness for backoff.
    pub random: Random,
    started_at: Stopwatch,
}

impl World {
    /// Nobody is there yet.
    pub fn new(settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            settings,
            start: Mutex::default(),
            live: AtomicUsize::new(0),
            frames: AtomicU64::new(0),
            changes: Tally::default(),
            incident_at_us: AtomicU64::new(0),
            incidents: Tally::default(),
            acknowledged: Tally::default(),
            refused: AtomicU64::new(0),
            resets: AtomicU64::new(0),
            gaps: AtomicU64::new(0),
            put_off: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            acknowledging: AtomicBool::new(false),
            stopped: AtomicUsize::new(0),
            random: Random::default(),
            started_at: Stopwatch::start(),
        })
    }

    /// Microseconds since the start.
    pub fn now_us(&self) -> u64 {
        u64::try_from(self.started_at.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
