//! When a delivery that failed is tried again, and when it is given up.

use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};

/// The first pause, in milliseconds, before chance shortens it.
const FIRST_MS: i64 = 2_000;
/// The longest pause, in milliseconds.
const LONGEST_MS: i64 = 10 * MINUTE_MS;
/// How often a notification is tried.
pub const MAX_ATTEMPTS: u32 = 16;
/// For how long it is tried, in milliseconds.
pub const MAX_TRYING_MS: i64 = 2 * HOUR_MS;
/// A notification that is older than this, in milliseconds, is shown and not sent: nobody is woken for yesterday.
pub const MAX_AGE_MS: i64 = DAY_MS;

/// When the next try after a failure is due; `None` when it is given up. `attempts` have been made since `since`;
/// `retry_after_ms` is what the receiver asked for, and `unit` is chance from 0 to 1.
///
/// The pause doubles with each try up to ten minutes, and chance takes up to half of it away, so that many
/// notifications which failed together do not come back together. What the receiver asks for is never undercut, but
/// it cannot ask for more than ten minutes.
#[must_use]
pub fn next_try(
    attempts: u32,
    since: UnixMs,
    now: UnixMs,
    retry_after_ms: Option<i64>,
    unit: f64,
) -> Option<UnixMs> {
    if attempts >= MAX_ATTEMPTS {
        return None;
    }
    let doublings = attempts.saturating_sub(1).min(16);
    let full_ms = FIRST_MS.saturating_mul(1 << doublings).min(LONGEST_MS);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a pause of at most ten minutes in milliseconds is far below 2^52"
    )]
    let taken_ms = (full_ms as f64 / 2.0 * unit.clamp(0.0, 1.0)) as i64;
    let asked_ms = retry_after_ms.unwrap_or(0).clamp(0, LONGEST_MS);
    let next = now.plus_ms((full_ms - taken_ms).max(asked_ms));
    (next.since_ms(since) <= MAX_TRYING_MS).then_some(next)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pauses_double_up_to_ten_minutes() {
        let pause = |attempts, unit| {
            let now = UnixMs(1_000);
            next_try(attempts, now, now, None, unit).map(|at| at.since_ms(now))
        };
        assert_eq!(pause(1, 0.0), Some(2_000));
        assert_eq!(pause(1, 1.0), Some(1_000));
        assert_eq!(pause(4, 0.0), Some(16_000));
        assert_eq!(pause(15, 0.0), Some(600_000));
        assert_eq!(pause(16, 0.0), None);
    }

    #[test]
    fn what_the_receiver_asks_for_is_not_undercut_and_bounded() {
        let now = UnixMs(0);
        let next = |asked_ms| next_try(1, now, now, Some(asked_ms), 0.5);
        assert_eq!(next(30_000), Some(UnixMs(30_000)));
        assert_eq!(next(10), Some(UnixMs(1_500)));
        assert_eq!(next(i64::MAX), Some(UnixMs(600_000)));
        assert_eq!(next(-5), Some(UnixMs(1_500)));
    }

    proptest! {
        #[test]
        fn a_target_that_always_fails_is_given_up_within_two_hours(
            units in proptest::collection::vec(0.0_f64..=1.0, 20),
            asked_ms in proptest::option::of(any::<i64>()),
        ) {
            let since = UnixMs(1_763_683_200_000);
            let (mut now, mut tries) = (since, 0);
            for unit in units {
                tries += 1;
                match next_try(tries, since, now, asked_ms, unit) {
                    Some(next) => {
                        prop_assert!(next > now);
                        now = next;
                    }
                    None => break,
                }
            }
            prop_assert!(tries <= MAX_ATTEMPTS);
            prop_assert!(now.since_ms(since) <= MAX_TRYING_MS);
            prop_assert_eq!(next_try(MAX_ATTEMPTS, since, now, None, 0.0), None);
        }
    }
}
