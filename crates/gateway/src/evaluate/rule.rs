//! A rule for one check: what it judges and how long it waits. [`super::wording`] says it in words.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use watchfloor_wire::id::{CheckId, Fingerprint, ProductId, SeriesId};
use watchfloor_wire::priority::Severity;
use watchfloor_wire::series::{Measurement, Statistic, Unit};
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::alert::{MAX_LEVELS, Reading};
use super::catalogue::SeriesSpec;
use super::window::Window;
use crate::config::rule::{FlappingConfig, RuleConfig, RuleStatistic};
use crate::store::audit::hex;

/// A rule for one check.
#[derive(Clone, Debug)]
pub struct RuleSpec {
    /// Identity of its alert: a hash of product, rule and check.
    pub fingerprint: Fingerprint,
    /// The product.
    pub product: ProductId,
    /// The check.
    pub check: CheckId,
    /// As configured: its name, words, runbook and waiting times.
    pub config: RuleConfig,
    /// Its severities, the worst first; at least one, at most [`MAX_LEVELS`].
    pub levels: Vec<LevelSpec>,
    /// What it judges.
    pub condition: Condition,
    /// When its alert counts as flapping.
    pub flapping: FlappingConfig,
}

/// One severity of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelSpec {
    /// How bad it is.
    pub severity: Severity,
    /// Past this it holds; `None` when the rule judges no number.
    pub threshold: Option<f64>,
    /// What it must come back to before it ends.
    pub clear: Option<f64>,
}

/// What a rule judges.
#[derive(Clone, Debug)]
pub enum Condition {
    /// A series against limits.
    Limit(Limit),
    /// A series, or a whole check, that should be heard of within a span.
    Absent(Absent),
    /// The check's own verdict.
    Verdict(Status),
}

/// A statistic of a series, to be held against limits.
#[derive(Clone, Debug)]
pub struct Limit {
    /// The series.
    pub series: SeriesId,
    /// For a ratio: the series that it is a part of.
    pub of: Option<SeriesId>,
    /// Its name for people.
    pub title: String,
    /// The unit of the statistic.
    pub unit: Unit,
    /// Which statistic of the window.
    pub statistic: RuleStatistic,
    /// The window in milliseconds.
    pub window_ms: i64,
    /// How long a value is believed, in milliseconds.
    pub validity_ms: i64,
    /// True when the rule fires above its limits, false below.
    pub is_above: bool,
}

/// Silence as a reason to fire.
#[derive(Clone, Debug)]
pub struct Absent {
    /// The series that should have values; `None` when anything at all should be heard of the check.
    pub series: Option<SeriesId>,
    /// Its name for people.
    pub title: String,
    /// Within how many milliseconds.
    pub window_ms: i64,
    /// How many milliseconds after the gateway's start silence is no reason yet.
    pub grace_ms: i64,
}

/// What a rule's condition says now, of each of its levels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The number that was judged; `None` when there is none.
    pub value: Option<f64>,
    /// By level; what the rule has no level for says nothing.
    pub levels: [Reading; MAX_LEVELS],
}

impl Judgement {
    /// The same of every level.
    #[must_use]
    pub const fn all(reading: Reading) -> Self {
        Self {
            value: None,
            levels: [reading; MAX_LEVELS],
        }
    }

    /// Whether it says anything.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.levels.iter().all(|it| *it == Reading::Nothing)
    }

    /// Whether some level holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.levels.contains(&Reading::Holds)
    }
}

impl RuleSpec {
    /// The rule for `check`; `None` when it judges a series that is not there, or has no severity, which the
    /// configuration's check refuses.
    #[must_use]
    pub fn new(
        rule: &RuleConfig,
        product: &ProductId,
        check: CheckId,
        flapping: FlappingConfig,
        known: &BTreeMap<SeriesId, SeriesSpec>,
    ) -> Option<Self> {
        let series = |metric: &Option<String>| {
            let metric = metric.as_ref()?;
            Some(SeriesId::from(format!("{check}.{metric}")))
        };
        let condition = match (rule.status, rule.statistic) {
            (Some(status), _) => Condition::Verdict(status),
            (None, RuleStatistic::Absent) => absent(rule, series(&rule.metric), known)?,
            (None, _) => limit(rule, series(&rule.metric)?, series(&rule.of), known)?,
        };
        let levels: Vec<LevelSpec> = rule
            .severities()
            .into_iter()
            .take(MAX_LEVELS)
            .map(|severity| level(rule, severity))
            .collect();
        (!levels.is_empty()).then(|| Self {
            fingerprint: fingerprint(product, &rule.name, &check),
            product: product.clone(),
            check,
            config: rule.clone(),
            levels,
            condition,
            flapping,
        })
    }

    /// The series it judges; `None` when it judges none.
    #[must_use]
    pub const fn series(&self) -> Option<&SeriesId> {
        match &self.condition {
            Condition::Limit(limit) => Some(&limit.series),
            Condition::Absent(absent) => absent.series.as_ref(),
            Condition::Verdict(_) => None,
        }
    }

    /// The number of the level with this severity; the mildest when it has none, because the configuration changed.
    #[must_use]
    pub fn level_of(&self, severity: Severity) -> usize {
        let same = self.levels.iter().position(|it| it.severity == severity);
        same.unwrap_or_else(|| self.levels.len().saturating_sub(1))
    }

    /// A level by its number; the mildest when there are not as many.
    ///
    /// # Panics
    /// Never: a rule without levels is not made.
    #[must_use]
    pub fn level(&self, number: usize) -> LevelSpec {
        self.levels[number.min(self.levels.len() - 1)]
    }

    /// The value with what it takes to read it; `None` when the rule judges no number.
    #[must_use]
    pub fn measurement(&self, value: f64) -> Option<Measurement> {
        let Condition::Limit(limit) = &self.condition else {
            return None;
        };
        Some(Measurement {
            value,
            unit: limit.unit,
            statistic: Some(match limit.statistic {
                RuleStatistic::Avg => Statistic::Avg,
                RuleStatistic::P50 => Statistic::P50,
                RuleStatistic::P95 => Statistic::P95,
                RuleStatistic::P99 => Statistic::P99,
                RuleStatistic::Max => Statistic::Max,
                RuleStatistic::Min => Statistic::Min,
                RuleStatistic::Ratio => Statistic::Ratio,
                RuleStatistic::Last | RuleStatistic::Absent => Statistic::Last,
            }),
            label: None,
        })
    }

    /// Holds a value against the limit of each level.
    #[must_use]
    pub fn judged(&self, limit: &Limit, value: Option<f64>) -> Judgement {
        let Some(value) = value else {
            return Judgement::all(Reading::Nothing);
        };
        let beyond = |limit_at: f64| {
            if limit.is_above {
                value > limit_at
            } else {
                value < limit_at
            }
        };
        let mut judgement = Judgement {
            value: Some(value),
            ..Judgement::default()
        };
        for (reading, level) in judgement.levels.iter_mut().zip(&self.levels) {
            *reading = match (level.threshold, level.clear) {
                (Some(threshold), _) if beyond(threshold) => Reading::Holds,
                (_, Some(clear)) if beyond(clear) => Reading::Easing,
                _ => Reading::Clear,
            };
        }
        judgement
    }
}

impl Limit {
    /// The statistic of its window; `None` when nothing can be said.
    #[must_use]
    pub fn value(&self, window: &Window, of: Option<&Window>, now: UnixMs) -> Option<f64> {
        if self.statistic != RuleStatistic::Ratio {
            return window.statistic(self.statistic, self.window_ms, self.validity_ms, now);
        }
        let part = window.sum(self.window_ms, now)?;
        let whole = of?.sum(self.window_ms, now)?;
        // A share of nothing is no number, and nothing happened that could have failed.
        (whole > 0.0).then(|| part / whole)
    }
}

fn level(rule: &RuleConfig, severity: Severity) -> LevelSpec {
    let limits = rule.above.as_ref().or(rule.below.as_ref());
    let threshold = limits.and_then(|it| it.of(severity));
    let clear = rule.clear.as_ref().and_then(|it| it.of(severity));
    LevelSpec {
        severity,
        threshold,
        clear: clear.or(threshold),
    }
}

fn absent(
    rule: &RuleConfig,
    series: Option<SeriesId>,
    known: &BTreeMap<SeriesId, SeriesSpec>,
) -> Option<Condition> {
    let title = match &series {
        Some(id) => known.get(id)?.title.clone(),
        None => String::new(),
    };
    Some(Condition::Absent(Absent {
        series,
        title,
        window_ms: rule.window.ms,
        grace_ms: rule.grace.unwrap_or(rule.window).ms,
    }))
}

fn limit(
    rule: &RuleConfig,
    series: SeriesId,
    of: Option<SeriesId>,
    known: &BTreeMap<SeriesId, SeriesSpec>,
) -> Option<Condition> {
    let is_above = match (&rule.above, &rule.below) {
        (Some(_), _) => true,
        (None, Some(_)) => false,
        (None, None) => return None,
    };
    let is_ratio = rule.statistic == RuleStatistic::Ratio;
    if is_ratio && !of.as_ref().is_some_and(|of| known.contains_key(of)) {
        return None;
    }
    let spec = known.get(&series)?;
    Some(Condition::Limit(Limit {
        series,
        of,
        title: spec.title.clone(),
        unit: if is_ratio { Unit::Ratio } else { spec.unit },
        statistic: rule.statistic,
        window_ms: rule.window.ms,
        validity_ms: spec.validity_ms,
        is_above,
    }))
}

/// Identity across re-fires: 128 bits of a hash over product, rule and check.
fn fingerprint(product: &ProductId, rule: &str, check: &CheckId) -> Fingerprint {
    let text = format!("{product}\u{0}{rule}\u{0}{check}");
    let digest = Sha256::digest(text.as_bytes());
    Fingerprint::from(hex(&digest[..16]))
}
