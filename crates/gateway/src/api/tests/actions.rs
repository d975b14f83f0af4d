//! Actions over HTTP: complete or refused.

use http::StatusCode;
use watchfloor_wire::id::CheckId;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::session::Role;

use super::harness::{Answer, Gateway, eventually};
use crate::observation::{CheckObservation, Observation, Outcome};

const ACKNOWLEDGE: &str = "/api/monitoring/incidents/INC-1/acknowledge";
pub(super) const BODY: &str = r#"{"note":"looking","lease_ms":1800000,"scope":"severity"}"#;
pub(super) const KEY: (&str, &str) = ("idempotency-key", "0f0e0d0c-0b0a-4908-8706-050403020100");
const VERSION: (&str, &str) = ("if-match", "\"1\"");

#[tokio::test]
async fn an_action_needs_a_key_and_the_version_that_was_seen() {
    let gateway = Gateway::start();
    for (headers, status) in [
        (vec![], 428),
        (vec![KEY], 428),
        (vec![VERSION], 428),
        (vec![KEY, ("if-match", "*")], 400),
        (vec![("idempotency-key", "short"), VERSION], 400),
        (vec![KEY, VERSION], 404),
    ] {
        let answer = gateway
            .post(Role::Operator, ACKNOWLEDGE, &headers, BODY)
            .await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{headers:?}: {}",
            answer.body
        );
    }
}

/// A gateway whose product's check is down, and the incident that this opened.
pub(super) async fn with_incident() -> (Gateway, Incident) {
    let gateway = Gateway::start();
    gateway.engine.observe(Observation::Check(CheckObservation {
        check: CheckId::from("shop.api"),
        observed_at: gateway.clock.now(),
        outcome: Outcome::Down("connection refused".to_owned()),
        samples: Vec::new(),
    }));
    let incident = eventually(|| gateway.hub.state().incidents.into_iter().next()).await;
    (gateway, incident)
}

pub(super) fn path(incident: &Incident, action: &str) -> String {
    format!("/api/monitoring/incidents/{}/{action}", incident.id)
}

pub(super) fn version(incident: &Incident) -> String {
    format!("\"{}\"", incident.version)
}

pub(super) async fn act(
    gateway: &Gateway,
    it: &Incident,
    action: &str,
    key: &str,
    body: &str,
) -> Answer {
    let version = version(it);
    let headers = [("idempotency-key", key), ("if-match", version.as_str())];
    gateway
        .post(Role::Operator, &path(it, action), &headers, body)
        .await
}

#[tokio::test]
async fn an_incomplete_action_names_the_fields() {
    let (gateway, incident) = with_incident().await;
    for (action, body, field) in [
        (
            "acknowledge",
            r#"{"note":" ","lease_ms":60000,"scope":"severity"}"#,
            "note",
        ),
        (
            "acknowledge",
            r#"{"note":"x","lease_ms":59999,"scope":"severity"}"#,
            "lease_ms",
        ),
        (
            "acknowledge",
            r#"{"note":"x","lease_ms":60000,"scope":"severity","offer_to":"viewer"}"#,
            "offer_to",
        ),
        ("renew", r#"{"lease_ms":604800001}"#, "lease_ms"),
        ("comment", "{}", "note"),
        ("resolve", "{}", "note"),
        ("review", r#"{"note":" "}"#, "note"),
    ] {
        expect_field(&gateway, &incident, action, body, field).await;
    }
}

#[tokio::test]
async fn an_action_names_who_and_what_there_is() {
    let (gateway, incident) = with_incident().await;
    for (action, body, field) in [
        ("assign", r#"{"account":"stranger"}"#, "account"),
        ("assign", r#"{"account":"viewer"}"#, "account"),
        ("hand-over", r#"{"account":"viewer"}"#, "account"),
        ("hand-over", r#"{"account":"operator"}"#, "account"),
        ("merge", r#"{"into":99,"version":1}"#, "into"),
        ("link", r#"{"to":99}"#, "to"),
        ("link", r#"{"to":1}"#, "to"),
    ] {
        expect_field(&gateway, &incident, action, body, field).await;
    }
}

async fn expect_field(gateway: &Gateway, it: &Incident, action: &str, body: &str, field: &str) {
    let answer = act(gateway, it, action, KEY.1, body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{action} {body}");
    let found = &answer.json()["errors"][0]["field"];
    assert_eq!(found, field, "{}", answer.body);
}

pub(super) fn current(answer: &Answer) -> Incident {
    serde_json::from_value(answer.json()["current"].clone()).unwrap()
}

#[tokio::test]
async fn a_retry_with_the_same_key_gets_the_same_answer_byte_for_byte() {
    let (gateway, incident) = with_incident().await;
    let first = act(&gateway, &incident, "acknowledge", KEY.1, BODY).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert_eq!(first.json()["incident"]["status"], "acknowledged");
    let again = act(&gateway, &incident, "acknowledge", KEY.1, BODY).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let kept = format!("/api/monitoring/idempotency/{}", KEY.1);
    assert_eq!(gateway.get(Role::Operator, &kept).await.body, first.body);
    // Another account's keys are its own.
    assert_eq!(
        gateway.get(Role::Admin, &kept).await.status,
        StatusCode::NOT_FOUND
    );
    let other = BODY.replace("looking", "other");
    let reused = act(&gateway, &incident, "acknowledge", KEY.1, &other).await;
    assert_eq!(reused.code(), "key_reused");
    assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_first_owner_stays_and_a_resolved_incident_stays_resolved() {
    let (gateway, incident) = with_incident().await;
    act(&gateway, &incident, "acknowledge", "key-first", BODY).await;
    let second = act(&gateway, &incident, "acknowledge", "key-second", BODY).await;
    assert_eq!(
        (second.status, second.code().as_str()),
        (StatusCode::CONFLICT, "already_acknowledged")
    );
    assert!(
        second
            .body
            .contains("Somebody was faster: operator acknowledged at")
    );
    let note = r#"{"note":"restarted it"}"#;
    let stale = act(&gateway, &incident, "resolve", "key-stale", note).await;
    assert_eq!(
        (stale.status, stale.code().as_str()),
        (StatusCode::PRECONDITION_FAILED, "changed")
    );
    let now = current(&stale);
    let resolved = act(&gateway, &now, "resolve", "key-resolve", note).await;
    assert_eq!(resolved.status, StatusCode::OK, "{}", resolved.body);
    let late = act(&gateway, &now, "acknowledge", "key-late", BODY).await;
    assert_eq!(
        (late.status, late.code().as_str()),
        (StatusCode::CONFLICT, "resolved")
    );
}

#[tokio::test]
async fn what_was_done_stands_in_the_timeline() {
    let (gateway, incident) = with_incident().await;
    let comment = path(&incident, "comment");
    let answer = gateway
        .post(Role::Admin, &comment, &[KEY], r#"{"note":"seen it"}"#)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let detail = gateway
        .get(
            Role::Viewer,
            &format!("/api/monitoring/incidents/{}", incident.id),
        )
        .await;
    let timeline = detail.json()["timeline"].clone();
    assert_eq!(timeline[0]["note"], "seen it");
    assert_eq!(timeline[0]["actor_name"], "admin");
    assert!(detail.header("etag").starts_with('"'));
    let list = gateway
        .get(Role::Viewer, "/api/monitoring/incidents?open=true")
        .await;
    assert_eq!(list.json()["incidents"][0]["id"], incident.id.0);
}

#[tokio::test]
async fn who_may_only_look_changes_nothing() {
    let (gateway, incident) = with_incident().await;
    let acknowledge = path(&incident, "acknowledge");
    for role in [Role::Viewer, Role::Display] {
        let answer = gateway
            .post(role, &acknowledge, &[KEY, VERSION], BODY)
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "role")
        );
    }
    let state = gateway.hub.state();
    assert_eq!(state.incidents[0].status, IncidentStatus::Triggered);
}
