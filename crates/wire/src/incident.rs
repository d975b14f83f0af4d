//! An incident: work owned by people.

use serde::{Deserialize, Serialize};

use crate::id::{CheckId, Fingerprint, IncidentId, ProductId};
pub use crate::lease::{Lease, LeaseScope};
use crate::priority::{Priority, Severity};
use crate::time::UnixMs;

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IncidentStatus {
    /// Somebody has it, for a lease.
    Acknowledged,
    /// Over. Never comes back: a new problem is a new incident.
    Resolved,
    /// Nobody has it. Also what an unrecognised status decodes to, because the safe reading is "needs you".
    #[serde(other)]
    Triggered,
}

impl IncidentStatus {
    /// The word that people read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Triggered => "Not acknowledged",
            Self::Acknowledged => "Acknowledged",
            Self::Resolved => "Resolved",
        }
    }
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// Rises by one with each change; goes into `If-Match`.
    pub version: u64,
    /// The product it is about.
    pub product: ProductId,
    /// The check that opened it; `None` for the product as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckId>,
    /// What is wrong, in one line.
    pub title: String,
    /// How soon people must answer.
    pub priority: Priority,
    /// The worst severity among its alerts.
    pub severity: Severity,
    /// Where it stands.
    pub status: IncidentStatus,
    /// When it was opened.
    pub opened_at: UnixMs,
    /// Until when somebody must have answered, by the product's policy.
    pub respond_by: UnixMs,
    /// When it was first acknowledged; `None` when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<UnixMs>,
    /// The alerts behind it that still fire.
    #[serde(default)]
    pub alerts: Vec<Fingerprint>,
    /// Alerts that those behind it brought about, in the order in which they came. They open no incident of their
    /// own while a cause fires.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub symptoms: Vec<Symptom>,
    /// Who has it, until when; `None` unless acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// Who is told when nobody answers, in order.
    #[serde(default)]
    pub escalation: Vec<EscalationStep>,
    /// Who opened it; `None` when an alert did. What a person opened only people end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_by_name: Option<String>,
    /// The checks of incidents that were merged into it: what fires for them joins it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<CheckId>,
    /// Incidents that people say have to do with it, in the order in which they were linked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<IncidentId>,
    /// How it ended; `None` until resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// The chart that shows it best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<crate::id::SeriesId>,
    /// Where to read what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook_url: Option<String>,
    /// When its timeline last got an entry about a notification. Does not move the version: that somebody was told
    /// is no reason to look again before acting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notified_at: Option<UnixMs>,
}

impl Incident {
    /// The first escalation step that has not been taken; `None` when all were, or there is no policy.
    #[must_use]
    pub fn next_step(&self) -> Option<&EscalationStep> {
        self.escalation.iter().find(|step| step.taken_at.is_none())
    }
}

/// An alert that another one brought about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Symptom {
    /// The alert.
    pub alert: Fingerprint,
    /// The check that it is about; `None` for the product as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckId>,
    /// How bad it was at its worst.
    pub severity: Severity,
    /// What was wrong, in one sentence.
    pub summary: String,
    /// Since when it fires, or fired.
    pub since: UnixMs,
    /// When it ended; `None` while it fires, or when it still did as the incident was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UnixMs>,
}

/// One step of the escalation ladder, at an absolute time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EscalationStep {
    /// Its name, for example `Team lead`.
    pub name: String,
    /// Who, for people; empty when the policy names nobody.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
    /// The rotation whose turn decides who that is: from when the step is taken, `contact` is whoever is on call then.
    /// `None` for a step that names its contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_call: Option<String>,
    /// When it is due unless somebody answers before.
    pub due_at: UnixMs,
    /// When it was taken; `None` when it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<UnixMs>,
}

/// How an incident ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resolution {
    /// When.
    pub at: UnixMs,
    /// Who; `None` when its alerts ended by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// What was written; empty when nothing was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The incident in which it goes on, because both were the same; `None` when it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<IncidentId>,
}

/// One thing that happened to an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimelineEntry {
    /// Its place, rising.
    pub id: u64,
    /// When.
    pub at: UnixMs,
    /// What kind of thing.
    pub kind: TimelineKind,
    /// Who did it; `None` for the gateway itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// What happened, in one line.
    pub text: String,
    /// What was written with it; empty when nothing was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Kinds of timeline entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    /// It was opened.
    Opened,
    /// An alert joined, changed or ended.
    Alert,
    /// Somebody took it.
    Acknowledged,
    /// Somebody gave it back, or its lease lapsed.
    Released,
    /// The next step was taken.
    Escalated,
    /// It went to somebody else.
    Assigned,
    /// It ended.
    Resolved,
    /// A deploy of the product while it was open.
    Deploy,
    /// A silence began or ends to mute it.
    Silenced,
    /// Somebody was told of it, or was not, and why.
    Notified,
    /// An acknowledgement was taken back within its seconds.
    Undone,
    /// Its owner holds it for longer.
    Renewed,
    /// It was offered to somebody, or an offer came to its end.
    Offered,
    /// Another incident was merged into it, or it into another.
    Merged,
    /// It was linked to another incident.
    Linked,
    /// What was learned, written once it was over.
    Review,
    /// A comment. Also what an unrecognised kind decodes to.
    #[serde(other)]
    Comment,
}

/// Answer of `GET /api/monitoring/incidents/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IncidentDetail {
    /// The incident as it stands.
    pub incident: Incident,
    /// What happened, newest first, at most 200 entries.
    pub timeline: Vec<TimelineEntry>,
}

/// Answer of `GET /api/monitoring/incidents`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IncidentPage {
    /// Newest first.
    pub incidents: Vec<Incident>,
    /// Hand this in as `before` for the next page; `None` at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_before: Option<u64>,
}
