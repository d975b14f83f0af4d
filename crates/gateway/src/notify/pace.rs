//! How fast a channel is told. In a storm its notifications go into one digest, so that the next message is read.

use std::collections::VecDeque;

use watchfloor_wire::notification::NotificationKind;
use watchfloor_wire::time::MINUTE_MS;

use super::outbox::Notification;

/// The most notifications of a digest; what is more goes into the next one.
pub const MAX_DIGEST: usize = 200;

/// What a channel was told within the last minute.
#[derive(Clone, Debug)]
pub struct Pace {
    per_minute: usize,
    sent_ms: VecDeque<i64>,
}

/// What is sent next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing is due.
    Nothing,
    /// This one.
    One(String),
    /// These together.
    Digest(Vec<String>),
    /// Nothing before this long has passed, in milliseconds.
    Wait(i64),
}

impl Pace {
    /// At most so many messages a minute, at least one.
    #[must_use]
    pub fn new(per_minute: usize) -> Self {
        Self {
            per_minute: per_minute.max(1),
            sent_ms: VecDeque::new(),
        }
    }

    /// A message was sent at this instant of a clock that only grows.
    pub fn sent(&mut self, at_ms: i64) {
        self.sent_ms.push_back(at_ms);
    }

    /// What is sent next out of what is due, which is in order. A test goes first and at once: somebody waits for it.
    /// A digest that is tried again, and whatever else there is room for, goes by itself; when more is due than there
    /// is room for, the rest goes into one digest.
    pub fn next(&mut self, due: &[Notification], now_ms: i64) -> Next {
        let over = |at: &i64| now_ms.saturating_sub(*at) >= MINUTE_MS;
        while self.sent_ms.front().is_some_and(over) {
            self.sent_ms.pop_front();
        }
        if let Some(test) = due.iter().find(|it| it.kind == NotificationKind::Test) {
            return Next::One(test.id.clone());
        }
        let Some(first) = due.first() else {
            return Next::Nothing;
        };
        let room = self.per_minute.saturating_sub(self.sent_ms.len());
        if room == 0 {
            let oldest = self.sent_ms.front().copied().unwrap_or(now_ms);
            return Next::Wait((oldest + MINUTE_MS - now_ms).max(1));
        }
        let singles = due.iter().filter(|it| it.kind != NotificationKind::Digest);
        let alone = first.kind == NotificationKind::Digest || singles.clone().count() < 2;
        // The last message that there is room for holds everything that is left.
        if room > 1 || alone {
            return Next::One(first.id.clone());
        }
        let ids = singles.take(MAX_DIGEST).map(|it| it.id.clone());
        Next::Digest(ids.collect())
    }
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
