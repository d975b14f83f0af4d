//! When a probe's rounds are due. Pure: the time and the chance come from outside.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Starts are spread over at most this, in milliseconds, so that a probe with a long interval does not leave
/// its checks unknown for long after the gateway starts.
const MAX_SPREAD_MS: i64 = 10_000;

/// A probe's rounds, in milliseconds of the monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    interval_ms: i64,
    due_ms: i64,
}

impl Rhythm {
    /// The first round of a probe is due within its interval from now, at a place that its name decides:
    /// after a restart each probe has its own again, and never do all begin at once.
    #[must_use]
    pub fn start(name: &str, interval_ms: i64, now_ms: i64) -> Self {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let spread_ms = interval_ms.clamp(1, MAX_SPREAD_MS);
        let place = i64::try_from(hasher.finish() >> 1).unwrap_or(0) % spread_ms;
        Self {
            interval_ms,
            due_ms: now_ms.saturating_add(place),
        }
    }

    /// How long until the next round, in milliseconds; 0 when it is due.
    #[must_use]
    pub fn wait_ms(&self, now_ms: i64) -> i64 {
        self.due_ms.saturating_sub(now_ms).max(0)
    }

    /// Plans the next round once one has ended: an interval after the last was due, give or take a tenth by
    /// `chance` from 0 to 1. Rounds whose time has passed meanwhile are left out, not made up for; answers
    /// how many.
    pub fn next(&mut self, now_ms: i64, chance: f64) -> i64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "intervals are far below 2^52 milliseconds"
        )]
        let step_ms = (self.interval_ms as f64 * (0.9 + 0.2 * chance.clamp(0.0, 1.0))) as i64;
        let step_ms = step_ms.max(1);
        let behind_ms = now_ms.saturating_sub(self.due_ms).max(0);
        let left_out = behind_ms / step_ms;
        self.due_ms = self
            .due_ms
            .saturating_add(step_ms.saturating_mul(left_out + 1));
        left_out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Rhythm;

    #[test]
    fn probes_start_at_their_own_place_within_their_interval() {
        let first = |name: &str| Rhythm::start(name, 10_000, 500).wait_ms(500);
        assert_ne!(first("chatpdd http://a/"), first("chatpdd http://b/"));
        assert_eq!(first("x"), first("x"));
        assert!(Rhythm::start("x", 86_400_000, 0).wait_ms(0) < 10_000);
    }

    #[test]
    fn a_round_that_took_too_long_leaves_rounds_out() {
        let mut rhythm = Rhythm {
            interval_ms: 1_000,
            due_ms: 0,
        };
        assert_eq!(rhythm.next(200, 0.5), 0);
        assert_eq!(rhythm.wait_ms(200), 800);
        assert_eq!(rhythm.next(4_500, 0.5), 3);
        assert_eq!(rhythm.wait_ms(4_500), 500);
    }

    proptest! {
        #[test]
        fn the_next_round_is_within_an_interval_and_a_tenth(
            interval in 1_000_i64..100_000,
            took in 0_i64..1_000_000,
            chance in 0.0..=1.0_f64,
        ) {
            let mut rhythm = Rhythm { interval_ms: interval, due_ms: 0 };
            rhythm.next(took, chance);
            let wait = rhythm.wait_ms(took);
            prop_assert!(wait > 0 && wait <= interval + interval / 10 + 1);
        }
    }
}
