//! The generic webhook: a CloudEvent 1.0 as structured JSON, signed as Standard Webhooks has it.

use axum::http::header::CONTENT_TYPE;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::Came;
use super::reading::Reading;

/// A signature is good for so long before and after its time, in milliseconds.
const TOLERANCE_MS: i64 = 5 * 60_000;

/// Looks at it; its id is the notification's.
pub(super) fn read(reading: &mut Reading<'_>, came: &Came<'_>) -> String {
    for pointer in ["/id", "/source", "/type"] {
        reading.need(pointer, 1_000);
    }
    reading.one_of("/specversion", &["1.0"]);
    reading.instant("/time");
    let id = reading.text("/id").unwrap_or_default();
    if let Some(key) = came.key {
        if let Some(wrong) = signature(came, key, id) {
            reading.wrong(wrong);
        }
        let kind = came
            .headers
            .get(CONTENT_TYPE)
            .and_then(|it| it.to_str().ok());
        if !kind.is_some_and(|it| it.starts_with("application/cloudevents+json")) {
            reading.wrong("its content type is not application/cloudevents+json");
        }
    }
    id.to_owned()
}

/// Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over id, timestamp and body, joined by full stops.
fn signature(came: &Came<'_>, key: &str, event: &str) -> Option<String> {
    let header = |name: &str| came.headers.get(name)?.to_str().ok();
    let told = || {
        Some((
            header("webhook-id")?,
            header("webhook-timestamp")?,
            header("webhook-signature")?,
        ))
    };
    let Some((id, at, signature)) = told() else {
        return Some("it is not signed".to_owned());
    };
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok();
    let fits = mac.is_some_and(|mut mac| {
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(came.body);
        let coded = signature.strip_prefix("v1,").unwrap_or_default();
        let code = STANDARD.decode(coded).unwrap_or_default();
        mac.verify_slice(&code).is_ok()
    });
    let at_ms = at.parse::<i64>().unwrap_or_default().saturating_mul(1_000);
    if !fits {
        Some("its signature does not fit".to_owned())
    } else if id != event {
        Some("its webhook-id is not the event's id".to_owned())
    } else if came.at_ms.saturating_sub(at_ms).abs() > TOLERANCE_MS {
        Some("its signature is too old or of the future".to_owned())
    } else {
        None
    }
}
