//! How long ago each stage of the pipeline last did its work.

use std::sync::atomic::{AtomicI64, Ordering};

use watchfloor_wire::feed::PipelineAges;

use crate::clock::Clock;

/// Instants by the clock's monotonic milliseconds; shared between the engine and everyone who asks.
#[derive(Debug)]
pub struct Ages {
    clock: Clock,
    probe_at: AtomicI64,
    ingest_at: AtomicI64,
    evaluate_at: AtomicI64,
    store_at: AtomicI64,
    epoch_at: AtomicI64,
}

/// Never happened.
const NEVER: i64 = i64::MIN;

impl Ages {
    /// Nothing has happened yet.
    #[must_use]
    pub const fn new(clock: Clock) -> Self {
        Self {
            clock,
            probe_at: AtomicI64::new(NEVER),
            ingest_at: AtomicI64::new(NEVER),
            evaluate_at: AtomicI64::new(NEVER),
            store_at: AtomicI64::new(NEVER),
            epoch_at: AtomicI64::new(NEVER),
        }
    }

    /// A check finished.
    pub fn probed(&self) {
        self.mark(&self.probe_at);
    }

    /// A product sent something.
    pub fn ingested(&self) {
        self.mark(&self.ingest_at);
    }

    /// Rules were evaluated.
    pub fn evaluated(&self) {
        self.mark(&self.evaluate_at);
    }

    /// Changes were stored, or there was nothing to store. While the store fails, its age grows.
    pub fn stored(&self) {
        self.mark(&self.store_at);
    }

    /// Another epoch began, because confirmed changes were lost.
    pub fn epoch_began(&self) {
        self.mark(&self.epoch_at);
    }

    /// How long ago another epoch began, in milliseconds; `None` when none did since the start.
    #[must_use]
    pub fn epoch_age_ms(&self) -> Option<i64> {
        self.age(&self.epoch_at)
    }

    fn age(&self, at: &AtomicI64) -> Option<i64> {
        let at = at.load(Ordering::Relaxed);
        (at != NEVER).then(|| self.clock.monotonic_ms().saturating_sub(at))
    }

    fn mark(&self, at: &AtomicI64) {
        at.store(self.clock.monotonic_ms(), Ordering::Relaxed);
    }

    /// The ages now.
    #[must_use]
    pub fn read(&self) -> PipelineAges {
        PipelineAges {
            probe_ms: self.age(&self.probe_at),
            ingest_ms: self.age(&self.ingest_at),
            evaluate_ms: self.age(&self.evaluate_at),
            store_ms: self.age(&self.store_at),
        }
    }
}
