//! Blind bands: where a promise is broken and no rule fires.

use watchfloor_wire::series::Unit;

use crate::config::catalogue::{Catalogue, series_id};
use crate::config::check::Findings;
use crate::config::place::Place;
use crate::config::product::{ProductConfig, TargetConfig};
use crate::config::rule::{Limits, RuleConfig, RuleStatistic};
use crate::evaluate::format;

/// Adds a warning for each target that can be broken unseen, unless it says why that is meant.
pub fn lint(product: &ProductConfig, catalogue: &Catalogue, findings: &mut Findings<'_>) {
    for (index, target) in product.targets.iter().enumerate() {
        let id = series_id(&product.id, &target.check, &target.metric);
        let Some(series) = catalogue.series(&id) else {
            continue;
        };
        let here = Place::root().key("target").index(index);
        let band = blind_band(target, &product.rules, series.unit);
        match (band, &target.blind_band) {
            (Some(band), None) => findings.add(
                &here.key("threshold"),
                format!("{band}; add a limit, or say with `blind_band = \"why\"` that it is meant"),
            ),
            (None, Some(_)) => findings.add(
                &here.key("blind_band"),
                "a rule fires as soon as the promise is broken; leave this out",
            ),
            _ => {}
        }
    }
}

/// In words; `None` when some rule fires no later than the promise is broken.
fn blind_band(target: &TargetConfig, rules: &[RuleConfig], unit: Unit) -> Option<String> {
    let of_series = |rule: &&RuleConfig| {
        rule.check == target.check
            && rule.metric.as_ref() == Some(&target.metric)
            && rule.statistic != RuleStatistic::Ratio
    };
    let limits = rules.iter().filter(of_series).filter_map(|rule| {
        if target.at_least {
            rule.below.as_ref()
        } else {
            rule.above.as_ref()
        }
    });
    let limits = limits.flat_map(Limits::all).map(|(_, limit)| limit);
    let nearest = if target.at_least {
        limits.reduce(f64::max)
    } else {
        limits.reduce(f64::min)
    };
    let threshold = format::limit(target.threshold, unit);
    let side = if target.at_least { "below" } else { "above" };
    let Some(nearest) = nearest else {
        return Some(format!(
            "nobody is told when this is broken: no rule fires {side} any limit"
        ));
    };
    let is_seen = if target.at_least {
        nearest >= target.threshold
    } else {
        nearest <= target.threshold
    };
    let first = format::limit(nearest, unit);
    (!is_seen).then(|| {
        format!("{side} {threshold} the promise is broken, and no rule fires before {first}")
    })
}
