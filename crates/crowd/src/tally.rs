//! Latencies counted in buckets of a tenth of a millisecond, so that a million of them take no memory to speak of.

use std::sync::atomic::{AtomicU64, Ordering};

/// Up to 60 s; what is later counts in the last bucket.
const BUCKETS: usize = 600_000;
const BUCKET_US: u64 = 100;

/// Counts latencies from any task.
pub struct Tally {
    buckets: Vec<AtomicU64>,
    max_us: AtomicU64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
            max_us: AtomicU64::new(0),
        }
    }
}

impl Tally {
    /// Counts one.
    pub fn add_us(&self, us: u64) {
        let bucket = usize::try_from(us / BUCKET_US).unwrap_or(BUCKETS);
        self.buckets[bucket.min(BUCKETS - 1)].fetch_add(1, Ordering::Relaxed);
        self.max_us.fetch_max(us, Ordering::Relaxed);
    }

    /// Begins anew.
    pub fn clear(&self) {
        for bucket in &self.buckets {
            bucket.store(0, Ordering::Relaxed);
        }
        self.max_us.store(0, Ordering::Relaxed);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.buckets
            .iter()
            .map(|it| it.load(Ordering::Relaxed))
            .sum()
    }

    /// The largest, in milliseconds.
    pub fn max_ms(&self) -> f64 {
        ms(self.max_us.load(Ordering::Relaxed))
    }

    /// The latency that `per_mille` of 1,000 do not exceed, in milliseconds; 0 when none was counted.
    pub fn quantile_ms(&self, per_mille: u64) -> f64 {
        let wanted = (self.count() * per_mille).div_ceil(1_000);
        let mut seen = 0;
        for (bucket, count) in (1..).zip(&self.buckets) {
            seen += count.load(Ordering::Relaxed);
            if seen >= wanted && seen > 0 {
                return ms(bucket * BUCKET_US);
            }
        }
        0.0
    }
}

fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn quantiles_are_the_upper_ends_of_their_buckets() {
        let tally = Tally::default();
        assert_eq!((tally.quantile_ms(500), tally.max_ms()), (0.0, 0.0));
        for us in 0..100 {
            tally.add_us(us * 1_000);
        }
        assert_eq!(tally.count(), 100);
        assert_eq!(tally.quantile_ms(500), 49.1);
        assert_eq!(tally.quantile_ms(990), 98.1);
        assert_eq!(tally.max_ms(), 99.0);
        tally.add_us(u64::MAX);
        assert_eq!(tally.quantile_ms(1_000), 60_000.0);
        tally.clear();
        assert_eq!(tally.count(), 0);
    }
}
