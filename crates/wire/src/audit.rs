//! The audit: who did what, from what to what, and how far its chain is proved.

use serde::{Deserialize, Serialize};

use crate::time::UnixMs;

/// One row of the audit. Rows are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// Its number, from 1, without gaps.
    pub row: u64,
    /// When.
    pub at: UnixMs,
    /// The account; `gateway` for the gateway itself, `configuration` for what stands in a product's file.
    pub actor: String,
    /// What was done, for example `incident.acknowledge`.
    pub action: String,
    /// To what, for example `incident/12`.
    pub subject: String,
    /// What it changed, from what to what, in the order of the names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<AuditChange>,
    /// What else was written down, by name; what people wrote is `note`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<AuditFact>,
    /// Its hash, which covers every row before it: SHA-256 in lower-case hex.
    pub hash: String,
}

/// What one field was and is. Texts are as they are, everything else is JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditChange {
    /// The field, for example `status`.
    pub field: String,
    /// What it was; `None` when there was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is; `None` when there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// One thing that was written down with a row. A text is as it is, everything else is JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditFact {
    /// Its name, for example `note`.
    pub name: String,
    /// What it is.
    pub value: String,
}

/// How far the chain was walked, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditProof {
    /// Every row up to this one follows from the one before it; 0 when none was looked at yet.
    pub verified_to: u64,
    /// When this row was reached; `None` when none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<UnixMs>,
    /// When the walk that reached it set out from the first row. What was changed behind its back since then shows at
    /// the next walk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<UnixMs>,
    /// The first place where the chain does not hold; `None` when none was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<AuditBreak>,
}

/// Where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditBreak {
    /// The row's number.
    pub row: u64,
    /// What is wrong there, for people.
    pub why: String,
}

/// Answer of `GET /api/monitoring/audit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditPage {
    /// Rows, newest first.
    pub entries: Vec<AuditEntry>,
    /// Where older rows begin: the `before` of the next page. `None` when there are none. One question looks at a
    /// bounded number of rows, so a page can have fewer entries than were asked for, or none, and still go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_before: Option<u64>,
    /// The newest row's number; 0 before the first.
    pub newest: u64,
    /// How far the chain is proved.
    pub proof: AuditProof,
}
