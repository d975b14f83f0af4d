//! The device's clock, which may stand anywhere and jump, and what the page makes of it: the rules of
//! `src/clock.rs` and `src/feed/wake.rs` in a shell without a browser.

use watchfloor_console::clock::{Offsets, SetBack};
use watchfloor_wire::time::UnixMs;

/// How far the clock may drift within a second before it must have jumped, in milliseconds.
const JUMP_MS: i64 = 5_000;

/// The device's clock and what is known of the gateway's.
#[derive(Debug, Default)]
pub struct Device {
    /// How far the device's clock stands from the steady one, in milliseconds.
    pub ahead_ms: i64,
    /// When it was set last, on the monotonic clock.
    pub set_ms: i64,
    watched_ms: i64,
    offsets: Offsets,
    set_back: SetBack,
}

impl Device {
    /// A device whose clock stands there.
    #[must_use]
    pub fn new(ahead_ms: i64) -> Self {
        Self {
            ahead_ms,
            set_ms: i64::MIN / 2,
            watched_ms: ahead_ms,
            ..Self::default()
        }
    }

    /// The gateway's time and its steady clock as they stood in a message that has just arrived and took `delay_ms`.
    /// Returns what the gateway's clock would show had nobody set it back.
    pub fn heard(
        &mut self,
        server_now: UnixMs,
        steady_ms: Option<i64>,
        delay_ms: i64,
        now_ms: i64,
    ) -> Option<UnixMs> {
        let device_ms = now_ms.saturating_add(self.ahead_ms);
        self.offsets
            .heard(server_now, steady_ms, delay_ms, device_ms);
        self.set_back.heard(server_now.plus_ms(delay_ms), now_ms)
    }

    /// The gateway's time as far as the page knows.
    #[must_use]
    pub const fn server_now(&self, now_ms: i64) -> UnixMs {
        UnixMs(now_ms)
            .plus_ms(self.ahead_ms)
            .plus_ms(self.offsets.offset_ms())
    }

    /// Whether it was set and the page, which may have slept, has not looked since.
    #[must_use]
    pub const fn is_unwatched(&self) -> bool {
        self.ahead_ms != self.watched_ms
    }

    /// Looks once a second; true when the clock has jumped since.
    pub fn watch(&mut self) -> bool {
        let before_ms = std::mem::replace(&mut self.watched_ms, self.ahead_ms);
        let by_ms = self.ahead_ms.saturating_sub(before_ms);
        let jumped = by_ms.abs() > JUMP_MS;
        if jumped {
            self.offsets.jumped(by_ms);
        }
        jumped
    }
}
