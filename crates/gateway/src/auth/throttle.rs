//! Slows down who guesses passwords: five tries a minute for an account from an address, then waits that double.

use std::collections::HashMap;

use watchfloor_wire::time::{MINUTE_MS, SECOND_MS, UnixMs};

/// Tries without a wait.
const FREE_TRIES: u32 = 5;
/// Free tries come back after this long without one, in milliseconds.
const WINDOW_MS: i64 = MINUTE_MS;
/// The first wait, in milliseconds; each further failure doubles it.
const FIRST_WAIT_MS: i64 = 30 * SECOND_MS;
/// The longest wait, in milliseconds. Longer would let a stranger lock an account's owner out for good.
const LONGEST_WAIT_MS: i64 = 15 * MINUTE_MS;
/// More pairs than this are not remembered; the ones quiet for longest go first.
const MAX_PAIRS: usize = 10_000;

#[derive(Clone, Copy, Debug)]
struct Tries {
    count: u32,
    last_at: UnixMs,
}

/// Remembers tries by account and address.
#[derive(Debug, Default)]
pub struct Throttle(HashMap<String, Tries>);

impl Throttle {
    /// Counts a try before it is judged, so that many at once are not free.
    ///
    /// # Errors
    /// How many milliseconds to wait; the try does not count then.
    pub fn attempt(&mut self, pair: &str, now: UnixMs) -> Result<(), i64> {
        let tries = self.0.get(pair).copied().unwrap_or(Tries {
            count: 0,
            last_at: now,
        });
        let quiet_ms = now.since_ms(tries.last_at);
        let wait_ms = wait_ms(tries.count);
        if wait_ms > quiet_ms {
            return Err(wait_ms - quiet_ms);
        }
        // Who has waited starts over only after having been quiet for another window.
        let count = if quiet_ms >= wait_ms + WINDOW_MS {
            1
        } else {
            tries.count + 1
        };
        self.make_room();
        self.0.insert(
            pair.to_owned(),
            Tries {
                count,
                last_at: now,
            },
        );
        Ok(())
    }

    /// Forgets the tries, after one was right.
    pub fn succeeded(&mut self, pair: &str) {
        self.0.remove(pair);
    }

    fn make_room(&mut self) {
        if self.0.len() < MAX_PAIRS {
            return;
        }
        let quietest = self.0.iter().min_by_key(|(_, tries)| tries.last_at);
        if let Some(pair) = quietest.map(|(pair, _)| pair.clone()) {
            self.0.remove(&pair);
        }
    }
}

/// How long to wait after `count` tries, in milliseconds.
fn wait_ms(count: u32) -> i64 {
    match count.checked_sub(FREE_TRIES) {
        None => 0,
        Some(more) => FIRST_WAIT_MS
            .saturating_mul(1_i64 << more.min(20))
            .min(LONGEST_WAIT_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_tries_are_free_then_waits_double() {
        let mut throttle = Throttle::default();
        for _ in 0..5 {
            assert_eq!(throttle.attempt("a", UnixMs(0)), Ok(()));
        }
        assert_eq!(throttle.attempt("a", UnixMs(0)), Err(30_000));
        assert_eq!(throttle.attempt("a", UnixMs(29_999)), Err(1));
        assert_eq!(throttle.attempt("a", UnixMs(30_000)), Ok(()));
        assert_eq!(throttle.attempt("a", UnixMs(30_001)), Err(59_999));
    }

    #[test]
    fn another_account_or_address_has_its_own_tries() {
        let mut throttle = Throttle::default();
        for _ in 0..5 {
            assert_eq!(throttle.attempt("a", UnixMs(0)), Ok(()));
        }
        assert_eq!(throttle.attempt("b", UnixMs(0)), Ok(()));
    }

    #[test]
    fn a_success_starts_over() {
        let mut throttle = Throttle::default();
        for _ in 0..5 {
            assert_eq!(throttle.attempt("a", UnixMs(0)), Ok(()));
        }
        throttle.succeeded("a");
        assert_eq!(throttle.attempt("a", UnixMs(0)), Ok(()));
    }

    #[test]
    fn a_quiet_minute_past_the_wait_starts_over() {
        let mut throttle = Throttle::default();
        for _ in 0..5 {
            assert_eq!(throttle.attempt("a", UnixMs(0)), Ok(()));
        }
        for _ in 0..5 {
            assert_eq!(throttle.attempt("a", UnixMs(90_000)), Ok(()));
        }
        assert_eq!(throttle.attempt("a", UnixMs(90_000)), Err(30_000));
    }

    #[test]
    fn no_wait_is_longer_than_a_quarter_of_an_hour() {
        assert_eq!(wait_ms(4), 0);
        assert_eq!(wait_ms(5), 30_000);
        assert_eq!(wait_ms(u32::MAX), LONGEST_WAIT_MS);
    }

    #[test]
    fn memory_for_tries_is_bounded() {
        let mut throttle = Throttle::default();
        for pair in 0..MAX_PAIRS + 10 {
            let now = UnixMs(i64::try_from(pair).unwrap_or(0));
            assert_eq!(throttle.attempt(&pair.to_string(), now), Ok(()));
        }
        assert!(throttle.0.len() <= MAX_PAIRS);
    }
}
