//! What evaluation and people change, and what became of it once stored.

use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::Op;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{TimelineEntry, TimelineKind};
use watchfloor_wire::time::UnixMs;

use crate::notify::outbox::OutboxChange;
use crate::on_call::OnCallChange;

/// An entity as it is from now on, or that it is gone.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "changes are moved once, from evaluation to the store"
)]
pub enum Change {
    /// It is now this.
    Upsert(Entity),
    /// It is gone.
    Delete(Key),
}

impl Change {
    /// The key that changes.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Upsert(entity) => entity.key(),
            Self::Delete(key) => key.clone(),
        }
    }
}

/// Everything that one transaction writes: all of it, or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transaction {
    /// Changes in order; each gets the next sequence number and a row of the feed log.
    pub changes: Vec<Change>,
    /// Additions to incidents' timelines, in order.
    pub timeline: Vec<NewTimelineEntry>,
    /// Rows of the audit, in order.
    pub audit: Vec<AuditRow>,
    /// Answers that are kept so that a retry gets the same one.
    pub answers: Vec<KeptAnswer>,
    /// What must be told outside the console, and what became of it.
    pub outbox: Vec<OutboxChange>,
    /// Overrides, and what was read of calendars.
    pub on_call: Vec<OnCallChange>,
}

impl Transaction {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.timeline.is_empty()
            && self.audit.is_empty()
            && self.answers.is_empty()
            && self.outbox.is_empty()
            && self.on_call.is_empty()
    }
}

/// A timeline entry that has no place yet.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTimelineEntry {
    /// The incident.
    pub incident: IncidentId,
    /// When.
    pub at: UnixMs,
    /// What kind of thing.
    pub kind: TimelineKind,
    /// Who; `None` for the gateway itself.
    pub actor_name: Option<String>,
    /// What happened, in one line.
    pub text: String,
    /// What was written with it.
    pub note: String,
}

impl NewTimelineEntry {
    /// The entry once it has its place.
    #[must_use]
    pub fn placed(self, id: u64) -> TimelineEntry {
        let Self {
            at,
            kind,
            actor_name,
            text,
            note,
            ..
        } = self;
        TimelineEntry {
            id,
            at,
            kind,
            actor_name,
            text,
            note,
        }
    }
}

/// One row of the audit. Rows are only ever added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// When.
    pub at: UnixMs,
    /// The account; `gateway` for the gateway itself.
    pub actor: String,
    /// What was done, for example `incident.acknowledge`.
    pub action: String,
    /// To what, for example `incident/12`.
    pub subject: String,
    /// What else matters, as JSON: before and after, never a secret.
    pub detail: String,
}

/// The answer to a request with an idempotency key, kept for 24 hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The account that asked.
    pub actor: String,
    /// The key that it sent.
    pub key: String,
    /// SHA-256 of method, path and body, in hex; another one under the same key is refused.
    pub fingerprint: String,
    /// When it was answered.
    pub at: UnixMs,
    /// The HTTP status.
    pub status: u16,
    /// The body, byte for byte. The last `{{SEQ}}` in it is replaced by the sequence number of the
    /// transaction's last change when it is committed, because only the store knows it. Writers put theirs
    /// behind everything that people wrote, so a note with this text in it stays as it is.
    pub body: String,
}

impl KeptAnswer {
    /// The answer as it is stored: with the sequence number in its place.
    #[must_use]
    pub fn with_seq(&self, seq: u64) -> Self {
        let body = match self.body.rsplit_once("{{SEQ}}") {
            Some((before, after)) => format!("{before}{seq}{after}"),
            None => self.body.clone(),
        };
        Self {
            body,
            ..self.clone()
        }
    }
}

/// What a transaction became.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The head before.
    pub from: u64,
    /// The head after.
    pub to: u64,
    /// The changes with their sequence numbers, ready for frames.
    pub ops: Vec<Op>,
    /// The kept answers as they were stored.
    pub answers: Vec<KeptAnswer>,
}
