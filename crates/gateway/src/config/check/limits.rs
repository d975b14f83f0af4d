//! The limits of rules: for every severity one, in order, on the right side of each other.

use watchfloor_wire::priority::Severity;
use watchfloor_wire::series::Unit;

use super::{Findings, value};
use crate::config::catalogue::SeriesEntry;
use crate::config::place::Place;
use crate::config::rule::{Limits, RuleConfig, RuleStatistic};

/// A rule has one severity, or limits that name theirs.
pub fn severities(rule: &RuleConfig, here: &Place, findings: &mut Findings<'_>) {
    let several = [&rule.above, &rule.below]
        .into_iter()
        .flatten()
        .find_map(Limits::severities);
    match (rule.severity, several) {
        (None, None) => findings.add(
            here,
            "it has no severity; give it `severity`, or limits by severity such as { warning = 0.01, critical = 0.05 }",
        ),
        (Some(_), Some(_)) => findings.add(
            &here.key("severity"),
            "its limits name their severities already; leave it out",
        ),
        (None, Some(named)) if named.is_empty() => {
            findings.add(here, "its limits name no severity; write at least one");
        }
        _ => {}
    }
}

/// Adds a finding for each limit of a rule that may have none, because of `why`.
pub fn none(rule: &RuleConfig, why: &str, here: &Place, findings: &mut Findings<'_>) {
    for (key, limits) in written(rule) {
        if limits.is_some() {
            findings.add(&here.key(key), format!("{why}; leave it out"));
        }
    }
}

/// What ends an alert lies before what begins it, and what is worse lies further out.
pub fn sides(rule: &RuleConfig, here: &Place, findings: &mut Findings<'_>) {
    let (key, limits, is_above) = match (&rule.above, &rule.below) {
        (Some(above), None) => ("above", above, true),
        (None, Some(below)) => ("below", below, false),
        (None, None) => {
            if rule.clear.is_some() {
                findings.add(
                    &here.key("clear"),
                    "it goes with `above` or `below`; leave it out",
                );
            }
            return;
        }
        (Some(_), Some(_)) => return,
    };
    order(limits, is_above, &here.key(key), findings);
    for (severity, clear) in rule.clear.iter().flat_map(Limits::all) {
        let place = at(&here.key("clear"), severity);
        match limit_for(limits, severity) {
            Ok(limit) if is_above && clear > limit => findings.add(
                &place,
                format!("{clear} is past the limit {limit}; with `above` it is at most that"),
            ),
            Ok(limit) if !is_above && clear < limit => findings.add(
                &place,
                format!("{clear} is past the limit {limit}; with `below` it is at least that"),
            ),
            Ok(_) => {}
            Err(text) => findings.add(&place, text),
        }
    }
}

/// The limit that a clear limit belongs to, or why there is none.
fn limit_for(limits: &Limits, severity: Option<&str>) -> Result<f64, &'static str> {
    let found = limits.all().find(|(name, _)| *name == severity);
    match (found, severity) {
        (Some((_, limit)), _) => Ok(limit),
        (None, None) => Err("its limits are by severity; write this one so too"),
        (None, Some(_)) => Err("there is no limit of this severity that it could end"),
    }
}

fn order(limits: &Limits, is_above: bool, here: &Place, findings: &mut Findings<'_>) {
    let known = limits.severities().unwrap_or_default();
    for pair in known.windows(2) {
        let [worse, milder] = pair else { continue };
        let (Some(far), Some(near)) = (limits.of(*worse), limits.of(*milder)) else {
            continue;
        };
        let reached = if is_above { far > near } else { far < near };
        if !reached {
            findings.add(&here.key(milder.word()), never_alone(*worse, *milder));
        }
    }
}

fn never_alone(worse: Severity, milder: Severity) -> String {
    format!(
        "`{}` would never be seen, because `{}` is reached first; what is worse lies further out",
        milder.word(),
        worse.word()
    )
}

/// Limits are numbers that values of the series' unit can have; those of a ratio of two metrics are ratios.
pub fn against_unit(
    rule: &RuleConfig,
    series: &SeriesEntry,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    let unit = unit_of(rule, series);
    for (key, limits) in written(rule) {
        for (severity, limit) in limits.iter().flat_map(|it| it.all()) {
            findings.add_some(&at(&here.key(key), severity), value::limit(limit, unit));
        }
    }
}

/// The unit of what the rule compares with its limits.
#[must_use]
pub fn unit_of(rule: &RuleConfig, series: &SeriesEntry) -> Unit {
    if rule.statistic == RuleStatistic::Ratio {
        Unit::Ratio
    } else {
        series.unit
    }
}

fn at(here: &Place, severity: Option<&str>) -> Place {
    severity.map_or_else(|| here.clone(), |severity| here.key(severity))
}

const fn written(rule: &RuleConfig) -> [(&'static str, Option<&Limits>); 3] {
    [
        ("above", rule.above.as_ref()),
        ("below", rule.below.as_ref()),
        ("clear", rule.clear.as_ref()),
    ]
}
