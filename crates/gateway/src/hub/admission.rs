//! How many clients are let in a second. After a restart all of them come at once; what they need is spread over
//! time, so that those who are in already, and those who act, are served meanwhile. Pure.

/// Nobody is asked to wait longer, in milliseconds: a client that waits this long is as good as lost.
const MAX_WAIT_MS: i64 = 30_000;
/// Nobody is asked to wait less, in milliseconds.
const MIN_WAIT_MS: i64 = 1_000;
/// Waits are spread by up to this much, in milliseconds.
const SPREAD_MS: u64 = 1_000;

/// Lets in so many a second, and as many at once after a rest.
#[derive(Clone, Debug)]
pub struct Admission {
    per_s: f64,
    tokens: f64,
    at_ms: i64,
    /// When the last of those who were put off will have been let in.
    queue_ends_ms: f64,
}

impl Admission {
    /// `per_s` clients a second, at least one.
    #[must_use]
    pub fn new(per_s: u32, now_ms: i64) -> Self {
        let per_s = f64::from(per_s.max(1));
        Self {
            per_s,
            tokens: per_s,
            at_ms: now_ms,
            queue_ends_ms: 0.0,
        }
    }

    /// Lets one in, at `now_ms` of a clock that only grows.
    ///
    /// # Errors
    /// After how many milliseconds it may come again. Each that is put off is told a later instant than the one
    /// before, so that they come back at the pace at which they can be let in; `random` spreads them besides.
    pub fn enter(&mut self, now_ms: i64, random: u64) -> Result<(), i64> {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 ms")]
        let (now, since) = (now_ms as f64, (now_ms - self.at_ms).max(0) as f64);
        self.at_ms = now_ms;
        self.tokens = (self.tokens + since * self.per_s / 1_000.0).min(self.per_s);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        self.queue_ends_ms = self.queue_ends_ms.max(now) + 1_000.0 / self.per_s;
        #[expect(clippy::cast_possible_truncation, reason = "far below 2^52 ms")]
        let turn_ms = (self.queue_ends_ms - now) as i64;
        let spread_ms = i64::try_from(random % SPREAD_MS).unwrap_or(0);
        if turn_ms >= MAX_WAIT_MS {
            // The queue is longer than anybody waits: the rest comes back spread over all of it.
            self.queue_ends_ms = now + 1_000.0;
        }
        Err((turn_ms.max(MIN_WAIT_MS) + spread_ms).min(MAX_WAIT_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::{Admission, MAX_WAIT_MS, MIN_WAIT_MS};

    #[test]
    fn a_second_holds_as_many_as_are_allowed() {
        let mut admission = Admission::new(500, 0);
        let entered = |admission: &mut Admission, now_ms| {
            (0..1_000)
                .filter(|_| admission.enter(now_ms, 0).is_ok())
                .count()
        };
        assert_eq!(entered(&mut admission, 0), 500);
        assert_eq!(entered(&mut admission, 0), 0);
        assert_eq!(entered(&mut admission, 100), 50);
        assert_eq!(entered(&mut admission, 10_000), 500);
    }

    #[test]
    fn who_is_put_off_comes_back_at_the_pace_at_which_there_is_room() {
        let mut admission = Admission::new(100, 0);
        let waits: Vec<i64> = (0..1_100)
            .filter_map(|n| admission.enter(0, n * 7_919).err())
            .collect();
        assert_eq!(waits.len(), 1_000);
        assert!(
            waits
                .iter()
                .all(|it| (MIN_WAIT_MS..=MAX_WAIT_MS).contains(it))
        );
        for second in 2_i64..9 {
            let window = second * 1_000..(second + 1) * 1_000;
            let count = waits.iter().filter(|it| window.contains(*it)).count();
            assert!((60..=140).contains(&count), "{count} in second {second}");
        }
    }

    #[test]
    fn nobody_waits_longer_than_half_a_minute() {
        let mut admission = Admission::new(1, 0);
        for n in 0..1_000 {
            if let Err(wait_ms) = admission.enter(0, n) {
                assert!(wait_ms <= MAX_WAIT_MS, "{wait_ms}");
            }
        }
    }
}
