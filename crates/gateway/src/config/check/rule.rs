//! Rules: each judges something that is there, in one way, with limits on the right sides.

use watchfloor_wire::alert::OWN_LABELS;
use watchfloor_wire::status::Status;

use super::chart::shorter_than_step;
use super::value::{self, Unique};
use super::{Findings, limits, metric};
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
        labels(rule, &here, findings);
        limits::severities(rule, &here, findings);
        match (&rule.metric, rule.status) {
            (Some(_), Some(_)) => findings.add(
                &here.key("status"),
                "a rule judges a metric or a check's status; leave out `metric` or `status`",
            ),
            (None, None) if rule.statistic == RuleStatistic::Absent => {
                silence(product, catalogue, rule, &here, findings);
            }
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
    flapping(product, findings);
}

fn wording(rule: &RuleConfig, here: &Place, findings: &mut Findings<'_>) {
    let runbook = rule.runbook.as_deref().and_then(value::link);
    findings.add_some(&here.key("runbook"), runbook);
    let owner = rule.owner.as_deref().and_then(value::for_people);
    findings.add_some(&here.key("owner"), owner);
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

fn labels(rule: &RuleConfig, here: &Place, findings: &mut Findings<'_>) {
    let here = here.key("labels");
    for (name, text) in &rule.labels {
        findings.add_some(&here.key(name), value::name(name));
        findings.add_some(&here.key(name), value::for_people(text));
        if OWN_LABELS.contains(&name.as_str()) {
            findings.add(
                &here.key(name),
                format!(
                    "every alert has a label `{name}` of its own; call this one something else"
                ),
            );
        }
    }
}

fn silence(
    product: &ProductConfig,
    catalogue: &Catalogue,
    rule: &RuleConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    if rule.check != "*" {
        metric::check_known(product, catalogue, &rule.check, here, findings);
    }
    limits::none(
        rule,
        "`absent` fires when there is no value",
        here,
        findings,
    );
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
    limits::none(rule, "only rules with `metric` have limits", here, findings);
}

fn by_metric(
    product: &ProductConfig,
    catalogue: &Catalogue,
    (rule, name): (&RuleConfig, &str),
    here: &Place,
    findings: &mut Findings<'_>,
) {
    let absent = rule.statistic == RuleStatistic::Absent;
    match (absent, &rule.above, &rule.below) {
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
    if rule.grace.is_some() && !absent {
        findings.add(
            &here.key("grace"),
            "only `statistic = \"absent\"` waits after a start; leave it out",
        );
    }
    limits::sides(rule, here, findings);
    if rule.check == "*" {
        findings.add(
            &here.key("check"),
            "`*` goes without `metric` only; name the check",
        );
        return;
    }
    let names = (rule.check.as_str(), name);
    if let Some(series) = metric::known(product, catalogue, names, here, findings) {
        limits::against_unit(rule, series, here, findings);
        window(rule, series, here, findings);
    }
    ratio(product, catalogue, rule, here, findings);
}

fn window(rule: &RuleConfig, series: &SeriesEntry, here: &Place, findings: &mut Findings<'_>) {
    if rule.window < (Span { ms: series.step_ms }) {
        findings.add(&here.key("window"), shorter_than_step(series));
    }
}

/// A ratio is made of two metrics. A metric that is a ratio already has a mean.
fn ratio(
    product: &ProductConfig,
    catalogue: &Catalogue,
    rule: &RuleConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    match (rule.statistic == RuleStatistic::Ratio, &rule.of) {
        (true, Some(of)) => {
            let names = (rule.check.as_str(), of.as_str());
            metric::known_as("of", product, catalogue, names, here, findings);
        }
        (true, None) => findings.add(
            &here.key("statistic"),
            "a ratio is of two metrics; say with `of` what `metric` is a part of, or take `avg` when it is a ratio already",
        ),
        (false, Some(_)) => findings.add(
            &here.key("of"),
            "it goes with `statistic = \"ratio\"`; leave it out",
        ),
        (false, None) => {}
    }
}

fn flapping(product: &ProductConfig, findings: &mut Findings<'_>) {
    let here = Place::root().key("flapping");
    let flapping = &product.flapping;
    if flapping.changes < 2 {
        findings.add(
            &here.key("changes"),
            "an alert that fires once and ends has changed twice; write 2 or more",
        );
    }
    for (key, span) in [("within", flapping.within), ("quiet", flapping.quiet)] {
        if span < Span::seconds(1) {
            findings.add(&here.key(key), "it is less than 1s");
        }
    }
}
