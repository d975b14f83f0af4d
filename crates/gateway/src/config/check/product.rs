//! A product's file as a whole.

use super::value::{self, Unique};
use super::{Findings, chart, inhibit, maintenance, probe, response, rule};
use crate::config::catalogue::Catalogue;
use crate::config::place::Place;
use crate::config::product::{ProductConfig, PushedConfig};
use crate::config::span::Span;
use crate::sources::address::AddressRules;

/// Adds everything that is wrong with a product. Without `rules` the probes' addresses are not judged.
pub fn check(product: &ProductConfig, rules: Option<&AddressRules>, findings: &mut Findings<'_>) {
    own(product, findings);
    let mut names = Names::default();
    for (index, it) in product.probes.iter().enumerate() {
        let here = Place::root().key("probe").index(index);
        probe::check(it, rules, &mut names, &here, findings);
    }
    let probed: Vec<&str> = product
        .probes
        .iter()
        .flat_map(|probe| &probe.checks)
        .map(|check| check.name.as_str())
        .collect();
    for (index, it) in product.pushed.iter().enumerate() {
        let here = Place::root().key("pushed").index(index);
        pushed(it, &probed, &mut names, &here, findings);
    }
    let catalogue = Catalogue::new([product]);
    response::check(product, findings);
    rule::check(product, &catalogue, findings);
    maintenance::check(product, &catalogue, findings);
    inhibit::check(product, &catalogue, findings);
    chart::targets(product, &catalogue, findings);
    chart::charts(product, &catalogue, findings);
}

/// What must be unique within a product.
#[derive(Debug, Default)]
pub struct Names<'a> {
    /// Checks of probes.
    pub checks: Unique<'a>,
    /// `<check>.<metric>`.
    pub series: Vec<(&'a str, &'a str)>,
    /// Checks that have a headline.
    pub headlines: Vec<&'a str>,
}

impl<'a> Names<'a> {
    /// Adds what is wrong with one more metric's name and headline.
    pub fn metric(
        &mut self,
        (check, metric): (&'a str, &'a str),
        headline: bool,
        (here, name_key): (&Place, &str),
        findings: &mut Findings<'_>,
    ) {
        findings.add_some(&here.key(name_key), value::name(metric));
        if self.series.contains(&(check, metric)) {
            findings.add(
                &here.key(name_key),
                format!("the check `{check}` has a metric `{metric}` already; names are unique"),
            );
        }
        self.series.push((check, metric));
        if headline && self.headlines.contains(&check) {
            findings.add(
                &here.key("headline"),
                format!("the check `{check}` has a headline already; a tile shows one value"),
            );
        }
        if headline {
            self.headlines.push(check);
        }
    }
}

fn own(product: &ProductConfig, findings: &mut Findings<'_>) {
    let root = Place::root();
    findings.add_some(&root.key("id"), value::id(&product.id, "product"));
    findings.add_some(&root.key("name"), value::for_people(&product.name));
    let target = product.uptime_target_ratio;
    if let Some(ratio) = target.filter(|ratio| !(*ratio > 0.0 && *ratio < 1.0)) {
        findings.add(
            &root.key("uptime_target_ratio"),
            format!("{ratio} is not between 0 and 1; for 99.9 % write 0.999"),
        );
    }
    let key = product.ingest_key_env.as_deref();
    findings.add_some(&root.key("ingest_key_env"), key.and_then(value::variable));
    for (index, key) in product.redact_keys.iter().enumerate() {
        if key.trim().is_empty() {
            findings.add(&root.key("redact_keys").index(index), "it is empty");
        }
    }
    if !product.pushed.is_empty() && product.ingest_key_env.is_none() {
        findings.add(
            &root.key("pushed"),
            "nothing may be sent in without `ingest_key_env`; set it",
        );
    }
    if product.probes.is_empty() && product.pushed.is_empty() {
        findings.add(&root, "nothing is watched; add a [[probe]] or a [[pushed]]");
    }
}

fn pushed<'a>(
    it: &'a PushedConfig,
    probed: &[&str],
    names: &mut Names<'a>,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    findings.add_some(&here.key("check"), value::name(&it.check));
    names.metric(
        (&it.check, &it.metric),
        it.headline,
        (here, "metric"),
        findings,
    );
    if it.every < Span::seconds(1) {
        findings.add(&here.key("every"), "it is less than 1s");
    }
    let title = it.title.as_deref();
    findings.add_some(&here.key("title"), title.and_then(value::for_people));
    if title.is_some() && probed.contains(&it.check.as_str()) {
        findings.add(
            &here.key("title"),
            format!(
                "a probe makes the check `{}` and names it; leave this out",
                it.check
            ),
        );
    }
}
