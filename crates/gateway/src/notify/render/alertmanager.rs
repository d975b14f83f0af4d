//! What Alertmanager sends to the receivers of its `webhook_config`, version 4, so that what was made for those works
//! here as well: an incident is an alert.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use watchfloor_wire::notification::NotificationKind;

use super::Telling;
use crate::instant::rfc3339;
use crate::notify::outbox::Notification;
use crate::notify::words;

/// What Alertmanager writes for "has not ended".
const NOT_ENDED: &str = "0001-01-01T00:00:00Z";

type Labels = BTreeMap<&'static str, String>;

/// The body.
#[must_use]
pub fn body(telling: &Telling<'_>) -> Value {
    let row = telling.row;
    let alerts: Vec<&Notification> = match telling.members {
        [] => vec![row],
        members => members.iter().collect(),
    };
    let all: Vec<(Labels, Labels)> = alerts
        .iter()
        .map(|it| (labels(it), annotations(it)))
        .collect();
    let firing = alerts.iter().any(|it| status(it) == "firing");
    let group = BTreeMap::from([(
        "incident",
        row.incident()
            .map_or_else(|| row.kind.slug().to_owned(), |it| it.to_string()),
    )]);
    json!({
        "version": "4",
        "groupKey": format!("{{}}:{{incident=\"{}\"}}", group["incident"]),
        "truncatedAlerts": 0,
        "status": if firing { "firing" } else { "resolved" },
        "receiver": telling.channel,
        "groupLabels": group,
        "commonLabels": common(all.iter().map(|(labels, _)| labels)),
        "commonAnnotations": common(all.iter().map(|(_, annotations)| annotations)),
        "externalURL": telling.site.unwrap_or_default(),
        "alerts": alerts.iter().zip(&all).map(|(it, (labels, annotations))| {
            alert(telling, it, labels, annotations)
        }).collect::<Vec<_>>(),
    })
}

fn alert(
    telling: &Telling<'_>,
    row: &Notification,
    labels: &Labels,
    annotations: &Labels,
) -> Value {
    let starts = row.facts.as_ref().map_or(row.at, |it| it.opened_at);
    let status = status(row);
    let ends = match status {
        "resolved" => rfc3339(row.facts.as_ref().map_or(row.at, |it| it.at)),
        _ => NOT_ENDED.to_owned(),
    };
    let url = row.incident().and_then(|it| telling.console(it));
    json!({
        "status": status,
        "labels": labels,
        "annotations": annotations,
        "startsAt": rfc3339(starts),
        "endsAt": ends,
        "generatorURL": url.unwrap_or_default(),
        "fingerprint": fingerprint(labels),
    })
}

fn status(row: &Notification) -> &'static str {
    match row.kind {
        NotificationKind::Resolved => "resolved",
        _ => "firing",
    }
}

/// What tells one alert from another; nothing that changes while an incident is open, but its urgency.
fn labels(row: &Notification) -> Labels {
    let Some(it) = &row.facts else {
        return Labels::from([("alertname", "WatchfloorTest".to_owned())]);
    };
    Labels::from([
        ("alertname", "WatchfloorIncident".to_owned()),
        ("incident", it.incident.to_string()),
        ("product", it.product.0.clone()),
        ("priority", it.priority.to_string()),
        ("severity", it.severity.word().to_owned()),
    ])
}

fn annotations(row: &Notification) -> Labels {
    let mut annotations = Labels::from([("notification_id", row.id.clone())]);
    annotations.insert("description", words::line(row));
    if let Some(it) = &row.facts {
        annotations.insert("summary", words::plain(&it.title, 500));
        if let Some(runbook) = &it.runbook_url {
            annotations.insert("runbook_url", words::plain(runbook, 500));
        }
    }
    annotations
}

/// What all of them have, with the same value.
fn common<'a>(mut all: impl Iterator<Item = &'a Labels>) -> Labels {
    let mut common = all.next().cloned().unwrap_or_default();
    for other in all {
        common.retain(|name, value| other.get(name) == Some(value));
    }
    common
}

fn fingerprint(labels: &Labels) -> String {
    let mut digest = Sha256::new();
    // The urgency may change; it stays the same alert.
    for (name, value) in labels
        .iter()
        .filter(|(name, _)| !matches!(**name, "priority" | "severity"))
    {
        digest.update(format!("{name}\u{ff}{value}\u{ff}"));
    }
    let digest = digest.finalize();
    digest.iter().take(8).fold(String::new(), |mut hex, byte| {
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}
