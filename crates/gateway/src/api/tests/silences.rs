//! Silences over HTTP: complete or refused.

use http::StatusCode;
use serde_json::{Value, json};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use super::actions::with_incident;
use super::harness::{Answer, Gateway};

const SILENCES: &str = "/api/monitoring/silences";

fn body(gateway: &Gateway, span_ms: i64) -> Value {
    json!({
        "matchers": [{ "field": "check", "operator": "is", "value": "shop.api" }],
        "expires_at": gateway.clock.now().0 + span_ms,
        "reason": "moving the database",
    })
}

async fn post(gateway: &Gateway, path: &str, key: &str, body: &Value) -> Answer {
    let headers = [("idempotency-key", key)];
    gateway
        .post(Role::Operator, path, &headers, &body.to_string())
        .await
}

fn merged(mut body: Value, more: Value) -> Value {
    let (Some(members), Value::Object(more)) = (body.as_object_mut(), more) else {
        panic!("no objects")
    };
    members.extend(more);
    body
}

#[tokio::test]
async fn a_silence_is_made_once_listed_and_ended_once() {
    let gateway = Gateway::start();
    let asked = body(&gateway, HOUR_MS);
    let first = post(&gateway, SILENCES, "key-make-1", &asked).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert_eq!(first.json()["silence"]["author_name"], "operator");
    let again = post(&gateway, SILENCES, "key-make-1", &asked).await;
    assert_eq!(
        (&again.body, again.header("idempotency-replayed")),
        (&first.body, "true")
    );
    let kept = gateway
        .get(Role::Operator, "/api/monitoring/idempotency/key-make-1")
        .await;
    assert_eq!(kept.body, first.body);
    let other = body(&gateway, 2 * HOUR_MS);
    let reused = post(&gateway, SILENCES, "key-make-1", &other).await;
    assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let one = gateway
        .get(Role::Viewer, &format!("{SILENCES}/SIL-1"))
        .await;
    assert_eq!((one.status, one.header("etag")), (StatusCode::OK, "\"1\""));
    let end = json!({ "note": "done" });
    let path = format!("{SILENCES}/1/expire");
    let ended = post(&gateway, &path, "key-end-01", &end).await;
    assert_eq!(
        ended.json()["silence"]["ended_by_name"],
        "operator",
        "{}",
        ended.body
    );
    let once_more = post(&gateway, &path, "key-end-02", &end).await;
    assert_eq!(once_more.json()["silence"], ended.json()["silence"]);
    let list = gateway
        .get(Role::Viewer, &format!("{SILENCES}?limit=1"))
        .await;
    assert_eq!(list.json()["silences"][0]["id"], 1);
    assert_eq!(gateway.hub.state().silences.len(), 1);
}

/// What is changed in a request that is right, the field that is then wrong, and the beginning of what is said of it.
fn mistakes(now: i64) -> Vec<(Value, &'static str, &'static str)> {
    let matcher = |field: &str, operator: &str, value: &str| json!({ "matchers": [{ "field": field, "operator": operator, "value": value }] });
    vec![
        (
            json!({ "matchers": [] }),
            "everything",
            "This mutes everything.",
        ),
        (
            matcher("title", "matches", "*"),
            "everything",
            "This mutes everything.",
        ),
        (
            matcher("title", "matches", "pool\\"),
            "matchers.0.value",
            "At character 5: `\\` goes before",
        ),
        (
            matcher("product", "is", "shpo"),
            "matchers.0.value",
            "There is no product `shpo`; there are `shop`.",
        ),
        (
            matcher("planet", "is", "x"),
            "matchers.0.field",
            "Choose product,",
        ),
        (
            matcher("check", "sounds_like", "x"),
            "matchers.0.operator",
            "Choose is,",
        ),
        (
            matcher("check", "is", ""),
            "matchers.0.value",
            "Say which check.",
        ),
        (
            json!({ "expires_at": now - 1 }),
            "expires_at",
            "It ends in the past.",
        ),
        (
            json!({ "expires_at": now + 31 * DAY_MS }),
            "expires_at",
            "Silence for 30 days at most",
        ),
        (
            json!({ "starts_at": now - HOUR_MS }),
            "starts_at",
            "It begins in the past",
        ),
        (json!({ "reason": " " }), "reason", "Write why"),
        (
            json!({ "kind": "maintenance", "recurrence": { "days": ["sun"], "at": "02:00", "duration_ms": HOUR_MS, "zone": "CEST" } }),
            "recurrence.zone",
            "`CEST` is no time zone",
        ),
    ]
}

#[tokio::test]
async fn each_mistake_is_refused_with_its_field() {
    let gateway = Gateway::start();
    for (at, (more, field, text)) in mistakes(gateway.clock.now().0).into_iter().enumerate() {
        let asked = merged(body(&gateway, HOUR_MS), more);
        // One account may not do so much at once.
        let role = if at < 8 { Role::Admin } else { Role::Operator };
        let headers = [("idempotency-key", "key-wrong")];
        let answer = gateway
            .post(role, SILENCES, &headers, &asked.to_string())
            .await;
        expect_field(&answer, field, text, &asked);
    }
    assert!(gateway.hub.state().silences.is_empty());
}

fn expect_field(answer: &Answer, field: &str, text: &str, asked: &Value) {
    assert_eq!(
        answer.status,
        StatusCode::BAD_REQUEST,
        "{asked}: {}",
        answer.body
    );
    let problem = &answer.json()["errors"][0];
    assert_eq!(problem["field"], field, "{asked}: {problem}");
    let said = problem["text"].as_str().unwrap();
    assert!(said.starts_with(text), "{asked}: {said}");
}

#[tokio::test]
async fn everything_can_be_muted_by_who_says_so() {
    let gateway = Gateway::start();
    let asked = merged(
        body(&gateway, HOUR_MS),
        json!({ "matchers": [], "everything": true }),
    );
    let answer = post(&gateway, SILENCES, "key-every", &asked).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn the_longer_is_for_admins_and_viewers_change_nothing() {
    let gateway = Gateway::start();
    let asked = body(&gateway, 2 * DAY_MS);
    let refused = post(&gateway, SILENCES, "key-longer", &asked).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::FORBIDDEN, "role")
    );
    let headers = [("idempotency-key", "key-longer")];
    let text = asked.to_string();
    let admin = gateway.post(Role::Admin, SILENCES, &headers, &text).await;
    assert_eq!(admin.status, StatusCode::OK, "{}", admin.body);
    for role in [Role::Viewer, Role::Display] {
        let answer = gateway.post(role, SILENCES, &headers, &text).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let no_key = gateway.post(Role::Operator, SILENCES, &[], &text).await;
    assert_eq!(no_key.status, StatusCode::PRECONDITION_REQUIRED);
}

#[tokio::test]
async fn a_change_wants_the_version_that_was_seen() {
    let gateway = Gateway::start();
    post(&gateway, SILENCES, "key-make-1", &body(&gateway, HOUR_MS)).await;
    let path = format!("{SILENCES}/1");
    let to = json!({ "expires_at": gateway.clock.now().0 + 2 * HOUR_MS }).to_string();
    for (version, status) in [
        (None, 428),
        (Some("\"9\""), 412),
        (Some("\"1\""), 200),
        (Some("\"1\""), 412),
    ] {
        let key = format!("key-change-{version:?}-{status}").replace([' ', '"', '\\'], "");
        let mut headers = vec![("idempotency-key", key.as_str())];
        headers.extend(version.map(|it| ("if-match", it)));
        let answer = gateway.post(Role::Operator, &path, &headers, &to).await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{version:?}: {}",
            answer.body
        );
    }
    let nowhere = format!("{SILENCES}/99");
    let headers = [("idempotency-key", "key-nowhere"), ("if-match", "\"1\"")];
    let answer = gateway.post(Role::Operator, &nowhere, &headers, &to).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let other =
        json!({ "matchers": [{ "field": "severity", "operator": "is", "value": "critical" }] });
    let headers = [("idempotency-key", "key-other-1"), ("if-match", "\"2\"")];
    let answer = gateway
        .post(Role::Operator, &path, &headers, &other.to_string())
        .await;
    assert_eq!(answer.json()["silence"]["id"], 2, "{}", answer.body);
    assert_eq!(answer.json()["replaced"]["replaced_by"], 2);
    let headers = [("idempotency-key", "key-ended-1"), ("if-match", "\"3\"")];
    let answer = gateway.post(Role::Operator, &path, &headers, &to).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::CONFLICT, "ended")
    );
}

#[tokio::test]
async fn a_preview_says_what_is_hit_now_and_was_before_and_changes_nothing() {
    let (gateway, _) = with_incident().await;
    let preview = format!("{SILENCES}/preview");
    let asked = |operator: &str, value: &str| json!({ "matchers": [{ "field": "rule", "operator": operator, "value": value }] });
    let hit = gateway
        .post(
            Role::Operator,
            &preview,
            &[],
            &asked("matches", "api*").to_string(),
        )
        .await;
    assert_eq!(hit.status, StatusCode::OK, "{}", hit.body);
    let it = hit.json();
    assert_eq!(
        (&it["alerts_now"], &it["fired_before"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(it["incidents_now"], json!([1]));
    assert_eq!(it["history"][0]["rule"], "API down");
    assert_eq!(it["everything"], false);
    let age_ms = gateway.clock.now().0 - it["history_from"].as_i64().unwrap();
    assert!((0..MINUTE_MS).contains(&age_ms), "{age_ms}");
    let missed = gateway
        .post(
            Role::Operator,
            &preview,
            &[],
            &asked("matches", "other*").to_string(),
        )
        .await;
    assert_eq!(
        (&missed.json()["alerts_now"], &missed.json()["fired_before"]),
        (&json!(0), &json!(0))
    );
    let wrong = gateway
        .post(
            Role::Operator,
            &preview,
            &[],
            &asked("matches", "|").to_string(),
        )
        .await;
    assert_eq!(wrong.json()["errors"][0]["field"], "matchers.0.value");
    assert!(gateway.hub.state().silences.is_empty());
}

#[tokio::test]
async fn a_preview_knows_labels_and_tells_of_those_that_there_are_not() {
    let (gateway, _) = with_incident().await;
    let preview = format!("{SILENCES}/preview");
    let by_label = |name: &str, value: &str| {
        let matcher = json!({ "field": "label", "label": name, "operator": "is", "value": value });
        json!({ "matchers": [matcher] }).to_string()
    };
    let labelled = by_label("team", "core");
    let labelled = gateway.post(Role::Operator, &preview, &[], &labelled).await;
    assert_eq!(
        (
            &labelled.json()["alerts_now"],
            &labelled.json()["fired_before"]
        ),
        (&json!(1), &json!(1)),
        "{}",
        labelled.body
    );
    let misspelt = by_label("taem", "core");
    let misspelt = gateway.post(Role::Operator, &preview, &[], &misspelt).await;
    assert_eq!(misspelt.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        misspelt.json()["errors"][0],
        json!({ "field": "matchers.0.label", "text": "There is no label `taem`; there are `team`." })
    );
}
