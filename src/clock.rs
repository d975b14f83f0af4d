//! The one clock: the gateway's time, one tick a second for everything that ages.

use std::time::Duration;

use leptos::prelude::*;
use watchfloor_wire::time::UnixMs;

/// How many of the gateway's times are kept to judge the own clock by.
const OFFSETS_KEPT: usize = 5;
/// How often [`Clock::fast`] ticks.
const FAST_EVERY: Duration = Duration::from_millis(200);

/// The gateway's clock as far as it is known here. A copy is the same clock.
#[derive(Clone, Copy)]
pub struct Clock {
    offset_ms: RwSignal<i64>,
    second: RwSignal<UnixMs>,
    fast: RwSignal<UnixMs>,
    fast_users: StoredValue<u32>,
    offsets_ms: StoredValue<Vec<i64>>,
}

impl Clock {
    /// A clock that follows the device until the gateway's time is known, owned by the current reactive owner.
    #[must_use]
    pub fn new() -> Self {
        let now = UnixMs(device_ms());
        Self {
            offset_ms: RwSignal::new(0),
            second: RwSignal::new(now),
            fast: RwSignal::new(now),
            fast_users: StoredValue::new(0),
            offsets_ms: StoredValue::new(Vec::new()),
        }
    }

    /// The time now; tracked: changes each second.
    #[must_use]
    pub fn now(&self) -> UnixMs {
        self.second.get()
    }

    /// The time of the tick that is being shown, as a signal.
    #[must_use]
    pub fn seconds(&self) -> Signal<UnixMs> {
        self.second.into()
    }

    /// The time now, exactly and untracked.
    #[must_use]
    pub fn now_untracked(&self) -> UnixMs {
        UnixMs(device_ms()).plus_ms(self.offset_ms.get_untracked())
    }

    /// How far the gateway's clock is ahead of this device's, in milliseconds; tracked.
    #[must_use]
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.get()
    }

    /// The time five times a second, for ages below ten seconds. It ticks only while somebody uses it.
    #[must_use]
    pub fn fast(&self) -> Signal<UnixMs> {
        let users = self.fast_users;
        users.update_value(|count| *count += 1);
        on_cleanup(move || {
            // The clock may be gone before its user when the whole page ends.
            let _ = users.try_update_value(|count| *count = count.saturating_sub(1));
        });
        self.fast.into()
    }

    /// Takes the gateway's time as it stood in a message that has just arrived.
    pub(crate) fn heard(&self, server_now: UnixMs) {
        let offset_ms = server_now.0.saturating_sub(device_ms());
        let mut typical = offset_ms;
        self.offsets_ms.update_value(|kept| {
            kept.push(offset_ms);
            if kept.len() > OFFSETS_KEPT {
                kept.remove(0);
            }
            typical = median(kept).unwrap_or(offset_ms);
        });
        if self.offset_ms.get_untracked() != typical {
            self.offset_ms.set(typical);
        }
    }

    /// The device's clock has jumped by so much: the next message decides alone, and until then
    /// [`offset_after_jump`].
    pub(crate) fn jumped(&self, by_ms: i64) {
        self.offsets_ms.update_value(Vec::clear);
        let before_ms = self.offset_ms.get_untracked();
        let offset_ms = offset_after_jump(before_ms, by_ms);
        if offset_ms != before_ms {
            self.offset_ms.set(offset_ms);
        }
    }

    /// Starts the timers, which run as long as the page does.
    pub(crate) fn start(self) {
        self.second.set(self.now_untracked());
        set_interval(
            move || self.second.set(self.now_untracked()),
            Duration::from_secs(1),
        );
        set_interval(
            move || {
                if self.fast_users.get_value() > 0 && !document().hidden() {
                    self.fast.set(self.now_untracked());
                }
            },
            FAST_EVERY,
        );
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// How far the gateway's clock is ahead of a device's that has just jumped by `by_ms`, as far as can be told before
/// the gateway is heard again. A sleep only ever moves the device's clock forward, and rightly so. Backwards it was
/// set: the gateway's went on, and what had passed its time must not look valid again.
#[must_use]
pub const fn offset_after_jump(offset_ms: i64, by_ms: i64) -> i64 {
    if by_ms < 0 {
        offset_ms.saturating_sub(by_ms)
    } else {
        offset_ms
    }
}

/// The middle value; `None` of nothing. One late message must not move every age on the page.
#[must_use]
pub fn median(values: &[i64]) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

/// This device's time, in milliseconds since 1970; may jump.
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970 fit into 53 bits"
)]
pub(crate) fn device_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Milliseconds since the page began; never jumps, may stand still while the device sleeps.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a page's life in milliseconds fits into 53 bits"
)]
pub(crate) fn steady_ms() -> i64 {
    window()
        .performance()
        .map_or_else(device_ms, |it| it.now() as i64)
}

/// The clock of this page.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_clock() -> Clock {
    expect_context::<Clock>()
}

#[cfg(test)]
mod tests {
    use super::{median, offset_after_jump};

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
    fn the_median_of_two_is_the_lower_one() {
        assert_eq!(median(&[7, 3]), Some(3));
        assert_eq!(median(&[]), None);
    }
}
