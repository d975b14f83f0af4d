//! An alert: a rule firing for one label set, machine-made.

use std::collections::BTreeMap;

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
    /// The product's own words about it, for example `team` = `core`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Who looks after what it watches, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Since when nothing can be said of the condition, because no data comes. It then stays as it is: silence is
    /// not health. `None` while data comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_data_since: Option<UnixMs>,
    /// Since when the condition is seen not to hold, while it goes on firing for the time that its rule asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_since: Option<UnixMs>,
    /// While it turns again and again, it is held firing; `None` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flapping: Option<Flapping>,
    /// When its condition turned lately, oldest first: as many instants as its rule needs to tell flapping.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turned_at: Vec<UnixMs>,
}

/// An alert that turns again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Flapping {
    /// Since when it is held firing.
    pub since: UnixMs,
    /// How often it changed within the span when that was last looked at.
    pub changes: u32,
    /// The span, in milliseconds.
    pub within_ms: i64,
}

/// Labels that every alert has, so that no rule may use their names for its own.
pub const OWN_LABELS: [&str; 4] = ["product", "check", "rule", "severity"];

impl Alert {
    /// A label of the alert: one of [`OWN_LABELS`], or one of its rule's. The check goes by its name within the
    /// product. `None` when it has no such label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        match name {
            "product" => Some(self.product.as_str()),
            "check" => self.check_name(),
            "rule" => Some(&self.rule),
            "severity" => Some(self.severity.word()),
            _ => self.labels.get(name).map(String::as_str),
        }
    }

    fn check_name(&self) -> Option<&str> {
        let check = self.check.as_ref()?.as_str();
        let within = check.strip_prefix(self.product.as_str());
        Some(within.and_then(|it| it.strip_prefix('.')).unwrap_or(check))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn labels_are_the_alerts_own_and_its_rules() {
        let json = r#"{"fingerprint":"f","product":"shop","check":"shop.api","rule":"slow","severity":"high",
            "state":"firing","summary":"s","since":0,"labels":{"team":"core"}}"#;
        let alert: Alert = serde_json::from_str(json).unwrap();
        let found = |name| alert.label(name);
        assert_eq!(found("product"), Some("shop"));
        assert_eq!(found("check"), Some("api"));
        assert_eq!(found("rule"), Some("slow"));
        assert_eq!(found("severity"), Some("high"));
        assert_eq!(found("team"), Some("core"));
        assert_eq!(found("region"), None);
    }
}
