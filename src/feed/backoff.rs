//! How long to wait before the next attempt. Full jitter, so that a thousand consoles that lost the same
//! gateway do not come back in the same instant.

/// The longest wait before the first retry, in milliseconds.
const FIRST_MS: i64 = 500;
/// The longest wait ever, in milliseconds.
pub const CEILING_MS: i64 = 30_000;

/// The longest wait before retry number `attempt`, counted from 0, in milliseconds.
#[must_use]
pub fn ceiling_ms(attempt: u32) -> i64 {
    // Six doublings pass the ceiling; more of them would only overflow.
    (FIRST_MS << attempt.min(6)).min(CEILING_MS)
}

/// The wait before retry number `attempt`, in milliseconds: uniform in `0..=ceiling_ms(attempt)`.
///
/// `chance` is a random number from 0 to 1.
#[must_use]
pub fn delay_ms(attempt: u32, chance: f64) -> i64 {
    within_ms(0, ceiling_ms(attempt), chance)
}

/// A wait between two bounds in milliseconds; the bounds may come in either order.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "spans of minutes are far below 2^52 ms"
)]
pub fn within_ms(one: i64, other: i64, chance: f64) -> i64 {
    let (low, high) = (one.min(other), one.max(other));
    let share = if chance.is_finite() {
        chance.clamp(0.0, 1.0)
    } else {
        1.0
    };
    low + ((high - low) as f64 * share) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ceilings_double_from_half_a_second_to_thirty() {
        let ceilings: Vec<i64> = (0..8).map(ceiling_ms).collect();
        assert_eq!(
            ceilings,
            [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
        );
    }

    #[test]
    fn a_broken_random_source_waits_longest_rather_than_not_at_all() {
        assert_eq!(delay_ms(9, f64::NAN), CEILING_MS);
    }

    proptest! {
        #[test]
        fn every_wait_is_within_its_ceiling(attempt in any::<u32>(), chance in 0.0_f64..=1.0) {
            let delay = delay_ms(attempt, chance);
            prop_assert!((0..=ceiling_ms(attempt)).contains(&delay));
            prop_assert!(ceiling_ms(attempt) <= CEILING_MS);
        }

        #[test]
        fn a_wait_lies_between_its_bounds_in_either_order(
            one in 0_i64..100_000,
            other in 0_i64..100_000,
            chance in 0.0_f64..=1.0,
        ) {
            let wait = within_ms(one, other, chance);
            prop_assert!(wait >= one.min(other) && wait <= one.max(other));
        }
    }
}
