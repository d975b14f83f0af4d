//! Whether the gateway's clock was set back, by a clock of this page's that nobody can set. Pure.

use watchfloor_wire::time::UnixMs;

/// A clock that is behind by no more than this was not set, in milliseconds: messages take their time.
const SET_MS: i64 = 1_000;

/// When the gateway was heard last, by both clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetBack {
    heard: Option<(UnixMs, i64)>,
}

impl SetBack {
    /// The gateway's clock shows `now` at `page_ms`, milliseconds of a clock that never jumps and may stand still while
    /// the device sleeps. Returns what it would show had nobody set it back; `None` when nobody has.
    ///
    /// The device's own clock is not asked: when both were set, it would hide the one behind the other.
    pub fn heard(&mut self, now: UnixMs, page_ms: i64) -> Option<UnixMs> {
        let (then, then_ms) = self.heard.replace((now, page_ms))?;
        let due = then.plus_ms(page_ms.saturating_sub(then_ms));
        (due.since_ms(now) > SET_MS).then_some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_went_back_by_more_than_a_second_was_set_back() {
        for (step_ms, due) in [
            (-3_600_000, Some(510_000)),
            (-1_001, Some(510_000)),
            (-1_000, None),
            (0, None),
            (3_600_000, None),
        ] {
            let mut it = SetBack::default();
            assert_eq!(it.heard(UnixMs(500_000), 7), None);
            let found = it.heard(UnixMs(510_000 + step_ms), 10_007);
            assert_eq!(found, due.map(UnixMs), "set by {step_ms} ms");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_is_told_of_once() {
        let mut it = SetBack::default();
        it.heard(UnixMs(500_000), 0);
        assert!(it.heard(UnixMs(410_000), 10_000).is_some());
        assert_eq!(it.heard(UnixMs(420_000), 20_000), None);
    }

    #[test]
    fn a_gateway_that_was_away_for_as_long_as_its_clock_was_set_back_is_found_out() {
        let mut it = SetBack::default();
        it.heard(UnixMs(500_000), 0);
        // Ninety seconds later its clock shows four seconds more.
        assert_eq!(it.heard(UnixMs(504_000), 90_000), Some(UnixMs(590_000)));
    }
}
