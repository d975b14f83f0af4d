//! What a rule found, in words: the sentence of its alert and the title of an incident.

use watchfloor_wire::priority::Severity;
use watchfloor_wire::status::Status;

use super::format;
use super::rule::{Absent, Condition, LevelSpec, Limit, RuleSpec};
use crate::config::rule::RuleStatistic;

impl RuleSpec {
    /// What is wrong, in one sentence; `verdict_reason` is what the check itself says.
    #[must_use]
    pub fn summary(&self, level: LevelSpec, value: Option<f64>, verdict_reason: &str) -> String {
        if let Some(template) = &self.config.summary {
            return self.filled(template, level, value);
        }
        match &self.condition {
            Condition::Limit(limit) => {
                let value = value.map_or_else(
                    || "without a reading".to_owned(),
                    |value| format::value(value, limit.unit),
                );
                format!("{} {value}, {}", limit.name(), limit.judged(level))
            }
            Condition::Absent(absent) => absent.summary(),
            Condition::Verdict(status) if verdict_reason.is_empty() => verdict_words(*status),
            Condition::Verdict(_) => verdict_reason.to_owned(),
        }
    }

    /// The same without numbers that change, for an incident's title. `check_title` names what it is about.
    #[must_use]
    pub fn title(&self, severity: Severity, check_title: &str) -> String {
        let level = self.level(self.level_of(severity));
        if let Some(template) = &self.config.summary {
            let marked = template.replace("{value}", "\u{0}");
            let still = without_value(&self.filled(&marked, level, None));
            return format!("{check_title}: {still}");
        }
        match &self.condition {
            Condition::Limit(limit) => {
                format!("{check_title}: {} {}", limit.name(), limit.judged(level))
            }
            Condition::Absent(absent) if absent.series.is_none() => {
                format!("{check_title}: not heard of")
            }
            Condition::Absent(absent) => format!("{check_title}: no readings of {}", absent.title),
            Condition::Verdict(status) => format!("{check_title}: {}", verdict_words(*status)),
        }
    }

    fn filled(&self, template: &str, level: LevelSpec, value: Option<f64>) -> String {
        let (Condition::Limit(limit), Some(threshold)) = (&self.condition, level.threshold) else {
            return template.to_owned();
        };
        let value = value.map_or_else(
            || "no reading".to_owned(),
            |value| format::value(value, limit.unit),
        );
        template
            .replace("{value}", &value)
            .replace("{threshold}", &format::limit(threshold, limit.unit))
    }
}

impl Limit {
    /// The statistic is part of the name, except for the plain mean.
    fn name(&self) -> String {
        let title = || self.title.to_lowercase();
        match self.statistic {
            RuleStatistic::P50 => format!("Median {}", title()),
            RuleStatistic::P95 => format!("p95 {}", title()),
            RuleStatistic::P99 => format!("p99 {}", title()),
            RuleStatistic::Max => format!("Highest {}", title()),
            RuleStatistic::Min => format!("Lowest {}", title()),
            RuleStatistic::Ratio => format!("Share of {}", title()),
            RuleStatistic::Avg | RuleStatistic::Last | RuleStatistic::Absent => self.title.clone(),
        }
    }

    fn judged(&self, level: LevelSpec) -> String {
        let side = if self.is_above { "above" } else { "below" };
        let word = level.severity.word();
        match level.threshold {
            Some(threshold) => format!("{word} {side} {}", format::limit(threshold, self.unit)),
            None => word.to_owned(),
        }
    }
}

impl Absent {
    fn summary(&self) -> String {
        let span = format::span(self.window_ms);
        if self.series.is_none() {
            return format!("Not heard of for {span}");
        }
        format!("{}: no reading for {span}", self.title)
    }
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
