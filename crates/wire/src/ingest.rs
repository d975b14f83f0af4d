//! What products send in. Unknown fields are ignored. A document is refused as a whole, with the place of the
//! first event that is wrong, so that its source can send it again once mended; of a body with one event a line,
//! only the lines that are wrong are refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::series::Unit;

/// Body of `POST /api/monitoring/ingest/logs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogBatch {
    /// Up to 10,000 lines.
    pub lines: Vec<LogEvent>,
}

/// One log line as it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogEvent {
    /// When, as RFC 3339 (without zone it is taken as UTC) or milliseconds since the epoch; missing: on arrival.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<When>,
    /// `debug`, `info`, `warn` (or `warning`), `error` (or `fatal`, `critical`); missing: `info`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The part of the product.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// What it says.
    pub message: String,
    /// What came with it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, serde_json::Value>,
}

/// An instant as sources write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum When {
    /// Milliseconds since the epoch.
    Ms(i64),
    /// RFC 3339, or the same without a zone (UTC).
    Text(String),
}

/// Body of `POST /api/monitoring/ingest/errors`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorBatch {
    /// Up to 10,000 events.
    pub errors: Vec<ErrorEvent>,
}

/// One error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorEvent {
    /// As in [`LogEvent::at`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<When>,
    /// The part of the product.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// The exception's type, for example `PoolTimeout`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error_type: String,
    /// What it says.
    pub message: String,
    /// The stack, innermost frame first, one frame an entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<String>,
    /// `network`, `authentication`, `database`, …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// `critical`, `page` or `component`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub boundary: String,
    /// The version that was running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What came with it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, serde_json::Value>,
}

/// Body of `POST /api/monitoring/ingest/metrics`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MetricBatch {
    /// Up to 10,000 points.
    pub points: Vec<MetricPoint>,
}

/// One measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MetricPoint {
    /// As in [`LogEvent::at`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<When>,
    /// The check and metric, `<check>.<metric>`; the product is the source's own.
    pub name: String,
    /// The value; must be finite.
    pub value: f64,
    /// The unit; must be the configured one.
    pub unit: Unit,
}

/// Body of `POST /api/monitoring/ingest/deploys`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeployEvent {
    /// As in [`LogEvent::at`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<When>,
    /// `deploy` (the default) or `rollback`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The version that is running after it; may be missing in a rollback notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `completed` (the default), `started` or `failed`; only completed ones are marked on charts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What it was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Answer of every ingest route that took a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ingested {
    /// How many events were taken.
    pub accepted: u64,
    /// How many were not, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<String, u64>,
    /// How many values were redacted before they were stored.
    pub redacted: u64,
    /// The first 100 of the refused events, where each had a line of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_lines: Vec<RefusedLine>,
}

/// A line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedLine {
    /// Its number, from 1; empty lines count.
    pub line: u64,
    /// Why not.
    pub text: String,
}
