//! How far the gateway's clock is ahead of this device's. Pure.

use watchfloor_wire::time::UnixMs;

/// How many of the gateway's times are kept to judge the own clock by.
const KEPT: usize = 5;
/// A clock that moved by more than this against a steady one was set, in milliseconds.
const SET_MS: i64 = 1_000;

/// What is known of the gateway's clock. All numbers are milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Offsets {
    kept_ms: Vec<i64>,
    offset_ms: i64,
    /// The gateway's clock less its steady one, which only changes when somebody sets it.
    set_at_ms: Option<i64>,
}

impl Offsets {
    /// How far the gateway's clock is ahead, for all that is known.
    #[must_use]
    pub const fn offset_ms(&self) -> i64 {
        self.offset_ms
    }

    /// The gateway's time as it stood in a message that arrives at `device_ms` and took `delay_ms`; `steady_ms` is the
    /// gateway's steady clock in the same message. Returns the offset from now on.
    pub fn heard(
        &mut self,
        server_now: UnixMs,
        steady_ms: Option<i64>,
        delay_ms: i64,
        device_ms: i64,
    ) -> i64 {
        if let Some(steady_ms) = steady_ms {
            let set_at_ms = server_now.0.saturating_sub(steady_ms);
            let before_ms = self.set_at_ms.replace(set_at_ms);
            if before_ms.is_some_and(|it| it.abs_diff(set_at_ms) > SET_MS.unsigned_abs()) {
                self.kept_ms.clear();
            }
        }
        let now_ms = server_now.0.saturating_add(delay_ms);
        self.kept_ms.push(now_ms.saturating_sub(device_ms));
        if self.kept_ms.len() > KEPT {
            self.kept_ms.remove(0);
        }
        self.offset_ms = median(&self.kept_ms).unwrap_or(self.offset_ms);
        self.offset_ms
    }

    /// The device's clock has jumped by so much: the next message decides alone, and until then
    /// [`offset_after_jump`]. Returns the offset from now on.
    pub fn jumped(&mut self, by_ms: i64) -> i64 {
        self.kept_ms.clear();
        self.offset_ms = offset_after_jump(self.offset_ms, by_ms);
        self.offset_ms
    }
}

/// How far the gateway's clock is ahead of a device's that has just jumped by `by_ms`, as far as can be told before
/// the gateway is heard again. A sleep only ever moves the device's clock forward, and rightly so. Backwards it was
/// set: the gateway's went on, and what had passed its time must not look valid again.
const fn offset_after_jump(offset_ms: i64, by_ms: i64) -> i64 {
    if by_ms < 0 {
        offset_ms.saturating_sub(by_ms)
    } else {
        offset_ms
    }
}

/// The middle value, the higher of two; `None` of nothing. One late message must not move every age on the page, and
/// of two the later one says too little.
fn median(values: &[i64]) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE_MS: i64 = 5_000_000;

    /// What is known after pings in which the gateway's clocks stand so, with how long each took.
    fn after(pings: &[(i64, i64, i64)]) -> Offsets {
        let mut offsets = Offsets::default();
        for (place, (now, steady_ms, delay_ms)) in (0..).zip(pings) {
            let device_ms = DEVICE_MS + place * 10_000;
            offsets.heard(UnixMs(*now), Some(*steady_ms), *delay_ms, device_ms);
        }
        offsets
    }

    #[test]
    fn a_clock_that_is_set_back_takes_the_gateways_time_nowhere() {
        assert_eq!(offset_after_jump(40, -3_600_000), 3_600_040);
        assert_eq!(offset_after_jump(40, 3_600_000), 40);
    }

    #[test]
    fn one_late_message_does_not_move_the_clock() {
        assert_eq!(median(&[20, 25, -9_000, 22, 21]), Some(21));
    }

    #[test]
    fn the_median_of_two_is_the_higher_one() {
        assert_eq!(median(&[7, 3]), Some(7));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn how_long_a_message_took_is_not_taken_for_a_clock_that_is_behind() {
        // Each is written ten seconds after the one before, and takes longer and longer.
        let pings = [0, 9_000, 18_000, 27_000, 36_000]
            .map(|delay_ms| (DEVICE_MS - delay_ms, 1_000 - delay_ms, delay_ms));
        let mut offsets = Offsets::default();
        for (now, steady_ms, delay_ms) in pings {
            assert_eq!(
                offsets.heard(UnixMs(now), Some(steady_ms), delay_ms, DEVICE_MS),
                0
            );
        }
    }

    #[test]
    fn a_gateways_clock_that_is_set_is_followed_with_its_next_message() {
        for step_ms in [3_600_000, -3_600_000, 7_000, -7_000, 1_001, -1_001] {
            let mut pings: Vec<_> = (0..5)
                .map(|it| (DEVICE_MS + it * 10_000, it * 10_000, 0))
                .collect();
            pings.push((DEVICE_MS + 50_000 + step_ms, 50_000, 0));
            assert_eq!(after(&pings).offset_ms(), step_ms);
        }
    }

    #[test]
    fn a_device_whose_clock_jumped_believes_the_next_message_alone() {
        let mut offsets = after(&[(DEVICE_MS, 0, 0); 5]);
        assert_eq!(offsets.jumped(-3_600_000), 3_600_000 - 20_000);
        let heard = offsets.heard(UnixMs(DEVICE_MS), Some(0), 0, DEVICE_MS - 3_600_000);
        assert_eq!(heard, 3_600_000);
    }
}
