//! One file a product.

use std::collections::BTreeMap;

use serde::Deserialize;
use watchfloor_wire::notification::NotificationKind;
use watchfloor_wire::priority::{Priority, Severity};
use watchfloor_wire::product::{ChartKind, Levels};
use watchfloor_wire::series::Statistic;

use super::acknowledge::NoteRule;
use super::inhibit::InhibitConfig;
use super::maintenance::MaintenanceConfig;
use super::probe::ProbeConfig;
use super::rule::{FlappingConfig, RuleConfig};
use super::span::Span;

/// A product's file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductConfig {
    /// Its name in keys and addresses: lower-case letters, digits and `-`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The promised uptime, 0 to 1, for example 0.999. None: no promise.
    #[serde(default)]
    pub uptime_target_ratio: Option<f64>,
    /// The environment variable that holds the key for the product's ingest routes. None: nothing may be sent in.
    #[serde(default)]
    pub ingest_key_env: Option<String>,
    /// Keys whose values are redacted in logs and errors, besides the built-in ones.
    #[serde(default)]
    pub redact_keys: Vec<String>,
    /// Which priority an incident gets from the severity of its worst alert. Missing severities open no incident.
    #[serde(default)]
    pub priority: BTreeMap<SeverityName, Priority>,
    /// Whether an acknowledgement needs a note: `required`, unless this says `optional`.
    #[serde(default)]
    pub acknowledge_note: NoteRule,
    /// What each priority asks of people.
    #[serde(default)]
    pub response: BTreeMap<PriorityName, ResponseConfig>,
    /// What is probed.
    #[serde(default, rename = "probe")]
    pub probes: Vec<ProbeConfig>,
    /// Metrics that the product sends in; `[[pushed]]`.
    #[serde(default, rename = "pushed")]
    pub pushed: Vec<PushedConfig>,
    /// When alerts fire.
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleConfig>,
    /// When an alert that turns again and again is damped.
    #[serde(default)]
    pub flapping: FlappingConfig,
    /// Which alerts bring about which others.
    #[serde(default, rename = "inhibit")]
    pub inhibits: Vec<InhibitConfig>,
    /// What is promised.
    #[serde(default, rename = "target")]
    pub targets: Vec<TargetConfig>,
    /// What the overview draws.
    #[serde(default, rename = "chart")]
    pub charts: Vec<ChartConfig>,
    /// When nobody is told because work is announced.
    #[serde(default)]
    pub maintenance: Vec<MaintenanceConfig>,
}

/// A severity as a key in TOML.
pub type SeverityName = String;
/// A priority as a key in TOML.
pub type PriorityName = String;

impl ProductConfig {
    /// The priority for a severity; `None` opens no incident.
    #[must_use]
    pub fn priority_of(&self, severity: Severity) -> Option<Priority> {
        self.priority.get(severity.word()).copied()
    }

    /// What a priority asks of people; `None` when the policy says nothing of it.
    #[must_use]
    pub fn response_to(&self, priority: Priority) -> Option<&ResponseConfig> {
        self.response.get(&priority.to_string())
    }
}

/// What a priority asks of people.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseConfig {
    /// Somebody must have answered within this time.
    pub respond_within: Span,
    /// How long an acknowledgement lasts when nothing else is chosen: one minute to seven days. None: the usual.
    #[serde(default)]
    pub lease: Option<Span>,
    /// The spans that the form offers; the default is always among them. Empty: the usual ones.
    #[serde(default)]
    pub lease_choices: Vec<Span>,
    /// Who is told, in order of `after`.
    #[serde(default)]
    pub escalation: Vec<EscalationConfig>,
    /// The channels that are told of such incidents. Default: none.
    #[serde(default)]
    pub channels: Vec<String>,
    /// What they are told. Default: everything but acknowledgements.
    #[serde(default)]
    pub tell: Option<Vec<NotificationKind>>,
}

impl ResponseConfig {
    /// Whether the policy wants this to be told.
    #[must_use]
    pub fn tells(&self, kind: NotificationKind) -> bool {
        match &self.tell {
            Some(kinds) => kinds.contains(&kind),
            None => kind != NotificationKind::Acknowledged,
        }
    }
}

/// One step of the ladder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationConfig {
    /// How long after the incident was opened.
    pub after: Span,
    /// The step's name, for example `Team lead`.
    pub name: String,
    /// Who, for people.
    #[serde(default)]
    pub contact: String,
    /// Instead of a contact: the rotation of which whoever is on call is told when the step is taken.
    #[serde(default)]
    pub on_call: Option<String>,
    /// The channels that are told of this step. Default: those of the priority.
    #[serde(default)]
    pub channels: Option<Vec<String>>,
}

/// A metric that the product sends in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushedConfig {
    /// The check it belongs to; made with this name when no probe makes it.
    pub check: String,
    /// The check's name for people.
    #[serde(default)]
    pub title: Option<String>,
    /// The metric.
    pub metric: String,
    /// Its unit.
    pub unit: watchfloor_wire::series::Unit,
    /// Its statistic.
    #[serde(default)]
    pub statistic: Option<Statistic>,
    /// How often a point is expected; without one for two of these and 5 s, the check is unknown.
    pub every: Span,
    /// Whether it is the value on the check's tile.
    #[serde(default)]
    pub headline: bool,
}

/// A promise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetConfig {
    /// Its name for people.
    pub name: String,
    /// The check.
    pub check: String,
    /// The metric.
    pub metric: String,
    /// Which statistic of it.
    pub statistic: Statistic,
    /// Over how long.
    pub window: Span,
    /// The limit, in the metric's unit.
    pub threshold: f64,
    /// True when values must stay above it.
    #[serde(default)]
    pub at_least: bool,
    /// Why no rule fires although the promise is broken, where that is meant. None: a rule fires in time.
    #[serde(default)]
    pub blind_band: Option<String>,
}

/// A chart of the overview.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartConfig {
    /// Which of the three.
    pub kind: ChartKind,
    /// The check.
    pub check: String,
    /// The metric.
    pub metric: String,
    /// The title.
    pub title: String,
    /// What the number is of.
    #[serde(default)]
    pub note: String,
    /// Lines to judge it by.
    #[serde(default)]
    pub levels: Levels,
}
