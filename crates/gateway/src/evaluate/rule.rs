//! A rule for one check: what it judges, and in which words.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use watchfloor_wire::id::{CheckId, Fingerprint, ProductId, SeriesId};
use watchfloor_wire::priority::Severity;
use watchfloor_wire::series::{Measurement, Statistic, Unit};
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::alert::Reading;
use super::catalogue::SeriesSpec;
use super::format;
use super::window::Window;
use crate::config::rule::{RuleConfig, RuleStatistic};
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
    /// Its name.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// How long the condition must hold first, in milliseconds.
    pub hold_ms: i64,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// What it judges.
    pub condition: Condition,
    /// The sentence as configured.
    pub template: Option<String>,
}

/// What a rule judges.
#[derive(Clone, Debug)]
pub enum Condition {
    /// A series against a limit.
    Limit(Limit),
    /// A series that should have values within this many milliseconds.
    Absent {
        /// The series.
        series: SeriesId,
        /// Its name for people.
        title: String,
        /// The window in milliseconds.
        window_ms: i64,
    },
    /// The check's own verdict.
    Verdict(Status),
}

/// A limit on a statistic of a series.
#[derive(Clone, Debug)]
pub struct Limit {
    /// The series.
    pub series: SeriesId,
    /// Its name for people.
    pub title: String,
    /// Its unit.
    pub unit: Unit,
    /// Which statistic of the window.
    pub statistic: RuleStatistic,
    /// The window in milliseconds.
    pub window_ms: i64,
    /// How long a value is believed, in milliseconds.
    pub validity_ms: i64,
    /// The limit.
    pub threshold: f64,
    /// What it must come back to before the alert ends.
    pub clear: f64,
    /// True when the rule fires above the limit, false below.
    pub above: bool,
}

impl RuleSpec {
    /// The rule for `check`; `None` when it judges a series that is not there, which the configuration's check
    /// refuses.
    #[must_use]
    pub fn new(
        rule: &RuleConfig,
        product: &ProductId,
        check: CheckId,
        series: Option<SeriesId>,
        known: &BTreeMap<SeriesId, SeriesSpec>,
    ) -> Option<Self> {
        let condition = match (rule.status, series) {
            (Some(status), _) => Condition::Verdict(status),
            (None, Some(series)) => condition(rule, known.get(&series)?, series)?,
            (None, None) => return None,
        };
        Some(Self {
            fingerprint: fingerprint(product, &rule.name, &check),
            product: product.clone(),
            check,
            name: rule.name.clone(),
            severity: rule.severity,
            hold_ms: rule.hold.ms,
            runbook: rule.runbook.clone(),
            condition,
            template: rule.summary.clone(),
        })
    }

    /// The series it judges; `None` when it judges the check's verdict.
    #[must_use]
    pub const fn series(&self) -> Option<&SeriesId> {
        match &self.condition {
            Condition::Limit(limit) => Some(&limit.series),
            Condition::Absent { series, .. } => Some(series),
            Condition::Verdict(_) => None,
        }
    }

    /// The value with what it takes to read it.
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
                RuleStatistic::P95 => Statistic::P95,
                RuleStatistic::Max => Statistic::Max,
                RuleStatistic::Last | RuleStatistic::Absent => Statistic::Last,
            }),
            label: None,
        })
    }

    /// The limit that was crossed.
    #[must_use]
    pub const fn threshold(&self) -> Option<f64> {
        match &self.condition {
            Condition::Limit(limit) => Some(limit.threshold),
            Condition::Absent { .. } | Condition::Verdict(_) => None,
        }
    }

    /// What is wrong, in one sentence; `verdict_reason` is what the check itself says.
    #[must_use]
    pub fn summary(&self, value: Option<f64>, verdict_reason: &str) -> String {
        if let Some(template) = &self.template {
            return self.filled(template, value);
        }
        match &self.condition {
            Condition::Limit(limit) => {
                let value = value.map_or_else(
                    || "without a reading".to_owned(),
                    |value| format::value(value, limit.unit),
                );
                format!("{} {value}, {}", limit.name(), self.judged(limit))
            }
            Condition::Absent {
                title, window_ms, ..
            } => format!("{title}: no reading for {}", format::span(*window_ms)),
            Condition::Verdict(status) if verdict_reason.is_empty() => verdict_words(*status),
            Condition::Verdict(_) => verdict_reason.to_owned(),
        }
    }

    /// The same without numbers that change, for an incident's title. `check_title` names what it is about.
    #[must_use]
    pub fn title(&self, check_title: &str) -> String {
        if let Some(template) = &self.template {
            let still = without_value(&self.filled(&template.replace("{value}", "\u{0}"), None));
            return format!("{check_title}: {still}");
        }
        match &self.condition {
            Condition::Limit(limit) => {
                format!("{check_title}: {} {}", limit.name(), self.judged(limit))
            }
            Condition::Absent { title, .. } => format!("{check_title}: no readings of {title}"),
            Condition::Verdict(status) => {
                format!("{check_title}: {}", verdict_words(*status))
            }
        }
    }

    fn judged(&self, limit: &Limit) -> String {
        let side = if limit.above { "above" } else { "below" };
        let threshold = format::limit(limit.threshold, limit.unit);
        format!("{} {side} {threshold}", self.severity.word())
    }

    fn filled(&self, template: &str, value: Option<f64>) -> String {
        let Condition::Limit(limit) = &self.condition else {
            return template.to_owned();
        };
        let value = value.map_or_else(
            || "no reading".to_owned(),
            |value| format::value(value, limit.unit),
        );
        template
            .replace("{value}", &value)
            .replace("{threshold}", &format::limit(limit.threshold, limit.unit))
    }
}

impl Limit {
    /// The statistic is part of the name, except for the plain mean.
    fn name(&self) -> String {
        match self.statistic {
            RuleStatistic::P95 => format!("p95 {}", self.title.to_lowercase()),
            RuleStatistic::Max => format!("Highest {}", self.title.to_lowercase()),
            RuleStatistic::Avg | RuleStatistic::Last | RuleStatistic::Absent => self.title.clone(),
        }
    }

    /// Judges the window.
    #[must_use]
    pub fn read(&self, window: &Window, now: UnixMs) -> Reading {
        let Some(value) = window.statistic(self.statistic, self.window_ms, self.validity_ms, now)
        else {
            return Reading::Nothing;
        };
        let beyond = |limit: f64| {
            if self.above {
                value > limit
            } else {
                value < limit
            }
        };
        if beyond(self.threshold) {
            Reading::Holds(Some(value))
        } else if beyond(self.clear) {
            Reading::Easing(value)
        } else {
            Reading::Clear
        }
    }
}

fn condition(rule: &RuleConfig, spec: &SeriesSpec, series: SeriesId) -> Option<Condition> {
    if rule.statistic == RuleStatistic::Absent {
        return Some(Condition::Absent {
            series,
            title: spec.title.clone(),
            window_ms: rule.window.ms,
        });
    }
    let (threshold, above) = match (rule.above, rule.below) {
        (Some(above), _) => (above, true),
        (None, Some(below)) => (below, false),
        (None, None) => return None,
    };
    Some(Condition::Limit(Limit {
        series,
        title: spec.title.clone(),
        unit: spec.unit,
        statistic: rule.statistic,
        window_ms: rule.window.ms,
        validity_ms: spec.validity_ms,
        threshold,
        clear: rule.clear.unwrap_or(threshold),
        above,
    }))
}

/// Identity across re-fires: 128 bits of a hash over product, rule and check.
fn fingerprint(product: &ProductId, rule: &str, check: &CheckId) -> Fingerprint {
    let text = format!("{product}\u{0}{rule}\u{0}{check}");
    let digest = Sha256::digest(text.as_bytes());
    Fingerprint::from(hex(&digest[..16]))
}

fn verdict_words(status: Status) -> String {
    match status {
        Status::Down => "down",
        Status::Degraded => "degraded",
        Status::Unknown => "no readings",
        Status::Maintenance => "under maintenance",
        Status::Ok => "ok",
    }
    .to_owned()
}

/// Takes the mark of a value out of a sentence, with the blanks around it.
fn without_value(sentence: &str) -> String {
    sentence
        .replace('\u{0}', " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(" ,", ",")
        .replace(" .", ".")
        .replace(" :", ":")
        .trim_end_matches([',', ':', ' '])
        .to_owned()
}
