//! What must be told, as it is written down: one row a notification and channel.

use serde::{Deserialize, Serialize};
use watchfloor_wire::id::{IncidentId, ProductId};
use watchfloor_wire::notification::{self as wire, NotificationKind, NotificationState};
use watchfloor_wire::priority::{Priority, Severity};
use watchfloor_wire::time::UnixMs;

use super::words;

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Its name, the same for every try: made of the incident, its version, what happened and the channel, so that
    /// planning the same change again gives the same row.
    pub id: String,
    /// The channel.
    pub channel: String,
    /// What it tells.
    pub kind: NotificationKind,
    /// What happened to which incident; `None` for a digest and a test.
    pub facts: Option<Facts>,
    /// Who asked for it: the name of the person who pressed the test button.
    pub by_name: Option<String>,
    /// Where it stands.
    pub state: NotificationState,
    /// When it was written down.
    pub at: UnixMs,
    /// From when its time counts: `at`, or when a person sent it again.
    pub since: UnixMs,
    /// How often it was tried since then.
    pub attempts: u32,
    /// When it is due.
    pub next_at: UnixMs,
    /// When a try last failed.
    pub failed_at: Option<UnixMs>,
    /// Why; empty when none did.
    pub failure: String,
    /// When it came to its end.
    pub settled_at: Option<UnixMs>,
    /// How long the delivery took, in milliseconds.
    pub took_ms: Option<i64>,
    /// Why it was not delivered, or not yet.
    pub reason: String,
    /// The digest that it went into.
    pub digest: Option<String>,
    /// Who answered the incident while this was on its way; it is then not tried again.
    pub answered: Option<String>,
}

/// What happened to which incident, as it was then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The incident.
    pub incident: IncidentId,
    /// Its version with this change.
    pub version: u64,
    /// Its product.
    pub product: ProductId,
    /// The product's name for people.
    pub product_name: String,
    /// What is wrong.
    pub title: String,
    /// How soon people must answer.
    pub priority: Priority,
    /// How bad it is.
    pub severity: Severity,
    /// The escalation step; `None` unless one was taken.
    pub step: Option<String>,
    /// Whom the step names; empty when nobody.
    pub contact: String,
    /// Who acknowledged or resolved it; `None` when the gateway did, or nobody.
    pub by_name: Option<String>,
    /// What they wrote.
    pub note: String,
    /// When it was opened.
    pub opened_at: UnixMs,
    /// Until when somebody must have answered.
    pub respond_by: UnixMs,
    /// When this happened.
    pub at: UnixMs,
    /// Where to read what to do.
    pub runbook_url: Option<String>,
}

/// What a transaction does to the outbox.
#[derive(Clone, Debug, PartialEq)]
pub enum OutboxChange {
    /// Adds a row. One that is there already stays as it is.
    Add(Notification),
    /// Writes a row that is there, if it still stands where it was seen; otherwise it is left alone.
    Move {
        /// Where it was seen.
        from: NotificationState,
        /// The row as it is from now on.
        row: Notification,
    },
}

/// A question about the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxQuery {
    /// The row of this id.
    One(String),
    /// What waits for a channel, soonest due first.
    Waiting {
        /// The channel.
        channel: String,
    },
    /// What tells of an incident and has not come to its end, also as a part of a digest.
    Of(IncidentId),
    /// What went into a digest.
    Members(String),
    /// What waits or is on its way, oldest first.
    Unsettled,
    /// What was given up since then, newest first.
    Dead(UnixMs),
    /// Everything, newest first.
    Recent,
    /// What was last delivered on a channel: one row at most.
    LastDelivered(String),
    /// What last failed on a channel: one row at most.
    LastFailed(String),
}

/// The most rows that a question is answered with.
pub const MAX_ROWS: usize = 1_000;

impl Notification {
    /// A row that waits.
    #[must_use]
    pub fn waiting(id: String, channel: &str, kind: NotificationKind, at: UnixMs) -> Self {
        Self {
            id,
            channel: channel.to_owned(),
            kind,
            facts: None,
            by_name: None,
            state: NotificationState::Waiting,
            at,
            since: at,
            attempts: 0,
            next_at: at,
            failed_at: None,
            failure: String::new(),
            settled_at: None,
            took_ms: None,
            reason: String::new(),
            digest: None,
            answered: None,
        }
    }

    /// The incident that it tells of.
    #[must_use]
    pub fn incident(&self) -> Option<IncidentId> {
        self.facts.as_ref().map(|it| it.incident)
    }

    /// The row at its end.
    #[must_use]
    pub fn settled(&self, state: NotificationState, reason: &str, now: UnixMs) -> Self {
        Self {
            state,
            reason: reason.to_owned(),
            settled_at: Some(now),
            ..self.clone()
        }
    }

    /// The move from where the row stands to `row`.
    #[must_use]
    pub const fn moved_to(&self, row: Self) -> OutboxChange {
        OutboxChange::Move {
            from: self.state,
            row,
        }
    }

    /// As people and programs see it.
    #[must_use]
    pub fn for_wire(&self) -> wire::Notification {
        wire::Notification {
            id: self.id.clone(),
            channel: self.channel.clone(),
            kind: self.kind,
            state: self.state,
            incident: self.incident(),
            product: self.facts.as_ref().map(|it| it.product.clone()),
            text: words::line(self),
            at: self.at,
            attempts: self.attempts,
            next_at: (self.state == NotificationState::Waiting).then_some(self.next_at),
            settled_at: self.settled_at,
            took_ms: self.took_ms,
            reason: self.reason.clone(),
        }
    }
}
