//! Probes: an address that fits the kind, timings that fit each other, checks and metrics that it can feed.

use url::Url;

use super::Findings;
use super::product::Names;
use super::value;
use crate::config::catalogue::built_in;
use crate::config::place::Place;
use crate::config::probe::{ProbeCheckConfig, ProbeConfig, ProbeKind, ProbeMetricConfig};
use crate::config::span::Span;
use crate::sources::address::AddressRules;
use crate::sources::prometheus::Selector;

/// Adds everything that is wrong with a probe. Without `rules` its address is not judged.
pub fn check<'a>(
    probe: &'a ProbeConfig,
    rules: Option<&AddressRules>,
    names: &mut Names<'a>,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    findings.add_some(&here.key("url"), address(probe, rules));
    timing(probe, here, findings);
    expectations(probe, here, findings);
    misplaced(probe, here, findings);
    if probe.checks.is_empty() {
        findings.add(here, "it feeds no check; add a [[probe.check]]");
    }
    for (index, check) in probe.checks.iter().enumerate() {
        let here = here.key("check").index(index);
        own_check(probe.kind, check, &here, findings);
        findings.add_some(&here.key("name"), names.checks.see(&check.name, "check"));
    }
    for (index, metric) in probe.metrics.iter().enumerate() {
        let here = here.key("metric").index(index);
        let name = (metric.check.as_str(), metric.name.as_str());
        names.metric(name, metric.headline, (&here, "name"), findings);
        own_metric(probe, metric, &here, findings);
    }
}

const fn schemes(kind: ProbeKind) -> &'static [&'static str] {
    match kind {
        ProbeKind::Http | ProbeKind::Head | ProbeKind::Redirect | ProbeKind::Prometheus => {
            &["http", "https"]
        }
        ProbeKind::Websocket => &["ws", "wss"],
        ProbeKind::Tcp => &["tcp"],
        ProbeKind::Tls => &["tls"],
    }
}

fn address(probe: &ProbeConfig, rules: Option<&AddressRules>) -> Option<String> {
    let url = match Url::parse(&probe.url) {
        Ok(url) => url,
        Err(error) => return Some(format!("`{}` is no address: {error}", probe.url)),
    };
    let schemes = schemes(probe.kind);
    if !schemes.contains(&url.scheme()) {
        let wanted: Vec<String> = schemes.iter().map(|it| format!("`{it}://`")).collect();
        return Some(format!(
            "this kind of probe asks {}, and this is `{}://`",
            wanted.join(" or "),
            url.scheme()
        ));
    }
    let denied = rules?.judge_url(&url).err()?;
    Some(format!("this address may not be probed: {denied}"))
}

fn timing(probe: &ProbeConfig, here: &Place, findings: &mut Findings<'_>) {
    if probe.interval < Span::seconds(1) {
        findings.add(&here.key("interval"), "it is less than 1s");
    }
    if probe.timeout.ms == 0 {
        findings.add(&here.key("timeout"), "nobody can answer within no time");
    }
    if probe.timeout > probe.interval {
        findings.add(
            &here.key("timeout"),
            format!(
                "{} ms is longer than the interval, {} ms; a round must end before the next begins",
                probe.timeout.ms, probe.interval.ms
            ),
        );
    }
    if probe.kind == ProbeKind::Tls && probe.fail_before >= probe.warn_before {
        findings.add(
            &here.key("fail_before"),
            "it is not shorter than `warn_before`, so that nobody would be warned",
        );
    }
}

fn expectations(probe: &ProbeConfig, here: &Place, findings: &mut Findings<'_>) {
    for (index, status) in probe.expect_status.iter().enumerate() {
        if !(100..=599).contains(status) {
            findings.add(
                &here.key("expect_status").index(index),
                format!("{status} is no HTTP status"),
            );
        }
    }
    let origin = probe.origin.as_deref().and_then(value::origin);
    findings.add_some(&here.key("origin"), origin);
    let timestamp = probe.timestamp.as_deref().and_then(value::pointer);
    findings.add_some(&here.key("timestamp"), timestamp);
    if probe.expect_refused && probe.origin.is_none() {
        findings.add(
            &here.key("expect_refused"),
            "it is an origin that is refused; set `origin`",
        );
    }
    if probe.expect_refused && probe.echo.is_some() {
        findings.add(
            &here.key("echo"),
            "nothing comes back over a refused connection",
        );
    }
}

/// Keys that say nothing to this kind of probe: whoever wrote them expects something that would not happen.
fn misplaced(probe: &ProbeConfig, here: &Place, findings: &mut Findings<'_>) {
    use ProbeKind::{Head, Http, Prometheus, Redirect, Websocket};
    let rows: [(&str, bool, &[ProbeKind]); 9] = [
        (
            "expect_status",
            !probe.expect_status.is_empty(),
            &[Http, Head, Redirect, Prometheus],
        ),
        (
            "expect_content_type",
            probe.expect_content_type.is_some(),
            &[Http, Head, Prometheus],
        ),
        (
            "expect_text",
            probe.expect_text.is_some(),
            &[Http, Prometheus],
        ),
        (
            "expect_location",
            probe.expect_location.is_some(),
            &[Redirect],
        ),
        ("expect_query", !probe.expect_query.is_empty(), &[Redirect]),
        ("origin", probe.origin.is_some(), &[Websocket]),
        ("echo", probe.echo.is_some(), &[Websocket]),
        ("expect_refused", probe.expect_refused, &[Websocket]),
        ("timestamp", probe.timestamp.is_some(), &[Http]),
    ];
    for (key, given, kinds) in rows {
        if given && !kinds.contains(&probe.kind) {
            findings.add(
                &here.key(key),
                "it says nothing to this kind of probe; leave it out",
            );
        }
    }
}

fn own_check(kind: ProbeKind, check: &ProbeCheckConfig, here: &Place, findings: &mut Findings<'_>) {
    findings.add_some(&here.key("name"), value::name(&check.name));
    findings.add_some(&here.key("title"), value::for_people(&check.title));
    let pointers = [("status", &check.status), ("reason", &check.reason)];
    for (key, pointer) in pointers {
        let wrong = pointer.as_deref().and_then(value::pointer);
        findings.add_some(&here.key(key), wrong);
    }
    for (index, pointer) in check.required.iter().enumerate() {
        let wrong = value::pointer(pointer);
        findings.add_some(&here.key("required").index(index), wrong);
    }
    let given = [
        ("status", check.status.is_some()),
        ("reason", check.reason.is_some()),
        ("status_words", !check.status_words.is_empty()),
        ("required", !check.required.is_empty()),
    ];
    for (key, given) in given {
        if given && kind != ProbeKind::Http {
            findings.add(&here.key(key), "only `http` probes read JSON; leave it out");
        }
    }
    if check.status.is_none() {
        for (key, given) in given.into_iter().filter(|(key, _)| *key != "required") {
            if given {
                findings.add(&here.key(key), "it goes with `status`, which is not set");
            }
        }
    }
}

fn own_metric(
    probe: &ProbeConfig,
    metric: &ProbeMetricConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    if !probe.checks.iter().any(|check| check.name == metric.check) {
        let names = value::listed(probe.checks.iter().map(|check| check.name.as_str()));
        findings.add(
            &here.key("check"),
            format!(
                "this probe feeds no check `{}`; it feeds {names}",
                metric.check
            ),
        );
    }
    if !metric.scale.is_finite() || metric.scale == 0.0 {
        findings.add(&here.key("scale"), format!("{} is no scale", metric.scale));
    }
    match metric.from.as_deref() {
        None => own_measurement(probe, metric, here, findings),
        Some(from) => taken_from(probe.kind, from, here, findings),
    }
    if probe.kind != ProbeKind::Prometheus && (metric.rate || metric.over.is_some()) {
        let key = if metric.rate { "rate" } else { "over" };
        findings.add(
            &here.key(key),
            "only `prometheus` probes read counters; leave it out",
        );
        return;
    }
    if metric.rate && metric.over.is_some() {
        findings.add(
            &here.key("over"),
            "it goes without `rate`: both are made of growth",
        );
    }
    let over = metric.over.as_deref().map(str::parse::<Selector>);
    findings.add_some(&here.key("over"), over.and_then(Result::err));
}

fn own_measurement(
    probe: &ProbeConfig,
    metric: &ProbeMetricConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    let measured = built_in(probe.kind);
    let Some((name, unit)) = measured.iter().find(|(name, _)| *name == metric.name) else {
        let names = value::listed(measured.iter().map(|(name, _)| *name));
        findings.add(
            &here.key("name"),
            format!("without `from` it is one of the probe's own measurements: {names}"),
        );
        return;
    };
    if *unit != metric.unit {
        findings.add(
            &here.key("unit"),
            format!("`{name}` is in its own unit, which this is not"),
        );
    }
    let is_first = probe
        .checks
        .first()
        .is_some_and(|it| it.name == metric.check);
    if !is_first && probe.checks.iter().any(|it| it.name == metric.check) {
        findings.add(
            &here.key("check"),
            format!("`{name}` is measured for the probe's first check only"),
        );
    }
}

fn taken_from(kind: ProbeKind, from: &str, here: &Place, findings: &mut Findings<'_>) {
    let wrong = match kind {
        ProbeKind::Http => value::pointer(from),
        ProbeKind::Prometheus => from.parse::<Selector>().err(),
        _ => Some("this kind of probe has no answer to read numbers from; leave it out".to_owned()),
    };
    findings.add_some(&here.key("from"), wrong);
}
