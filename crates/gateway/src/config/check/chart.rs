//! Targets and charts: what they judge must be there, and their lines must make sense.

use watchfloor_wire::product::ChartKind;
use watchfloor_wire::series::Unit;

use super::Findings;
use super::metric;
use super::value::{self, Unique};
use crate::config::catalogue::{Catalogue, SeriesEntry};
use crate::config::place::Place;
use crate::config::product::{ChartConfig, ProductConfig};
use crate::config::span::Span;

/// Adds everything that is wrong with a product's targets.
pub fn targets(product: &ProductConfig, catalogue: &Catalogue, findings: &mut Findings<'_>) {
    let mut unique = Unique::default();
    for (index, target) in product.targets.iter().enumerate() {
        let here = Place::root().key("target").index(index);
        findings.add_some(&here.key("name"), value::for_people(&target.name));
        findings.add_some(&here.key("name"), unique.see(&target.name, "target"));
        let reason = target.blind_band.as_deref().and_then(value::for_people);
        findings.add_some(&here.key("blind_band"), reason);
        let names = (target.check.as_str(), target.metric.as_str());
        if let Some(series) = metric::known(product, catalogue, names, &here, findings) {
            let wrong = value::limit(target.threshold, series.unit);
            findings.add_some(&here.key("threshold"), wrong);
            if target.window < (Span { ms: series.step_ms }) {
                findings.add(&here.key("window"), shorter_than_step(series));
            }
        }
    }
}

/// Adds everything that is wrong with a product's charts.
pub fn charts(product: &ProductConfig, catalogue: &Catalogue, findings: &mut Findings<'_>) {
    let mut kinds: Vec<ChartKind> = Vec::new();
    for (index, chart) in product.charts.iter().enumerate() {
        let here = Place::root().key("chart").index(index);
        findings.add_some(&here.key("title"), value::for_people(&chart.title));
        if chart.kind != ChartKind::Other && kinds.contains(&chart.kind) {
            findings.add(&here.key("kind"), "another chart has this kind already");
        }
        kinds.push(chart.kind);
        let names = (chart.check.as_str(), chart.metric.as_str());
        if let Some(series) = metric::known(product, catalogue, names, &here, findings) {
            one(chart, series, &here, findings);
        }
    }
}

fn one(chart: &ChartConfig, series: &SeriesEntry, here: &Place, findings: &mut Findings<'_>) {
    let wanted = match chart.kind {
        ChartKind::ErrorRatio => Some((Unit::Ratio, "ratio")),
        ChartKind::Latency => Some((Unit::Ms, "ms")),
        ChartKind::Throughput | ChartKind::Other => None,
    };
    if let Some((_, word)) = wanted.filter(|(unit, _)| *unit != series.unit) {
        findings.add(
            &here.key("metric"),
            format!(
                "this kind of chart draws values in `{word}`, and `{}` is not",
                series.id
            ),
        );
    }
    let levels = &chart.levels;
    let here = here.key("levels");
    for (key, level) in [
        ("target", levels.target),
        ("warning", levels.warning),
        ("critical", levels.critical),
    ] {
        let wrong = level.and_then(|level| value::limit(level, series.unit));
        findings.add_some(&here.key(key), wrong);
    }
    let (Some(warning), Some(critical)) = (levels.warning, levels.critical) else {
        return;
    };
    if levels.lower_is_worse && critical > warning {
        findings.add(
            &here.key("critical"),
            "it is above `warning` though lower values are worse",
        );
    }
    if !levels.lower_is_worse && critical < warning {
        findings.add(
            &here.key("critical"),
            "it is below `warning`; set `lower_is_worse` if lower values are the worse ones",
        );
    }
}

/// What to say of a window that mostly holds no value at all.
#[must_use]
pub fn shorter_than_step(series: &SeriesEntry) -> String {
    format!(
        "it is shorter than the {} s between two values of `{}`, so that it would often hold none",
        series.step_ms / 1_000,
        series.id
    )
}
