//! The gateway's own webhook: a CloudEvent 1.0 as structured JSON, signed as Standard Webhooks has it: HMAC-SHA256
//! over the id, the time and the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Telling;
use crate::instant::rfc3339;
use crate::notify::outbox::Notification;
use crate::notify::words;

/// The `Content-Type` of a CloudEvent as structured JSON.
pub const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";

/// The body.
#[must_use]
pub fn body(telling: &Telling<'_>) -> Value {
    let row = telling.row;
    let subject = match row.incident() {
        Some(incident) => format!("incident/{}", incident.0),
        None => format!("channel/{}", telling.channel),
    };
    json!({
        "specversion": "1.0",
        "id": row.id,
        "source": telling.site.unwrap_or("/watchfloor"),
        "type": format!("watchfloor.notification.{}", row.kind.slug()),
        "subject": subject,
        "time": rfc3339(row.at),
        "datacontenttype": "application/json",
        "data": data(telling),
    })
}

fn data(telling: &Telling<'_>) -> Value {
    let row = telling.row;
    let mut data = told(telling, row);
    if !telling.members.is_empty() {
        let members = telling.members.iter().map(|it| told(telling, it));
        data["notifications"] = members.collect();
    }
    data
}

fn told(telling: &Telling<'_>, row: &Notification) -> Value {
    let text = words::line(row);
    let Some(it) = &row.facts else {
        return json!({ "id": row.id, "kind": row.kind, "text": text });
    };
    json!({
        "id": row.id,
        "kind": row.kind,
        "text": text,
        "incident": it.incident.to_string(),
        "version": it.version,
        "product": it.product,
        "title": words::plain(&it.title, 300),
        "priority": it.priority,
        "severity": it.severity,
        "step": it.step.as_deref().map(|it| words::plain(it, 200)),
        "contact": words::plain(&it.contact, 200),
        "by": it.by_name.as_deref().map(|it| words::plain(it, 200)),
        "note": words::plain(&it.note, 500),
        "opened_at": rfc3339(it.opened_at),
        "respond_by": rfc3339(it.respond_by),
        "at": rfc3339(it.at),
        "url": telling.console(it.incident),
        "runbook_url": it.runbook_url.as_deref().map(|it| words::plain(it, 500)),
    })
}

/// The `webhook-signature` of a body that is sent at `at_s`, in seconds since the epoch. A key that begins with
/// `whsec_` is base64 behind that; any other is taken as it is.
#[must_use]
pub fn signature(key: &str, id: &str, at_s: i64, body: &[u8]) -> String {
    let bytes = key
        .strip_prefix("whsec_")
        .and_then(|coded| STANDARD.decode(coded).ok())
        .unwrap_or_else(|| key.as_bytes().to_vec());
    let mut signed = format!("{id}.{at_s}.").into_bytes();
    signed.extend_from_slice(body);
    let code = match Hmac::<Sha256>::new_from_slice(&bytes) {
        Ok(mut mac) => {
            mac.update(&signed);
            STANDARD.encode(mac.finalize().into_bytes())
        }
        // HMAC takes keys of every length.
        Err(_) => String::new(),
    };
    format!("v1,{code}")
}
