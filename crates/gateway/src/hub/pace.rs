//! How often a client gets quiet changes. Pure; times are milliseconds of the monotonic clock.
//!
//! The intervals lie on a grid that all clients share: those who stand at the same place then get the same
//! coalesced frame, which is written once. The first change after a rest is sent at once.

use super::page::PageKind;

/// Consoles, and clients of a kind that nobody knows.
const CONSOLE_EVERY_MS: i64 = 100;
/// Walls: nobody reads a number that changes more often from across a room.
const WALL_EVERY_MS: i64 = 500;

/// The pace of one client.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    kind: PageKind,
    /// The interval in which it last got something.
    slot: Option<i64>,
}

impl Pace {
    /// The pace of a client's kind, as its hello names it.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self {
            kind: PageKind::named(kind),
            slot: None,
        }
    }

    /// The client's kind.
    #[must_use]
    pub const fn kind(&self) -> PageKind {
        self.kind
    }

    const fn every_ms(&self) -> i64 {
        match self.kind {
            PageKind::Wall => WALL_EVERY_MS,
            _ => CONSOLE_EVERY_MS,
        }
    }

    /// Whether it may get quiet changes now.
    #[must_use]
    pub fn admits(&self, now_ms: i64) -> bool {
        self.slot
            .is_none_or(|slot| now_ms.div_euclid(self.every_ms()) > slot)
    }

    /// It has got something.
    pub fn sent(&mut self, now_ms: i64) {
        self.slot = Some(now_ms.div_euclid(self.every_ms()));
    }

    /// When it may get more.
    #[must_use]
    pub fn due_ms(&self) -> i64 {
        self.slot.map_or(0, |slot| (slot + 1) * self.every_ms())
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    #[test]
    fn one_frame_an_interval_and_the_first_at_once() {
        for (kind, every_ms) in [("console", 100), ("embed", 100), ("wall", 500), ("?", 100)] {
            let mut pace = Pace::of(kind);
            assert!(pace.admits(0), "{kind}");
            pace.sent(2 * every_ms - 1);
            assert!(!pace.admits(2 * every_ms - 1), "{kind}");
            assert!(pace.admits(2 * every_ms), "{kind}");
            assert_eq!(pace.due_ms(), 2 * every_ms, "{kind}");
        }
    }
}
