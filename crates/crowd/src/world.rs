//! What all clients share: where they go, and what is counted.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};

use serde::Deserialize;

use crate::clock::Stopwatch;
use crate::random::Random;
use crate::settings::Settings;
use crate::tally::Tally;

/// How a client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appetite {
    /// Whatever comes, at once.
    Hungry,
    /// A few kilobytes a second.
    Slow,
    /// Nothing.
    None,
}

/// A series of latencies, measured apart from the others.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// Small changes, everybody reads.
    #[default]
    Plain,
    /// Larger changes, everybody reads.
    Without,
    /// Larger changes, some do not read or read slowly; only the others count.
    Beside,
}

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
    /// From the instant at which a change was due to its arrival, at each client that always reads as fast as it can.
    changes: [Tally; 3],
    /// The place of the series that latencies are counted in now.
    counting: AtomicUsize,
    /// When the incident that is under way was caused, in microseconds since the start; 0: none is.
    pub incident_at_us: AtomicU64,
    /// From the cause of an incident to its arrival, at each client.
    pub incidents: Tally,
    /// From the first attempt of an acknowledgement to its answer.
    pub acknowledged: Tally,
    /// Acknowledgements that were refused for good, which should not happen.
    pub refused: AtomicU64,
    /// Acknowledgements that wait for their answer.
    pub under_way: AtomicUsize,
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
    /// So many clients after those that do not read take a few kilobytes a second.
    pub slow: AtomicUsize,
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
            changes: Default::default(),
            counting: AtomicUsize::new(0),
            incident_at_us: AtomicU64::new(0),
            incidents: Tally::default(),
            acknowledged: Tally::default(),
            refused: AtomicU64::new(0),
            under_way: AtomicUsize::new(0),
            resets: AtomicU64::new(0),
            gaps: AtomicU64::new(0),
            put_off: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            acknowledging: AtomicBool::new(false),
            stopped: AtomicUsize::new(0),
            slow: AtomicUsize::new(0),
            random: Random::default(),
            started_at: Stopwatch::start(),
        })
    }

    /// How client `number` reads now.
    pub fn appetite(&self, number: usize) -> Appetite {
        let stopped = self.stopped.load(Relaxed);
        if number >= stopped + self.slow.load(Relaxed) {
            Appetite::Hungry
        } else if number >= stopped {
            Appetite::Slow
        } else {
            Appetite::None
        }
    }

    /// From now on latencies count in this series.
    pub fn count_in(&self, series: Series) {
        self.counting.store(series as usize, Relaxed);
    }

    /// The latencies of changes that count now.
    pub fn changes(&self) -> &Tally {
        &self.changes[self.counting.load(Relaxed) % self.changes.len()]
    }

    /// Microseconds since the start.
    pub fn now_us(&self) -> u64 {
        u64::try_from(self.started_at.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
