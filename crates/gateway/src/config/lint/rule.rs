//! Rules that can say nothing: never true, always said before by another, or longer than what is kept.

use watchfloor_wire::priority::Severity;
use watchfloor_wire::series::Unit;

use crate::config::catalogue::{Catalogue, SeriesEntry, series_id};
use crate::config::check::Findings;
use crate::config::check::limits::unit_of;
use crate::config::gateway::Retention;
use crate::config::place::Place;
use crate::config::product::ProductConfig;
use crate::config::rule::{Limits, RuleConfig};
use crate::evaluate::format;
use crate::evaluate::window::MAX_VALUES;

/// Adds a warning for each rule that can say nothing.
pub fn lint(
    product: &ProductConfig,
    catalogue: &Catalogue,
    retention: &Retention,
    findings: &mut Findings<'_>,
) {
    for (index, rule) in product.rules.iter().enumerate() {
        let here = Place::root().key("rule").index(index);
        kept(rule, retention, &here, findings);
        if let Some(series) = series_of(product, catalogue, rule) {
            never(rule, series, &here, findings);
            crowded(rule, series, &here, findings);
        }
        if let Some(first) = shadow_of(&product.rules, index) {
            findings.add(
                &here,
                format!(
                    "`{}` is never the first to speak: `{}` fires whenever it does, not later and not milder",
                    rule.name, first.name
                ),
            );
        }
    }
}

fn series_of<'c>(
    product: &ProductConfig,
    catalogue: &'c Catalogue,
    rule: &RuleConfig,
) -> Option<&'c SeriesEntry> {
    let metric = rule.metric.as_ref()?;
    catalogue.series(&series_id(&product.id, &rule.check, metric))
}

/// Spans beyond those of which anything is kept.
fn kept(rule: &RuleConfig, retention: &Retention, here: &Place, findings: &mut Findings<'_>) {
    let spans = [
        ("window", rule.window),
        ("for", rule.hold),
        ("keep_firing_for", rule.keep_firing_for),
    ];
    for (key, span) in spans {
        if span > retention.samples {
            findings.add(
                &here.key(key),
                format!(
                    "it is longer than the {} for which samples are kept (`retention.samples`), so that nobody can look at what it judged",
                    format::span(retention.samples.ms)
                ),
            );
        }
    }
}

/// A window that holds more values than are kept in memory is cut short.
fn crowded(rule: &RuleConfig, series: &SeriesEntry, here: &Place, findings: &mut Findings<'_>) {
    let most = i64::try_from(MAX_VALUES).unwrap_or(i64::MAX);
    let reach_ms = series.step_ms.saturating_mul(most);
    if rule.window.ms > reach_ms {
        findings.add(
            &here.key("window"),
            format!(
                "at one value each {} s it reaches back {} only, because {most} values are kept",
                series.step_ms / 1_000,
                format::span(reach_ms)
            ),
        );
    }
}

/// Limits that no value of the unit is ever past.
fn never(rule: &RuleConfig, series: &SeriesEntry, here: &Place, findings: &mut Findings<'_>) {
    let unit = unit_of(rule, series);
    let lowest_is_zero = !matches!(unit, Unit::Count | Unit::Days);
    for (key, limits) in [("above", &rule.above), ("below", &rule.below)] {
        for (severity, limit) in limits.iter().flat_map(Limits::all) {
            let place = severity.map_or_else(|| here.key(key), |it| here.key(key).key(it));
            if key == "above" && unit == Unit::Ratio && limit >= 1.0 {
                findings.add(&place, "it never fires: no ratio is above 1");
            }
            if key == "below" && lowest_is_zero && limit <= 0.0 {
                findings.add(
                    &place,
                    "it never fires: values of this unit are never below 0",
                );
            }
        }
    }
}

/// The rule that fires whenever the one at `index` does, as early and at least as severe. Of two that are the same
/// the first counts.
fn shadow_of(rules: &[RuleConfig], index: usize) -> Option<&RuleConfig> {
    let rule = rules.get(index)?;
    rules.iter().enumerate().find_map(|(other_index, other)| {
        let hides = other_index != index
            && shadows(other, rule)
            && (other_index < index || !shadows(rule, other));
        hides.then_some(other)
    })
}

fn shadows(first: &RuleConfig, rule: &RuleConfig) -> bool {
    if first.hold > rule.hold || first.keep_firing_for < rule.keep_firing_for {
        return false;
    }
    match (first.status, rule.status) {
        (Some(first_status), Some(status)) => {
            let same_check = first.check == "*" || first.check == rule.check;
            same_check && first_status == status && first.severity <= rule.severity
        }
        (None, None) => same_statistic(first, rule) && each_level_is_hidden(first, rule),
        _ => false,
    }
}

fn same_statistic(first: &RuleConfig, rule: &RuleConfig) -> bool {
    first.metric.is_some()
        && (&first.check, &first.metric, &first.of) == (&rule.check, &rule.metric, &rule.of)
        && first.statistic == rule.statistic
        && first.window == rule.window
}

fn each_level_is_hidden(first: &RuleConfig, rule: &RuleConfig) -> bool {
    let severities = rule.severities();
    let hidden = |severity: &Severity| {
        let at_least = first.severities().into_iter().filter(|it| it <= severity);
        let mut at_least = at_least.peekable();
        at_least.peek().is_some() && at_least.any(|it| reached_first(first, it, rule, *severity))
    };
    !severities.is_empty() && severities.iter().all(hidden)
}

/// Whether `first` reaches its limit whenever `rule` reaches its own.
fn reached_first(
    first: &RuleConfig,
    first_severity: Severity,
    rule: &RuleConfig,
    severity: Severity,
) -> bool {
    let of = |limits: &Option<Limits>, severity| limits.as_ref().and_then(|it| it.of(severity));
    let above = (of(&first.above, first_severity), of(&rule.above, severity));
    let below = (of(&first.below, first_severity), of(&rule.below, severity));
    match (above, below) {
        ((Some(first), Some(limit)), _) => first <= limit,
        (_, (Some(first), Some(limit))) => first >= limit,
        // Both fire on silence.
        ((None, None), (None, None)) => true,
        _ => false,
    }
}
