//! When alerts fire.

use serde::Deserialize;
use watchfloor_wire::priority::Severity;
use watchfloor_wire::status::Status;

use super::span::Span;

/// A rule. It judges either a metric (`metric` with `above` or `below`, or `absent`) or a check's own verdict
/// (`status`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// Its name, unique within the product.
    pub name: String,
    /// The check; `*` for each check of the product (only with `status`).
    pub check: String,
    /// The metric it judges.
    #[serde(default)]
    pub metric: Option<String>,
    /// Which statistic of the window. Default `avg`.
    #[serde(default)]
    pub statistic: RuleStatistic,
    /// The window. Default 1 min.
    #[serde(default = "default_window")]
    pub window: Span,
    /// Fires above this.
    #[serde(default)]
    pub above: Option<f64>,
    /// Fires below this.
    #[serde(default)]
    pub below: Option<f64>,
    /// Stops firing only past this (hysteresis): at or below it for `above`, at or above it for `below`.
    /// Default: the limit itself.
    #[serde(default)]
    pub clear: Option<f64>,
    /// Fires while the check's own verdict is this.
    #[serde(default)]
    pub status: Option<Status>,
    /// How long the condition must hold first. Default 0.
    #[serde(default, rename = "for")]
    pub hold: Span,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence; `{value}` and `{threshold}` are filled in. Default: made from the names.
    #[serde(default)]
    pub summary: Option<String>,
    /// Where to read what to do.
    #[serde(default)]
    pub runbook: Option<String>,
}

const fn default_window() -> Span {
    Span::seconds(60)
}

/// What a rule makes of its window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleStatistic {
    /// Mean.
    #[default]
    Avg,
    /// 95 of 100 are below.
    P95,
    /// Largest.
    Max,
    /// Newest.
    Last,
    /// Fires when the window holds no value at all.
    Absent,
}
