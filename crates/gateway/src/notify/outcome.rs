//! What became of a try, and what that makes of its row.

use watchfloor_wire::notification::NotificationState;
use watchfloor_wire::time::UnixMs;

use super::backoff;
use super::outbox::Notification;

/// The end of one try.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The notification.
    pub id: String,
    /// Which try it was, from 1.
    pub attempt: u32,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// What came of it.
    pub result: Result<(), TryError>,
    /// Chance from 0 to 1, for the pause before the next try.
    pub unit: f64,
}

/// Why a try failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TryError {
    /// What happened, in words without what is secret about the target.
    pub why: String,
    /// False when the next try would fail in the same way.
    pub may_pass: bool,
    /// How long the receiver asked to be left alone, in milliseconds.
    pub retry_after_ms: Option<i64>,
}

impl TryError {
    /// One that may pass.
    #[must_use]
    pub const fn passing(why: String) -> Self {
        Self {
            why,
            may_pass: true,
            retry_after_ms: None,
        }
    }

    /// One that would come again.
    #[must_use]
    pub const fn lasting(why: String) -> Self {
        Self {
            why,
            may_pass: false,
            retry_after_ms: None,
        }
    }
}

/// The row after a try; `None` when the report is not about the try that it is on.
#[must_use]
pub fn after(row: &Notification, report: &Report, now: UnixMs) -> Option<Notification> {
    if row.state != NotificationState::Sending || row.attempts != report.attempt {
        return None;
    }
    let error = match &report.result {
        Ok(()) => {
            let mut row = row.settled(NotificationState::Delivered, "", now);
            row.took_ms = Some(report.took_ms);
            return Some(row);
        }
        Err(error) => error,
    };
    let mut row = row.clone();
    row.failed_at = Some(now);
    row.failure.clone_from(&error.why);
    if let Some(answered) = row.answered.clone() {
        return Some(row.settled(NotificationState::Withdrawn, &answered, now));
    }
    let next = error.may_pass.then(|| {
        let asked_ms = error.retry_after_ms;
        backoff::next_try(row.attempts, row.since, now, asked_ms, report.unit)
    });
    match next.flatten() {
        Some(next_at) => {
            row.state = NotificationState::Waiting;
            row.next_at = next_at;
            row.reason.clone_from(&error.why);
            Some(row)
        }
        None => Some(row.settled(NotificationState::Dead, &error.why, now)),
    }
}
