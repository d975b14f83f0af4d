//! How long messages take from the gateway to here, so that what is shown has its true age also behind buffers that
//! hold much and give little. Pure.
//!
//! Neither clock says what the other one stands at, and a message is never early: of all differences between the
//! gateway's steady clock and the page's at an arrival, the largest comes from the message that was fastest. What
//! another one is below it, it took longer.

/// The reckoning loses a thousandth of the time that passes, because clocks do not run equally fast: good ones differ
/// by a tenth of that.
const DRIFT: i64 = 1_000;

/// The messages of one connection. All numbers are milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transit {
    fastest: Option<Seen>,
    delay_ms: i64,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The gateway's steady clock less the page's.
    ahead_ms: i64,
    /// When that was, by the page's steady clock.
    at_ms: i64,
}

impl Transit {
    /// A message that was written at `sent_ms` by the gateway's steady clock arrives at `now_ms` by the page's; how
    /// long it took more than the fastest one.
    pub fn arrived(&mut self, sent_ms: i64, now_ms: i64) -> i64 {
        let ahead_ms = sent_ms.saturating_sub(now_ms);
        let before = self.fastest.map(|it| {
            let passed_ms = now_ms.saturating_sub(it.at_ms).max(0);
            it.ahead_ms.saturating_sub(passed_ms / DRIFT)
        });
        match before {
            Some(before_ms) if before_ms > ahead_ms => {
                self.delay_ms = before_ms.saturating_sub(ahead_ms);
            }
            _ => {
                self.delay_ms = 0;
                self.fastest = Some(Seen {
                    ahead_ms,
                    at_ms: now_ms,
                });
            }
        }
        self.delay_ms
    }

    /// How long the newest message with a time in it took more than the fastest one.
    #[must_use]
    pub const fn delay_ms(&self) -> i64 {
        self.delay_ms
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Transit;

    #[test]
    fn what_is_slower_than_the_fastest_is_delayed_by_the_difference() {
        let mut transit = Transit::default();
        for (sent_ms, now_ms, delay_ms) in [
            (1_000_000, 50, 0),
            (1_010_000, 10_050, 0),
            (1_020_000, 27_050, 6_983),
            (1_030_000, 40_000, 9_921),
            (1_040_000, 90_000, 49_871),
        ] {
            assert_eq!(transit.arrived(sent_ms, now_ms), delay_ms, "{sent_ms}");
            assert_eq!(transit.delay_ms(), delay_ms);
        }
    }

    #[test]
    fn a_page_whose_clock_stood_still_in_its_sleep_is_not_late_afterwards() {
        let mut transit = Transit::default();
        assert_eq!(transit.arrived(0, 0), 0);
        assert_eq!(transit.arrived(3_600_000, 5_000), 0);
        assert_eq!(transit.arrived(3_610_000, 15_000), 0);
    }

    #[test]
    fn clocks_that_drift_apart_make_no_delay() {
        let mut transit = Transit::default();
        for ping in 0..10_000 {
            // The page's clock is fast by half a thousandth.
            let delay_ms = transit.arrived(ping * 10_000, ping * 10_005);
            assert!(delay_ms <= 5, "{delay_ms} at {ping}");
        }
    }

    proptest! {
        #[test]
        fn the_delay_is_right_to_what_the_fastest_message_took(
            ahead_ms in -1_000_000_000_000_i64..1_000_000_000_000,
            delays_ms in prop::collection::vec(0_i64..60_000, 1..60),
        ) {
            let (mut transit, mut sent_ms, mut arrived_ms) = (Transit::default(), 0, 0);
            let mut least_ms = i64::MAX;
            for real_ms in delays_ms {
                sent_ms += 10_000;
                // In order: none overtakes the one before it.
                arrived_ms = arrived_ms.max(sent_ms + real_ms);
                let real_ms = arrived_ms - sent_ms;
                least_ms = least_ms.min(real_ms);
                let said_ms = transit.arrived(sent_ms + ahead_ms, arrived_ms);
                let drift_ms = arrived_ms / 1_000 + 60;
                prop_assert!(said_ms <= real_ms - least_ms);
                prop_assert!(said_ms >= real_ms - least_ms - drift_ms, "{said_ms} of {real_ms}");
            }
        }
    }
}
