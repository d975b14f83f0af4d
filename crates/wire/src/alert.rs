//! An alert: a rule firing for one label set, machine-made.

use serde::{Deserialize, Serialize};

use crate::id::{CheckId, Fingerprint, IncidentId, ProductId};
use crate::priority::Severity;
use crate::series::Measurement;
use crate::time::UnixMs;

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// The condition holds, but not yet for as long as the rule asks.
    Pending,
    /// The condition no longer holds.
    Resolved,
    /// The condition has held long enough. Also what an unrecognised state decodes to.
    #[serde(other)]
    Firing,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alert {
    /// Its identity across re-fires.
    pub fingerprint: Fingerprint,
    /// The product it is about.
    pub product: ProductId,
    /// The check it is about; `None` for the product as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckId>,
    /// The name of the rule.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// Where it stands.
    pub state: AlertState,
    /// What is wrong, in one sentence.
    pub summary: String,
    /// The value that the rule judged; `None` when a check's own answer is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Measurement>,
    /// The limit that was crossed, in the value's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// When the condition began to hold.
    pub since: UnixMs,
    /// When it began to fire; `None` while pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firing_since: Option<UnixMs>,
    /// Where to read what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook_url: Option<String>,
    /// The incident that it opened or joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
}
