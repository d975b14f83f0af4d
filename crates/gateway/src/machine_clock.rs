//! How far the wall clock is ahead of the machine's own time, which nobody can set: by the difference it shows that the
//! wall clock was set, also while no gateway ran.

use std::sync::OnceLock;

use watchfloor_wire::time::UnixMs;

/// Seconds since the machine was switched on, sleep included, and a second figure that is not used.
const UP_FILE: &str = "/proc/uptime";
/// Which switching-on it was.
const BOOT_FILE: &str = "/proc/sys/kernel/random/boot_id";
/// Wall clocks are steered by small steps all the time; one of up to this span, in milliseconds, is not worth writing
/// down.
const NOTED_FROM_MS: u64 = 500;
/// A wall clock that went back by more than this, in milliseconds, was set.
const SET_MS: i64 = 1_000;

/// Where the wall clock stood against the machine's own time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineClock {
    /// Which switching-on of the machine that time is counted from.
    pub boot: String,
    /// How far the wall clock is ahead of it, in milliseconds.
    pub ahead_ms: i64,
}

impl MachineClock {
    /// Where it stands when the wall clock shows `now`; `None` where the system does not tell: only Linux does.
    #[must_use]
    pub fn read(now: UnixMs) -> Option<Self> {
        let boot = boot()?.to_owned();
        let up_ms = up_ms(&std::fs::read_to_string(UP_FILE).ok()?)?;
        Some(Self {
            boot,
            ahead_ms: now.0.saturating_sub(up_ms),
        })
    }

    /// By how much the wall clock was set back since it stood as `before`, in milliseconds; 0 when it was not, and when
    /// the machine was switched on again since, because then nobody knows.
    #[must_use]
    pub fn set_back_since_ms(&self, before: &Self) -> i64 {
        let back_ms = before.ahead_ms.saturating_sub(self.ahead_ms);
        if self.boot == before.boot && back_ms > SET_MS {
            back_ms
        } else {
            0
        }
    }

    /// Whether this is worth writing down where `noted` is what was written last.
    #[must_use]
    pub fn is_news(&self, noted: Option<&Self>) -> bool {
        noted.is_none_or(|noted| {
            self.boot != noted.boot || self.ahead_ms.abs_diff(noted.ahead_ms) > NOTED_FROM_MS
        })
    }
}

/// Which switching-on this process lives in; it is asked for once, because no process outlives one.
fn boot() -> Option<&'static str> {
    static BOOT: OnceLock<Option<String>> = OnceLock::new();
    let read = || {
        let text = std::fs::read_to_string(BOOT_FILE).ok()?;
        Some(text.trim().to_owned())
    };
    BOOT.get_or_init(read).as_deref()
}

/// The first figure of `12345.67 23456.78`, in milliseconds.
fn up_ms(text: &str) -> Option<i64> {
    let (seconds, hundredths) = text.split_whitespace().next()?.split_once('.')?;
    let hundredths: i64 = hundredths.get(..2)?.parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    seconds.checked_mul(1_000)?.checked_add(hundredths * 10)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn ahead(boot: &str, ahead_ms: i64) -> MachineClock {
        MachineClock {
            boot: boot.to_owned(),
            ahead_ms,
        }
    }

    #[test]
    fn the_time_since_the_start_is_read_to_the_hundredth() {
        for (text, ms) in [
            ("12345.67 23456.78\n", Some(12_345_670)),
            ("0.05 0.00", Some(50)),
            ("12345 1", None),
            ("", None),
            ("x.yz", None),
            ("1.2", None),
        ] {
            assert_eq!(up_ms(text), ms, "{text:?}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_shows_unless_the_machine_was_switched_on_since() {
        for (before, now, back_ms) in [
            (ahead("a", 90_000), ahead("a", 0), 90_000),
            (ahead("a", 1_001), ahead("a", 0), 1_001),
            (ahead("a", 1_000), ahead("a", 0), 0),
            (ahead("a", 0), ahead("a", 90_000), 0),
            (ahead("a", 90_000), ahead("b", 0), 0),
        ] {
            assert_eq!(
                now.set_back_since_ms(&before),
                back_ms,
                "{before:?} {now:?}"
            );
        }
    }

    #[test]
    fn only_what_differs_by_more_than_half_a_second_is_news() {
        let it = ahead("a", 1_000);
        assert!(it.is_news(None));
        assert!(!it.is_news(Some(&ahead("a", 1_500))));
        assert!(it.is_news(Some(&ahead("a", 1_501))));
        assert!(it.is_news(Some(&ahead("b", 1_000))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells() {
        let now = UnixMs(1_800_000_000_000);
        let it = MachineClock::read(now).unwrap();
        assert!(!it.boot.is_empty() && it.ahead_ms < now.0);
    }
}
