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
    probe_late_after_ms: Option<i64>,
}

/// How often a probe asks and how long an answer may take, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// How often.
    pub interval_ms: i64,
    /// How long.
    pub timeout_ms: i64,
}

/// Checks are not said to have stopped before this span has passed without one, in milliseconds: clients hear of it
/// every ten seconds.
const PROBE_LATE_MIN_MS: i64 = 20_000;

/// The span without any finished check after which all of them must have stopped: two rounds of the probe that asks
/// most often, and an answer that it waits for in vain.
fn late_after_ms(probes: impl Iterator<Item = Rhythm>) -> Option<i64> {
    let spans = probes.map(|it| {
        it.interval_ms
            .saturating_mul(2)
            .saturating_add(it.timeout_ms)
    });
    spans.min().map(|span_ms| span_ms.max(PROBE_LATE_MIN_MS))
}

/// Never happened.
const NEVER: i64 = i64::MIN;

impl Ages {
    /// Nothing has happened yet, and without probes nothing is late.
    #[must_use]
    pub fn new(clock: Clock, probes: impl Iterator<Item = Rhythm>) -> Self {
        Self {
            clock,
            probe_at: AtomicI64::new(NEVER),
            ingest_at: AtomicI64::new(NEVER),
            evaluate_at: AtomicI64::new(NEVER),
            store_at: AtomicI64::new(NEVER),
            epoch_at: AtomicI64::new(NEVER),
            probe_late_after_ms: late_after_ms(probes),
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
            probe_late_after_ms: self.probe_late_after_ms,
            ingest_ms: self.age(&self.ingest_at),
            evaluate_ms: self.age(&self.evaluate_at),
            store_ms: self.age(&self.store_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Rhythm, late_after_ms};

    #[test]
    fn checks_have_stopped_when_the_most_frequent_one_missed_two_rounds() {
        let rhythm = |interval_ms, timeout_ms| Rhythm {
            interval_ms,
            timeout_ms,
        };
        for (probes, late) in [
            (vec![], None),
            (vec![rhythm(300_000, 5_000)], Some(605_000)),
            (
                vec![rhythm(300_000, 5_000), rhythm(10_000, 5_000)],
                Some(25_000),
            ),
            (vec![rhythm(1_000, 500)], Some(20_000)),
        ] {
            assert_eq!(late_after_ms(probes.into_iter()), late);
        }
    }
}
