//! Whether what came has the shape that the real receiver would take. Written from their documentation, not from the
//! gateway's code.

mod alertmanager;
mod discord;
mod reading;
mod slack;
mod webhook;

use axum::http::HeaderMap;
use serde_json::Value;

use self::reading::Reading;

/// What came, judged.
pub(super) struct Judged {
    /// The notification's id, as far as it is told.
    pub(super) id: String,
    /// What is wrong.
    pub(super) problems: Vec<String>,
    /// The body; a text when it is no JSON.
    pub(super) body: Value,
}

/// A request as it came.
pub(super) struct Came<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// With what signatures are checked; without it none is.
    pub(super) key: Option<&'a str>,
    /// When, in milliseconds since the epoch.
    pub(super) at_ms: i64,
}

/// `None` when there is no such kind of receiver.
pub(super) fn judge(kind: &str, came: &Came<'_>) -> Option<Judged> {
    let json = serde_json::from_slice(came.body);
    let no_json = json.as_ref().err().map(ToString::to_string);
    let body: Value =
        json.unwrap_or_else(|_| Value::String(String::from_utf8_lossy(came.body).into_owned()));
    let mut reading = Reading::of(&body);
    if let Some(why) = no_json {
        reading.wrong(format!("the body is no JSON: {why}"));
    }
    let id = match kind {
        "slack" => slack::read(&mut reading),
        "discord" => discord::read(&mut reading),
        "alertmanager" => alertmanager::read(&mut reading),
        "webhook" => webhook::read(&mut reading, came),
        _ => return None,
    };
    Some(Judged {
        id,
        problems: reading.into_problems(),
        body,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(kind: &str, body: &Value) -> Vec<String> {
        let body = body.to_string();
        let came = Came {
            headers: &HeaderMap::new(),
            body: body.as_bytes(),
            key: None,
            at_ms: 0,
        };
        judge(kind, &came).unwrap().problems
    }

    /// What Alertmanager's documentation shows, filled in.
    fn alertmanager() -> Value {
        json!({
            "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": "firing", "receiver": "team",
            "groupLabels": {}, "commonLabels": { "alertname": "Down" }, "commonAnnotations": {}, "externalURL": "",
            "alerts": [{
                "status": "firing", "labels": { "alertname": "Down" }, "annotations": {},
                "startsAt": "2026-01-05T09:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "",
                "fingerprint": "0123456789abcdef",
            }],
        })
    }

    fn changed(mut body: Value, pointer: &str, value: Value) -> Value {
        *body.pointer_mut(pointer).unwrap() = value;
        body
    }

    #[test]
    fn alertmanagers_shape_is_its_fields_and_that_they_agree() {
        assert_eq!(
            problems("alertmanager", &alertmanager()),
            Vec::<String>::new()
        );
        for (pointer, value, problem) in [
            ("/version", json!("3"), "/version is not \"4\""),
            (
                "/truncatedAlerts",
                json!("0"),
                "/truncatedAlerts is no whole number",
            ),
            (
                "/status",
                json!("open"),
                "/status is none of firing, resolved",
            ),
            (
                "/status",
                json!("resolved"),
                "/status is resolved while an alert fires",
            ),
            (
                "/commonLabels",
                json!({ "a": "b" }),
                "/commonLabels holds what not all alerts have",
            ),
            ("/groupLabels", json!([]), "/groupLabels is no object"),
            ("/alerts", json!([]), "/alerts is empty"),
            (
                "/alerts/0/labels",
                json!({ "alert-name": "x" }),
                "`alert-name` is no label name",
            ),
            (
                "/alerts/0/annotations",
                json!({ "a": 1 }),
                "/alerts/0/annotations/a is no text",
            ),
            (
                "/alerts/0/startsAt",
                json!("today"),
                "/alerts/0/startsAt is no instant",
            ),
            (
                "/alerts/0/fingerprint",
                json!("zz"),
                "/alerts/0/fingerprint is no fingerprint",
            ),
        ] {
            let found = problems("alertmanager", &changed(alertmanager(), pointer, value));
            assert!(
                found.iter().any(|it| it.contains(problem)),
                "{problem}: {found:?}"
            );
        }
    }

    fn discord() -> Value {
        json!({
            "username": "Watchfloor", "content": "", "allowed_mentions": { "parse": [] },
            "embeds": [{
                "title": "a", "description": "b", "color": 1, "timestamp": "2026-01-05T09:00:00Z",
                "url": "http://127.0.0.1/", "footer": { "text": "n1" }, "fields": [],
            }],
        })
    }

    #[test]
    fn discords_limits_are_counted_in_characters() {
        assert_eq!(problems("discord", &discord()), Vec::<String>::new());
        let long = |count: usize| json!("ä".repeat(count));
        assert!(problems("discord", &changed(discord(), "/embeds/0/title", long(256))).is_empty());
        let field = json!({ "name": "n", "value": "v".repeat(1_025) });
        for (pointer, value, problem) in [
            (
                "/embeds/0/title",
                long(257),
                "/embeds/0/title is longer than 256",
            ),
            ("/embeds/0/description", long(4_097), "longer than 4096"),
            ("/embeds/0/footer/text", long(2_049), "longer than 2048"),
            ("/content", long(2_001), "/content is longer than 2000"),
            ("/username", json!("discord"), "/username may not hold"),
            (
                "/embeds/0/color",
                json!(0x100_0000),
                "/embeds/0/color is no colour",
            ),
            (
                "/embeds/0/timestamp",
                json!("now"),
                "/embeds/0/timestamp is no instant",
            ),
            (
                "/embeds/0/url",
                json!("ftp://x"),
                "/embeds/0/url is not http or https",
            ),
            (
                "/embeds/0/fields",
                json!([field]),
                "/embeds/0/fields/0/value is longer than 1024",
            ),
            ("/embeds", json!(vec![json!({}); 11]), "more than 10 embeds"),
            ("/allowed_mentions", json!({}), "it may mention people"),
        ] {
            let found = problems("discord", &changed(discord(), pointer, value));
            assert!(
                found.iter().any(|it| it.contains(problem)),
                "{problem}: {found:?}"
            );
        }
        let mut sum = changed(discord(), "/embeds/0/description", long(4_096));
        sum = changed(sum, "/embeds/0/footer/text", long(2_000));
        let found = problems("discord", &sum);
        assert_eq!(
            found,
            ["its embeds are longer than 6000 characters together"]
        );
    }

    #[test]
    fn slacks_blocks_are_known_ones_within_their_limits() {
        let text = |text: &str| json!({ "type": "mrkdwn", "text": text });
        let block = json!({ "type": "section", "text": text("a") });
        let whole = json!({ "text": "a", "blocks": [block] });
        assert_eq!(problems("slack", &whole), Vec::<String>::new());
        for (pointer, value, problem) in [
            ("/text", json!(""), "/text is missing"),
            (
                "/blocks/0/type",
                json!("secton"),
                "/blocks/0/type is none of",
            ),
            (
                "/blocks/0/text",
                text(&"x".repeat(3_001)),
                "longer than 3000",
            ),
            (
                "/blocks/0/text/type",
                json!("html"),
                "/blocks/0/text/type is none of",
            ),
            (
                "/blocks",
                json!(vec![block.clone(); 51]),
                "more than 50 blocks",
            ),
        ] {
            let found = problems("slack", &changed(whole.clone(), pointer, value));
            assert!(
                found.iter().any(|it| it.contains(problem)),
                "{problem}: {found:?}"
            );
        }
    }
}
