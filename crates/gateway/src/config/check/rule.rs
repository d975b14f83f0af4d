//! Rules: each judges something that is there, in one way, with limits on the right sides.

use watchfloor_wire::status::Status;

use super::chart::shorter_than_step;
use super::value::{self, Unique};
use super::{Findings, metric};
use crate::config::catalogue::{Catalogue, SeriesEntry};
use crate::config::place::Place;
use crate::config::product::ProductConfig;
use crate::config::rule::{RuleConfig, RuleStatistic};
use crate::config::span::Span;

/// Adds everything that is wrong with a product's rules.
pub fn check(product: &ProductConfig, catalogue: &Catalogue, findings: &mut Findings<'_>) {
    let mut unique = Unique::default();
    for (index, rule) in product.rules.iter().enumerate() {
        let here = Place::root().key("rule").index(index);
        findings.add_some(&here.key("name"), value::for_people(&rule.name));
        findings.add_some(&here.key("name"), unique.see(&rule.name, "rule"));
        wording(rule, &here, findings);
        match (&rule.metric, rule.status) {
            (Some(_), Some(_)) => findings.add(
                &here.key("status"),
                "a rule judges a metric or a check's status; leave out `metric` or `status`",
            ),
            (None, None) => findings.add(
                &here,
                "it judges nothing; give it `metric` with `above`, `below` or `statistic = \"absent\"`, or `status`",
            ),
            (None, Some(status)) => {
                by_status(product, catalogue, (rule, status), &here, findings);
            }
            (Some(name), None) => by_metric(product, catalogue, (rule, name), &here, findings),
        }
    }
}

fn wording(rule: &RuleConfig, here: &Place, findings: &mut Findings<'_>) {
    let runbook = rule.runbook.as_deref().and_then(value::link);
    findings.add_some(&here.key("runbook"), runbook);
    let Some(summary) = rule.summary.as_deref() else {
        return;
    };
    findings.add_some(&here.key("summary"), value::for_people(summary));
    let plain = summary.replace("{value}", "").replace("{threshold}", "");
    if plain.contains(['{', '}']) {
        findings.add(
            &here.key("summary"),
            "only `{value}` and `{threshold}` are filled in; leave out other braces",
        );
    }
}

fn by_status(
    product: &ProductConfig,
    catalogue: &Catalogue,
    (rule, status): (&RuleConfig, Status),
    here: &Place,
    findings: &mut Findings<'_>,
) {
    if rule.check != "*" {
        metric::check_known(product, catalogue, &rule.check, here, findings);
    }
    if status == Status::Ok {
        findings.add(&here.key("status"), "it would fire while all is well");
    }
    for (key, given) in limits(rule) {
        if given.is_some() {
            findings.add(
                &here.key(key),
                "only rules with `metric` have limits; leave it out",
            );
        }
    }
}

fn by_metric(
    product: &ProductConfig,
    catalogue: &Catalogue,
    (rule, name): (&RuleConfig, &str),
    here: &Place,
    findings: &mut Findings<'_>,
) {
    let absent = rule.statistic == RuleStatistic::Absent;
    match (absent, rule.above, rule.below) {
        (false, None, None) => findings.add(here, "it has no limit; give it `above` or `below`"),
        (false, Some(_), Some(_)) => findings.add(
            &here.key("below"),
            "it has `above` and `below`; write two rules, because a value is only ever past one",
        ),
        (true, None, None) | (false, _, _) => {}
        (true, _, _) => findings.add(
            &here.key("statistic"),
            "`absent` fires when there is no value; leave out `above` and `below`",
        ),
    }
    clear_side(rule, here, findings);
    if rule.check == "*" {
        findings.add(
            &here.key("check"),
            "`*` goes with `status` only; name the check",
        );
        return;
    }
    let names = (rule.check.as_str(), name);
    if let Some(series) = metric::known(product, catalogue, names, here, findings) {
        against_series(rule, series, here, findings);
    }
}

fn clear_side(rule: &RuleConfig, here: &Place, findings: &mut Findings<'_>) {
    let Some(clear) = rule.clear else { return };
    let text = match (rule.above, rule.below) {
        (None, None) => "it goes with `above` or `below`; leave it out".to_owned(),
        (Some(above), None) if clear > above => {
            format!("{clear} is past the limit {above}; with `above` it is at most that")
        }
        (None, Some(below)) if clear < below => {
            format!("{clear} is past the limit {below}; with `below` it is at least that")
        }
        _ => return,
    };
    findings.add(&here.key("clear"), text);
}

fn against_series(
    rule: &RuleConfig,
    series: &SeriesEntry,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    for (key, given) in limits(rule) {
        let wrong = given.and_then(|limit| value::limit(limit, series.unit));
        findings.add_some(&here.key(key), wrong);
    }
    if rule.window < (Span { ms: series.step_ms }) {
        findings.add(&here.key("window"), shorter_than_step(series));
    }
}

const fn limits(rule: &RuleConfig) -> [(&'static str, Option<f64>); 3] {
    [
        ("above", rule.above),
        ("below", rule.below),
        ("clear", rule.clear),
    ]
}
