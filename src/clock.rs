//! The one clock: the gateway's time, one tick a second for everything that ages.

mod offsets;
mod set_back;

pub use offsets::Offsets;
pub use set_back::SetBack;

use std::time::Duration;

use leptos::prelude::*;
use watchfloor_wire::time::UnixMs;

use crate::lasting::{forget_reader, lasting};

/// How often [`Clock::fast`] ticks.
const FAST_EVERY: Duration = Duration::from_millis(333);

/// The gateway's clock as far as it is known here. A copy is the same clock.
#[derive(Clone, Copy)]
pub struct Clock {
    offset_ms: RwSignal<i64>,
    second: RwSignal<UnixMs>,
    fast: RwSignal<UnixMs>,
    fast_users: StoredValue<u32>,
    offsets: StoredValue<Offsets>,
    set_back: StoredValue<SetBack>,
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
            offsets: StoredValue::new(Offsets::default()),
            set_back: StoredValue::new(SetBack::default()),
        }
    }

    /// The time now; tracked: changes each second.
    #[must_use]
    pub fn now(&self) -> UnixMs {
        forget_reader(&self.second);
        self.second.get()
    }

    /// The time of the tick that is being shown, as a signal.
    #[must_use]
    pub fn seconds(&self) -> Signal<UnixMs> {
        lasting(self.second)
    }

    /// The time now, exactly and untracked.
    #[must_use]
    pub fn now_untracked(&self) -> UnixMs {
        UnixMs(device_ms()).plus_ms(self.offset_ms.get_untracked())
    }

    /// How far the gateway's clock is ahead of this device's, in milliseconds; tracked.
    #[must_use]
    pub fn offset_ms(&self) -> i64 {
        forget_reader(&self.offset_ms);
        self.offset_ms.get()
    }

    /// The time three times a second, for ages below ten seconds. It ticks only while somebody uses it.
    #[must_use]
    pub fn fast(&self) -> Signal<UnixMs> {
        let users = self.fast_users;
        users.update_value(|count| *count += 1);
        on_cleanup(move || {
            // The clock may be gone before its user when the whole page ends.
            let _ = users.try_update_value(|count| *count = count.saturating_sub(1));
        });
        lasting(self.fast)
    }

    /// Takes the gateway's time as it stood in a message that has just arrived and took `delay_ms`, with the gateway's
    /// steady clock in the same message. Returns what the gateway's clock would show had nobody set it back; `None` when
    /// nobody has.
    pub(crate) fn heard(
        &self,
        server_now: UnixMs,
        steady_ms: Option<i64>,
        delay_ms: i64,
    ) -> Option<UnixMs> {
        self.learn(|it| it.heard(server_now, steady_ms, delay_ms, device_ms()));
        let mut set_back = self.set_back.get_value();
        let due = set_back.heard(server_now.plus_ms(delay_ms), self::steady_ms());
        self.set_back.set_value(set_back);
        due
    }

    /// The device's clock has jumped by so much.
    pub(crate) fn jumped(&self, by_ms: i64) {
        self.learn(|it| it.jumped(by_ms));
    }

    fn learn(&self, lesson: impl FnOnce(&mut Offsets) -> i64) {
        let before_ms = self.offset_ms.get_untracked();
        let mut offset_ms = before_ms;
        self.offsets
            .update_value(|offsets| offset_ms = lesson(offsets));
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
