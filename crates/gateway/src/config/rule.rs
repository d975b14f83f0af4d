//! When alerts fire.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use watchfloor_wire::priority::Severity;
use watchfloor_wire::status::Status;

use super::span::Span;

/// A rule. It judges a metric (`metric` with `above` or `below`), a check's own verdict (`status`), or silence
/// (`statistic = "absent"`, of a metric or of a whole check).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// Its name, unique within the product.
    pub name: String,
    /// The check; `*` for each check of the product (only without `metric`).
    pub check: String,
    /// The metric it judges.
    #[serde(default)]
    pub metric: Option<String>,
    /// What `metric` is a part of, of the same check: `statistic = "ratio"` divides their sums.
    #[serde(default)]
    pub of: Option<String>,
    /// Which statistic of the window. Default `avg`.
    #[serde(default)]
    pub statistic: RuleStatistic,
    /// The window. Default 1 min.
    #[serde(default = "default_window")]
    pub window: Span,
    /// For `absent`: how long after the gateway's start silence is no reason yet. Default: the window.
    #[serde(default)]
    pub grace: Option<Span>,
    /// Fires above this: one limit, or one a severity.
    #[serde(default)]
    pub above: Option<Limits>,
    /// Fires below this: one limit, or one a severity.
    #[serde(default)]
    pub below: Option<Limits>,
    /// Stops firing only past this (hysteresis): at or below it for `above`, at or above it for `below`.
    /// Default: the limit itself.
    #[serde(default)]
    pub clear: Option<Limits>,
    /// Fires while the check's own verdict is this.
    #[serde(default)]
    pub status: Option<Status>,
    /// How long the condition must hold first. Default 0.
    #[serde(default, rename = "for")]
    pub hold: Span,
    /// How long the condition must be seen not to hold before the alert ends. Default 0.
    #[serde(default)]
    pub keep_firing_for: Span,
    /// How bad it is; left out when the limits are given by severity.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// One sentence; `{value}` and `{threshold}` are filled in. Default: made from the names.
    #[serde(default)]
    pub summary: Option<String>,
    /// Where to read what to do.
    #[serde(default)]
    pub runbook: Option<String>,
    /// Who looks after what it watches, for people.
    #[serde(default)]
    pub owner: Option<String>,
    /// Words of the product's own, shown with the alert and matched by `[[inhibit]]`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

impl RuleConfig {
    /// Its severities, the worst first; empty when it names none, which the configuration's check refuses.
    #[must_use]
    pub fn severities(&self) -> Vec<Severity> {
        let by_severity = [&self.above, &self.below]
            .into_iter()
            .flatten()
            .find_map(Limits::severities);
        let mut all = by_severity.unwrap_or_else(|| self.severity.into_iter().collect());
        all.sort_unstable();
        all
    }
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
    /// Half are below.
    P50,
    /// 95 of 100 are below.
    P95,
    /// 99 of 100 are below.
    P99,
    /// Largest.
    Max,
    /// Smallest.
    Min,
    /// The sum of `metric` over the sum of `of`.
    Ratio,
    /// Newest.
    Last,
    /// Fires when the window holds no value at all.
    Absent,
}

/// One limit for the rule's one severity, or one for each of several: `0.05`, or
/// `{ warning = 0.01, critical = 0.05 }`.
#[derive(Clone, Debug, PartialEq)]
pub enum Limits {
    /// For the rule's `severity`.
    One(f64),
    /// By severity, as written.
    BySeverity(BTreeMap<String, f64>),
}

impl Limits {
    /// The limit of a severity; `None` when there is none for it.
    #[must_use]
    pub fn of(&self, severity: Severity) -> Option<f64> {
        match self {
            Self::One(limit) => Some(*limit),
            Self::BySeverity(limits) => limits.get(severity.word()).copied(),
        }
    }

    /// The severities that it names; `None` when it names none.
    #[must_use]
    pub fn severities(&self) -> Option<Vec<Severity>> {
        let Self::BySeverity(limits) = self else {
            return None;
        };
        let known = [
            Severity::Critical,
            Severity::High,
            Severity::Warning,
            Severity::Info,
        ];
        let named = known
            .into_iter()
            .filter(|it| limits.contains_key(it.word()));
        Some(named.collect())
    }

    /// Every limit with the severity that it is written under; `None` for the rule's one.
    pub fn all(&self) -> impl Iterator<Item = (Option<&str>, f64)> {
        let (one, several) = match self {
            Self::One(limit) => (Some((None, *limit)), None),
            Self::BySeverity(limits) => (None, Some(limits)),
        };
        let several = several.into_iter().flatten();
        one.into_iter()
            .chain(several.map(|(name, limit)| (Some(name.as_str()), *limit)))
    }
}

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadLimits)
    }
}

struct ReadLimits;

impl<'de> Visitor<'de> for ReadLimits {
    type Value = Limits;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a number a severity such as { warning = 0.01, critical = 0.05 }")
    }

    fn visit_f64<E>(self, limit: f64) -> Result<Limits, E> {
        Ok(Limits::One(limit))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a limit that somebody writes as a whole number is far below 2^53"
    )]
    fn visit_i64<E>(self, limit: i64) -> Result<Limits, E> {
        Ok(Limits::One(limit as f64))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Limits, A::Error> {
        let mut limits = BTreeMap::new();
        while let Some((severity, limit)) = map.next_entry()? {
            limits.insert(severity, limit);
        }
        Ok(Limits::BySeverity(limits))
    }
}

/// When an alert that turns again and again is damped. Each product has one; left out, this is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FlappingConfig {
    /// More changes than this are flapping. Default 5.
    pub changes: u32,
    /// Within how long. Default 10 min.
    pub within: Span,
    /// Without a change for this long, it is over. Default 5 min.
    pub quiet: Span,
}

impl Default for FlappingConfig {
    fn default() -> Self {
        Self {
            changes: 5,
            within: Span::seconds(600),
            quiet: Span::seconds(300),
        }
    }
}
