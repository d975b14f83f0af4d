//! What a Prometheus page says of each check.

use watchfloor_wire::time::UnixMs;

use super::{Reading, http};
use crate::observation::Outcome;
use crate::sources::answer::HttpAnswer;
use crate::sources::plan::{MetricSource, Probe};
use crate::sources::prometheus::{Growth, Limits, Malformed, Page, Selector, parse};

/// The page's reading, and what on it was not as it should be. Samples that cannot be understood never make
/// a check worse by themselves: the value of another line is as good as before.
pub(super) fn page(
    probe: &Probe,
    answer: &HttpAnswer,
    growth: &mut Growth,
    now: UnixMs,
) -> (Reading, Vec<Malformed>) {
    let refused = |reading| (reading, Vec::new());
    if let Some(reason) = http::wrong_status(probe, answer) {
        return refused(Reading::down(probe, &reason));
    }
    if let Some(reason) = http::wrong_type(probe, answer) {
        return refused(Reading::unknown(probe, &reason));
    }
    let text = match http::text(answer) {
        Ok(text) => text,
        Err(reason) => return refused(Reading::unknown(probe, &reason)),
    };
    if let Some(reason) = http::missing_text(probe, &text) {
        return refused(Reading::down(probe, &reason));
    }
    let page = match parse(&text, Limits::default()) {
        Ok(page) => page,
        Err(error) => return refused(Reading::unknown(probe, &error.to_string())),
    };
    let checks = 0..probe.checks.len();
    let reading = Reading {
        outcomes: checks.map(|check| outcome(probe, check, &page)).collect(),
        values: values(probe, &page, growth, now),
    };
    growth.keep(probe.counters(), &page, now);
    (reading, page.malformed)
}

/// Ok when at least one of the check's metrics is there.
fn outcome(probe: &Probe, check: usize, page: &Page) -> Outcome {
    if page.points.is_empty() {
        let reason = match page.malformed.len() {
            0 => "the answer holds no metrics".to_owned(),
            count => format!("the answer holds no metrics, and {count} lines that are none"),
        };
        return Outcome::Unknown(reason);
    }
    let metrics = probe.metrics.iter().filter(|metric| metric.check == check);
    let mut wanted = metrics
        .filter_map(|metric| selector(&metric.source))
        .peekable();
    let Some(first) = wanted.peek().map(|selector| selector.name.clone()) else {
        return Outcome::Ok;
    };
    if wanted.any(|selector| selector.count(page).is_some()) {
        Outcome::Ok
    } else {
        Outcome::Unknown(format!("the answer does not hold `{first}`"))
    }
}

const fn selector(source: &MetricSource) -> Option<&Selector> {
    match source {
        MetricSource::Gauge(it) | MetricSource::Rate(it) | MetricSource::Ratio(it, _) => Some(it),
        _ => None,
    }
}

fn values(probe: &Probe, page: &Page, growth: &Growth, now: UnixMs) -> Vec<(usize, Option<f64>)> {
    let metrics = probe.metrics.iter().enumerate();
    metrics
        .filter_map(|(at, metric)| {
            let value = match &metric.source {
                MetricSource::Gauge(gauge) => gauge.sum(page),
                MetricSource::Rate(counter) => growth.per_second(counter, page, now),
                MetricSource::Ratio(counter, over) => growth.ratio(counter, over, page, now),
                _ => return None,
            };
            Some((at, value))
        })
        .collect()
}
