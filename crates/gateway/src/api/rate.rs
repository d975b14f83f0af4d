//! Token buckets by key, in memory of a stated size.

use std::collections::HashMap;

/// More keys than this are not remembered; the fullest bucket goes first, because its owner loses nothing.
const MAX_KEYS: usize = 10_000;

const MINUTE_MS: f64 = 60_000.0;

/// How much is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Requests a minute in the long run.
    pub per_minute: f64,
    /// Requests at once after a quiet time.
    pub burst: f64,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at_ms: i64,
}

/// One bucket a key.
#[derive(Debug)]
pub struct Buckets {
    rate: Rate,
    buckets: HashMap<String, Bucket>,
}

impl Buckets {
    /// Buckets of this rate.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: HashMap::new(),
        }
    }

    /// Takes one token of `key` at `now_ms`, by a clock that only grows.
    ///
    /// # Errors
    /// How many milliseconds to wait until there is one.
    pub fn take(&mut self, key: &str, now_ms: i64) -> Result<(), i64> {
        let tokens = self.tokens(key, now_ms);
        if tokens < 1.0 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "below a minute's milliseconds"
            )]
            return Err(((1.0 - tokens) * MINUTE_MS / self.rate.per_minute).ceil() as i64);
        }
        self.make_room(now_ms);
        let tokens = tokens - 1.0;
        self.buckets.insert(
            key.to_owned(),
            Bucket {
                tokens,
                at_ms: now_ms,
            },
        );
        Ok(())
    }

    fn tokens(&self, key: &str, now_ms: i64) -> f64 {
        self.buckets
            .get(key)
            .map_or(self.rate.burst, |bucket| self.filled(*bucket, now_ms))
    }

    fn filled(&self, bucket: Bucket, now_ms: i64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "spans are far below 2^52 ms")]
        let since_ms = now_ms.saturating_sub(bucket.at_ms).max(0) as f64;
        (bucket.tokens + since_ms * self.rate.per_minute / MINUTE_MS).min(self.rate.burst)
    }

    fn make_room(&mut self, now_ms: i64) {
        if self.buckets.len() < MAX_KEYS {
            return;
        }
        let fullest = self.buckets.iter().max_by(|(_, a), (_, b)| {
            self.filled(**a, now_ms)
                .total_cmp(&self.filled(**b, now_ms))
        });
        if let Some(key) = fullest.map(|(key, _)| key.clone()) {
            self.buckets.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_steady_rate() {
        let mut buckets = Buckets::new(Rate {
            per_minute: 60.0,
            burst: 2.0,
        });
        assert_eq!(buckets.take("a", 0), Ok(()));
        assert_eq!(buckets.take("a", 0), Ok(()));
        assert_eq!(buckets.take("a", 0), Err(1_000));
        assert_eq!(buckets.take("b", 0), Ok(()));
        assert_eq!(buckets.take("a", 500), Err(500));
        assert_eq!(buckets.take("a", 1_000), Ok(()));
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing_and_breaks_nothing() {
        let mut buckets = Buckets::new(Rate {
            per_minute: 60.0,
            burst: 1.0,
        });
        assert_eq!(buckets.take("a", 5_000), Ok(()));
        assert_eq!(buckets.take("a", 0), Err(1_000));
    }
}
