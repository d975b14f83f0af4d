//! What Alertmanager sends to a `webhook_config`, version 4.

use serde_json::{Map, Value};

use super::reading::Reading;

/// Looks at it; the annotation `notification_id` of the first alert is the notification's id.
pub(super) fn read(reading: &mut Reading<'_>) -> String {
    if reading.text("/version") != Some("4") {
        reading.wrong("/version is not \"4\"");
    }
    for pointer in ["/groupKey", "/receiver"] {
        reading.need(pointer, 10_000);
    }
    reading.one_of("/status", &["firing", "resolved"]);
    if !reading.at("/truncatedAlerts").is_some_and(Value::is_u64) {
        reading.wrong("/truncatedAlerts is no whole number");
    }
    if reading.text("/externalURL").is_none() {
        reading.wrong("/externalURL is missing");
    }
    reading.texts("/groupLabels");
    let count = reading.list("/alerts").len();
    if count == 0 {
        reading.wrong("/alerts is empty");
    }
    for index in 0..count {
        alert(reading, &format!("/alerts/{index}"));
    }
    for (common, own) in [
        ("/commonLabels", "labels"),
        ("/commonAnnotations", "annotations"),
    ] {
        agree(reading, common, own);
    }
    let fires = |it: &Value| it["status"] == "firing";
    let some_fire = reading.list("/alerts").iter().any(fires);
    match reading.text("/status") {
        Some("resolved") if some_fire => reading.wrong("/status is resolved while an alert fires"),
        Some("firing") if !some_fire => reading.wrong("/status is firing while no alert does"),
        _ => {}
    }
    let id = reading.text("/alerts/0/annotations/notification_id");
    id.unwrap_or_default().to_owned()
}

fn alert(reading: &mut Reading<'_>, here: &str) {
    reading.one_of(&format!("{here}/status"), &["firing", "resolved"]);
    let labels = reading.texts(&format!("{here}/labels"));
    for name in labels.into_iter().flat_map(Map::keys) {
        let mut chars = name.chars();
        let starts = chars
            .next()
            .is_some_and(|it| it.is_ascii_alphabetic() || it == '_');
        if !(starts && chars.all(|it| it.is_ascii_alphanumeric() || it == '_')) {
            reading.wrong(format!("{here}: `{name}` is no label name"));
        }
    }
    reading.texts(&format!("{here}/annotations"));
    reading.instant(&format!("{here}/startsAt"));
    reading.instant(&format!("{here}/endsAt"));
    if reading.text(&format!("{here}/generatorURL")).is_none() {
        reading.wrong(format!("{here}/generatorURL is missing"));
    }
    let fingerprint = reading.text(&format!("{here}/fingerprint"));
    let is_one = |it: &str| it.len() == 16 && it.bytes().all(|it| it.is_ascii_hexdigit());
    if !fingerprint.is_some_and(is_one) {
        reading.wrong(format!(
            "{here}/fingerprint is no fingerprint: 16 hexadecimal digits"
        ));
    }
}

/// What is common is the same with every alert.
fn agree(reading: &mut Reading<'_>, common: &str, own: &str) {
    let Some(labels) = reading.texts(common) else {
        return;
    };
    let alerts = reading.list("/alerts");
    let everywhere =
        |(name, value): (&String, &Value)| alerts.iter().all(|it| it[own].get(name) == Some(value));
    if !labels.iter().all(everywhere) {
        reading.wrong(format!("{common} holds what not all alerts have"));
    }
}
