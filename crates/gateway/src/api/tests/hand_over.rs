//! Taking back, handing over, opening, merging, exporting, over HTTP.

use http::StatusCode;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::session::Role;

use super::actions::{BODY, KEY, act, current, path, version, with_incident};
use super::harness::{Answer, Gateway};

async fn act_as(
    gateway: &Gateway,
    role: Role,
    it: &Incident,
    action: &str,
    key: &str,
    body: &str,
) -> Answer {
    let version = version(it);
    let headers = [("idempotency-key", key), ("if-match", version.as_str())];
    gateway.post(role, &path(it, action), &headers, body).await
}

fn incident(answer: &Answer) -> Incident {
    assert!(answer.status.is_success(), "{}", answer.body);
    serde_json::from_value(answer.json()["incident"].clone()).unwrap()
}

#[tokio::test]
async fn an_acknowledgement_is_undone_by_its_author_within_ten_seconds() {
    let (gateway, before) = with_incident().await;
    let taken = act(&gateway, &before, "acknowledge", "key-acknowledge", BODY).await;
    let taken = incident(&taken);
    let others = act_as(&gateway, Role::Admin, &taken, "undo", "key-others", "{}").await;
    assert_eq!(
        (others.status, others.code().as_str()),
        (StatusCode::FORBIDDEN, "not_owner")
    );
    let undone = act(&gateway, &taken, "undo", "key-undo", "{}").await;
    let undone = incident(&undone);
    assert_eq!((undone.lease, undone.answered_at), (None, None));
    assert_eq!(undone.respond_by, before.respond_by);
    let again = act(&gateway, &taken, "undo", "key-again", "{}").await;
    assert_eq!(again.code(), "not_acknowledged");
    let retaken = act(
        &gateway,
        &current(&again),
        "acknowledge",
        "key-retake",
        BODY,
    )
    .await;
    let retaken = incident(&retaken);
    gateway
        .post(
            Role::Admin,
            &path(&retaken, "comment"),
            &[KEY],
            r#"{"note":"seen"}"#,
        )
        .await;
    let late = act(&gateway, &retaken, "undo", "key-late", "{}").await;
    assert_eq!(
        (late.status, late.code().as_str()),
        (StatusCode::CONFLICT, "undo_over")
    );
}

#[tokio::test]
async fn an_incident_goes_to_somebody_else_when_they_accept() {
    let (gateway, before) = with_incident().await;
    let taken = incident(&act(&gateway, &before, "acknowledge", "key-acknowledge", BODY).await);
    let assign = r#"{"account":"admin"}"#;
    let forced = act(&gateway, &taken, "assign", "key-assign", assign).await;
    assert_eq!(
        (forced.status, forced.code().as_str()),
        (StatusCode::FORBIDDEN, "role")
    );
    let offered = act(&gateway, &taken, "hand-over", "key-offer", assign).await;
    let offered = incident(&offered);
    let lease = offered.lease.as_ref().unwrap();
    assert_eq!(lease.owner, "operator");
    assert_eq!(lease.offer.as_ref().unwrap().account, "admin");
    let own = act(&gateway, &offered, "accept", "key-own-1", "{}").await;
    assert_eq!(
        (own.status, own.code().as_str()),
        (StatusCode::CONFLICT, "not_offered")
    );
    let accepted = act_as(
        &gateway,
        Role::Admin,
        &offered,
        "accept",
        "key-accept",
        "{}",
    )
    .await;
    let accepted = incident(&accepted);
    assert_eq!(accepted.lease.as_ref().unwrap().owner, "admin");
    let renew = r#"{"lease_ms":60000}"#;
    let refused = act(&gateway, &accepted, "renew", "key-renew", renew).await;
    assert_eq!(refused.code(), "not_owner");
    let renewed = act_as(
        &gateway,
        Role::Admin,
        &accepted,
        "renew",
        "key-renew",
        renew,
    )
    .await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.body);
}

#[tokio::test]
async fn operators_are_listed_by_name_and_nothing_else_of_them() {
    let gateway = Gateway::start();
    let answer = gateway
        .get(Role::Operator, "/api/monitoring/operators")
        .await;
    let expected = serde_json::json!({"operators": [
        {"account": "admin", "name": "admin", "role": "admin"},
        {"account": "operator", "name": "operator", "role": "operator"},
    ]});
    assert_eq!(answer.json(), expected);
    let viewer = gateway.get(Role::Viewer, "/api/monitoring/operators").await;
    assert_eq!(viewer.status, StatusCode::FORBIDDEN);
}

const INCIDENTS: &str = "/api/monitoring/incidents";
const OPEN: &str =
    r#"{"product":"shop","title":"Mail <b>twice</b>","priority":"P2","note":"1. *three* told us"}"#;

#[tokio::test]
async fn a_person_opens_an_incident_once() {
    let gateway = Gateway::start();
    let opened = gateway.post(Role::Operator, INCIDENTS, &[KEY], OPEN).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.body);
    let again = gateway.post(Role::Operator, INCIDENTS, &[KEY], OPEN).await;
    assert_eq!(
        (again.status, &again.body),
        (StatusCode::CREATED, &opened.body)
    );
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(
        incident(&opened).opened_by_name.as_deref(),
        Some("operator")
    );
    for (body, field) in [
        (OPEN.replace("shop", "stranger"), "product"),
        (OPEN.replace("Mail <b>twice</b>", "x"), "title"),
    ] {
        let key = ("idempotency-key", "key-wrong");
        let wrong = gateway.post(Role::Operator, INCIDENTS, &[key], &body).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert_eq!(wrong.json()["errors"][0]["field"], field, "{}", wrong.body);
    }
    let typo = OPEN.replace("P2", "P9");
    let key = ("idempotency-key", "key-typo");
    let typo = gateway.post(Role::Operator, INCIDENTS, &[key], &typo).await;
    assert!(typo.body.contains("P9"), "{}", typo.body);
    let viewer = gateway.post(Role::Viewer, INCIDENTS, &[KEY], OPEN).await;
    assert_eq!(viewer.status, StatusCode::FORBIDDEN);
    let keyless = gateway.post(Role::Operator, INCIDENTS, &[], OPEN).await;
    assert_eq!(keyless.status, StatusCode::PRECONDITION_REQUIRED);
}

#[tokio::test]
async fn two_incidents_become_one_and_the_alert_goes_along() {
    let (gateway, alerted) = with_incident().await;
    let opened = gateway.post(Role::Operator, INCIDENTS, &[KEY], OPEN).await;
    let target = incident(&opened);
    let stale = format!(r#"{{"into":{},"version":9}}"#, target.id.0);
    let refused = act(&gateway, &alerted, "merge", "key-stale", &stale).await;
    assert_eq!(refused.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(current(&refused).id, target.id);
    let body = format!(r#"{{"into":{},"version":1}}"#, target.id.0);
    let merged = incident(&act(&gateway, &alerted, "merge", "key-merge", &body).await);
    assert_eq!(merged.resolution.unwrap().merged_into, Some(target.id));
    let state = gateway.hub.state();
    let holder = state
        .incidents
        .iter()
        .find(|it| it.id == target.id)
        .unwrap();
    assert_eq!(holder.alerts, alerted.alerts);
    assert!(state.alerts.iter().all(|it| it.incident == Some(target.id)));
}

#[tokio::test]
async fn an_export_is_markdown_in_which_nothing_that_was_written_is_markup() {
    let gateway = Gateway::start();
    gateway.post(Role::Operator, INCIDENTS, &[KEY], OPEN).await;
    let export = format!("{INCIDENTS}/1/export");
    let answer = gateway.get(Role::Viewer, &export).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(
        answer.header("content-type"),
        "text/markdown; charset=utf-8"
    );
    assert!(answer.header("content-disposition").contains("INC-1.md"));
    assert!(
        answer
            .body
            .starts_with("# INC-1: Mail \\<b\\>twice\\</b\\>\n"),
        "{}",
        answer.body
    );
    assert!(
        answer.body.contains("> 1\\. \\*three\\* told us"),
        "{}",
        answer.body
    );
    let none = gateway
        .get(Role::Viewer, &format!("{INCIDENTS}/9/export"))
        .await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}
