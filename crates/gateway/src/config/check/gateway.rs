//! The gateway's own settings.

use super::Findings;
use super::value::{self, Unique};
use crate::config::gateway::{Feed, GatewayConfig, Probing};
use crate::config::place::Place;
use crate::config::span::Span;
use crate::sources::address;

/// How many probes may run at once.
const MAX_CONCURRENT: usize = 1_024;

/// How many clients may follow the feed of one gateway.
const MAX_FEED: u64 = 1_000_000;

/// Adds everything that is wrong with the gateway's settings.
pub fn check(gateway: &GatewayConfig, findings: &mut Findings<'_>) {
    let root = Place::root();
    findings.add_some(&root.key("base_path"), base_path(&gateway.base_path));
    let products = root.key("products");
    if gateway.products.is_empty() {
        findings.add(&products, "it names no product file; name at least one");
    }
    let mut unique = Unique::default();
    for (index, file) in gateway.products.iter().enumerate() {
        let twice = unique.see(file, "product file");
        findings.add_some(&products.index(index), twice);
    }
    for (key, origins) in [
        ("allowed_origins", &gateway.allowed_origins),
        ("frame_ancestors", &gateway.frame_ancestors),
    ] {
        for (index, origin) in origins.iter().enumerate() {
            findings.add_some(&root.key(key).index(index), value::origin(origin));
        }
    }
    for (index, text) in gateway.trusted_proxies.iter().enumerate() {
        let wrong = address::parse_network(text).err();
        findings.add_some(&root.key("trusted_proxies").index(index), wrong);
    }
    probing(&gateway.probing, findings);
    feed(&gateway.feed, findings);
    spans(gateway, findings);
}

fn base_path(path: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~');
    let sound = path.starts_with('/')
        && path.len() > 1
        && !path.ends_with('/')
        && !path.contains("//")
        && path.chars().all(plain)
        && path.split('/').all(|part| part != "." && part != "..");
    (!sound).then(|| {
        format!(
            "`{path}` is no base path; it begins with `/`, does not end with `/`, and holds letters, digits, `-`, `_`, `.` and `~`, for example \"/admin/monitoring\""
        )
    })
}

fn probing(probing: &Probing, findings: &mut Findings<'_>) {
    let here = Place::root().key("probing");
    if !(1..=MAX_CONCURRENT).contains(&probing.max_concurrent) {
        let found = probing.max_concurrent;
        findings.add(
            &here.key("max_concurrent"),
            format!("{found} is not from 1 to {MAX_CONCURRENT}"),
        );
    }
    for (index, text) in probing.allow_cidrs.iter().enumerate() {
        let wrong = address::parse_network(text).err();
        findings.add_some(&here.key("allow_cidrs").index(index), wrong);
    }
    for (index, text) in probing.allow_ports.iter().enumerate() {
        let wrong = address::parse_ports(text).err();
        findings.add_some(&here.key("allow_ports").index(index), wrong);
    }
}

fn feed(feed: &Feed, findings: &mut Findings<'_>) {
    let here = Place::root().key("feed");
    for (key, found) in [
        ("connections", feed.connections),
        ("per_account", feed.per_account),
        ("per_address", feed.per_address),
        ("admitted_per_s", u64::from(feed.admitted_per_s)),
    ] {
        if !(1..=MAX_FEED).contains(&found) {
            let text = format!("{found} is not from 1 to {MAX_FEED}");
            findings.add(&here.key(key), text);
        }
    }
}

fn spans(gateway: &GatewayConfig, findings: &mut Findings<'_>) {
    let retention = Place::root().key("retention");
    let kept = &gateway.retention;
    for (key, span) in [
        ("samples", kept.samples),
        ("minutes", kept.minutes),
        ("hours", kept.hours),
        ("logs", kept.logs),
        ("feed_log", kept.feed_log),
        ("incidents", kept.incidents),
    ] {
        if span < Span::seconds(60) {
            findings.add(
                &retention.key(key),
                "it is less than 1m; keep at least that",
            );
        }
    }
    for (key, span, finer, least) in [
        ("minutes", kept.minutes, "samples", kept.samples),
        ("hours", kept.hours, "minutes", kept.minutes),
    ] {
        if span < least {
            let text =
                format!("it is shorter than `{finer}`; long charts would end before short ones");
            findings.add(&retention.key(key), text);
        }
    }
    let sessions = Place::root().key("sessions");
    if gateway.sessions.idle < Span::seconds(60) {
        findings.add(
            &sessions.key("idle"),
            "it is less than 1m; nobody could work",
        );
    }
    if gateway.sessions.absolute < gateway.sessions.idle {
        findings.add(
            &sessions.key("absolute"),
            "it is shorter than `idle`; a session ends at the earlier of the two",
        );
    }
}
