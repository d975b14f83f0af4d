//! How punctual the page is: its seconds come late when its one thread has too much to do. Pure.

use watchfloor_wire::time::SECOND_MS;

/// The seconds of the page since its last pong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seconds {
    last_ms: Option<i64>,
    latest_ms: Option<i64>,
}

impl Seconds {
    /// A second came at `now_ms` of a clock that never goes back. While the page is hidden a browser holds seconds back
    /// as it likes, and the first one after that has waited for nothing of ours.
    pub fn came(&mut self, now_ms: i64, is_hidden: bool) {
        if is_hidden {
            *self = Self::default();
            return;
        }
        if let Some(last_ms) = self.last_ms.replace(now_ms) {
            let late_ms = (now_ms - last_ms - SECOND_MS).max(0);
            self.latest_ms = self.latest_ms.max(Some(late_ms));
        }
    }

    /// How late the latest second came since this was asked last, in milliseconds; `None` when none was awaited.
    pub fn take_late_ms(&mut self) -> Option<u32> {
        let latest_ms = self.latest_ms.take()?;
        Some(u32::try_from(latest_ms).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::Seconds;

    #[test]
    fn the_latest_second_since_the_last_pong_counts_and_hidden_ones_do_not() {
        let mut seconds = Seconds::default();
        assert_eq!(seconds.take_late_ms(), None);
        for at in [10_000, 11_000, 12_700, 13_650] {
            seconds.came(at, false);
        }
        assert_eq!(seconds.take_late_ms(), Some(700));
        assert_eq!(seconds.take_late_ms(), None);
        seconds.came(14_650, false);
        assert_eq!(seconds.take_late_ms(), Some(0));
        for (at, is_hidden) in [(75_000, true), (135_000, false), (136_010, false)] {
            seconds.came(at, is_hidden);
        }
        assert_eq!(seconds.take_late_ms(), Some(10));
    }
}
