//! Whether what came has the shape that the real receiver would take. Written from their documentation, not from the
//! gateway's code.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

/// What came, judged.
pub(super) struct Judged {
    /// The notification's id, as far as it is told.
    pub(super) id: String,
    /// What is wrong.
    pub(super) problems: Vec<String>,
    /// The body; a text when it is no JSON.
    pub(super) body: Value,
}

/// `None` when there is no such kind of receiver.
pub(super) fn judge(
    kind: &str,
    headers: &HeaderMap,
    body: &[u8],
    key: Option<&str>,
) -> Option<Judged> {
    let mut problems = Vec::new();
    let json: Value = serde_json::from_slice(body).unwrap_or_else(|why| {
        problems.push(format!("the body is no JSON: {why}"));
        Value::String(String::from_utf8_lossy(body).into_owned())
    });
    let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str);
    let mut need = |pointer: &str, max_chars: usize| match text(pointer) {
        None | Some("") => problems.push(format!("{pointer} is missing")),
        Some(it) if it.chars().count() > max_chars => {
            problems.push(format!("{pointer} is longer than {max_chars} characters"));
        }
        Some(_) => {}
    };
    let id = match kind {
        "slack" => {
            need("/text", 40_000);
            need("/blocks/0/text/text", 3_000);
            last_of_context(&json)
        }
        "discord" => {
            need("/embeds/0/title", 256);
            need("/embeds/0/description", 4_096);
            text("/embeds/0/footer/text").map(str::to_owned)
        }
        "alertmanager" => {
            for pointer in ["/groupKey", "/status", "/receiver", "/alerts/0/fingerprint"] {
                need(pointer, 10_000);
            }
            need("/alerts/0/startsAt", 40);
            text("/alerts/0/annotations/notification_id").map(str::to_owned)
        }
        "webhook" => {
            for pointer in ["/id", "/source", "/type", "/specversion", "/time"] {
                need(pointer, 1_000);
            }
            text("/id").map(str::to_owned)
        }
        _ => return None,
    };
    problems.extend(match kind {
        "webhook" => signature(headers, body, key),
        "slack" => calls(&json),
        "discord" => mentions(&json),
        _ => None,
    });
    if kind == "alertmanager" && text("/version") != Some("4") {
        problems.push("/version is not \"4\"".to_owned());
    }
    Some(Judged {
        id: id.unwrap_or_default(),
        problems,
        body: json,
    })
}

fn last_of_context(json: &Value) -> Option<String> {
    let block = json.get("blocks")?.as_array()?.last()?;
    let text = block.pointer("/elements/0/text")?.as_str()?;
    Some(text.to_owned())
}

/// Slack reads `<!channel>` as a call to everybody.
fn calls(json: &Value) -> Option<String> {
    let text = json.to_string();
    text.contains("<!").then(|| "it calls everybody".to_owned())
}

fn mentions(json: &Value) -> Option<String> {
    let parse = json.pointer("/allowed_mentions/parse");
    let none = parse.and_then(Value::as_array).is_some_and(Vec::is_empty);
    (!none).then(|| "it may mention people".to_owned())
}

/// Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over id, timestamp and body, joined by full stops.
fn signature(headers: &HeaderMap, body: &[u8], key: Option<&str>) -> Option<String> {
    let key = key?;
    let header = |name: &str| headers.get(name)?.to_str().ok();
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
        mac.update(body);
        let coded = signature.strip_prefix("v1,").unwrap_or_default();
        let code = STANDARD.decode(coded).unwrap_or_default();
        mac.verify_slice(&code).is_ok()
    });
    (!fits).then(|| "its signature does not fit".to_owned())
}
