//! Counts over the last hour, by minute.

use watchfloor_wire::time::{MINUTE_MS, UnixMs};

const MINUTES: usize = 60;

/// How many there were within the last 60 minutes, the running one included.
#[derive(Debug)]
pub struct LastHour {
    counts: [u64; MINUTES],
    minute: i64,
}

impl Default for LastHour {
    fn default() -> Self {
        Self {
            counts: [0; MINUTES],
            minute: 0,
        }
    }
}

impl LastHour {
    /// Counts `more` at `now`.
    pub fn add(&mut self, more: u64, now: UnixMs) {
        let place = self.forward(now);
        self.counts[place] = self.counts[place].saturating_add(more);
    }

    /// The sum at `now`.
    pub fn sum(&mut self, now: UnixMs) -> u64 {
        self.forward(now);
        self.counts
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Empties the minutes that have passed since, and returns the running one's place. A clock that steps
    /// back counts into the minute where it stood.
    fn forward(&mut self, now: UnixMs) -> usize {
        let minute = now.0.div_euclid(MINUTE_MS).max(self.minute);
        let passed = usize::try_from(minute - self.minute)
            .unwrap_or(MINUTES)
            .min(MINUTES);
        for step in 0..passed {
            let behind = i64::try_from(step).unwrap_or(0);
            self.counts[place(minute - behind)] = 0;
        }
        self.minute = minute;
        place(minute)
    }
}

fn place(minute: i64) -> usize {
    usize::try_from(minute.rem_euclid(60)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_an_hour_no_longer_counts() {
        let mut counts = LastHour::default();
        let at = |minute: i64| UnixMs(29_000_000 * MINUTE_MS + minute * MINUTE_MS);
        counts.add(2, at(0));
        counts.add(3, at(30));
        assert_eq!(counts.sum(at(59)), 5);
        assert_eq!(counts.sum(at(60)), 3);
        assert_eq!(counts.sum(at(89)), 3);
        assert_eq!(counts.sum(at(90)), 0);
        counts.add(1, at(500));
        counts.add(1, at(400));
        assert_eq!(counts.sum(at(500)), 2);
    }
}
