//! Many incidents in one request.

use http::StatusCode;
use watchfloor_wire::bulk::{BulkAnswer, BulkOutcome};
use watchfloor_wire::session::Role;

use super::actions::{BODY, KEY, act, with_incident};
use super::harness::{Answer, Gateway};

const BULK: &str = "/api/monitoring/incidents/bulk";
const OPEN: &str = r#"{"product":"shop","title":"Something","priority":"P2"}"#;

async fn open(gateway: &Gateway, key: &str) {
    let key = ("idempotency-key", key);
    let path = "/api/monitoring/incidents";
    let answer = gateway.post(Role::Admin, path, &[key], OPEN).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
}

fn items(of: &[(u64, u64)]) -> String {
    let items: Vec<String> = of
        .iter()
        .map(|(id, version)| format!(r#"{{"id":{id},"version":{version}}}"#))
        .collect();
    items.join(",")
}

fn acknowledge(of: &[(u64, u64)]) -> String {
    format!(
        r#"{{"items":[{}],"action":{{"acknowledge":{BODY}}}}}"#,
        items(of)
    )
}

async fn post(gateway: &Gateway, key: &str, body: &str) -> Answer {
    let key = ("idempotency-key", key);
    gateway.post(Role::Operator, BULK, &[key], body).await
}

#[tokio::test]
async fn each_incident_is_answered_by_itself_and_a_retry_gets_the_same_bytes() {
    let (gateway, first) = with_incident().await;
    for key in ["key-open-2", "key-open-3", "key-open-4"] {
        open(&gateway, key).await;
    }
    act(&gateway, &first, "acknowledge", KEY.1, BODY).await;
    let body = acknowledge(&[(1, 1), (2, 1), (3, 9), (4, 1), (77, 1)]);
    let answer = post(&gateway, "key-bulk", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let read: BulkAnswer = serde_json::from_str(&answer.body).unwrap();
    let outcomes: Vec<BulkOutcome> = read.items.iter().map(|it| it.outcome).collect();
    assert_eq!(
        outcomes,
        [
            BulkOutcome::AlreadyAcknowledged,
            BulkOutcome::Done,
            BulkOutcome::Changed,
            BulkOutcome::Done,
            BulkOutcome::NotFound,
        ]
    );
    assert_eq!(read.seq, gateway.hub.state().seq);
    let again = post(&gateway, "key-bulk", &body).await;
    assert_eq!(again.body, answer.body);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let kept = gateway
        .get(Role::Operator, "/api/monitoring/idempotency/key-bulk")
        .await;
    assert_eq!(kept.body, answer.body);
    let other = post(&gateway, "key-bulk", &acknowledge(&[(3, 1)])).await;
    assert_eq!(other.code(), "key_reused");
    let undo = format!(
        r#"{{"items":[{}],"action":{{"undo":{{}}}}}}"#,
        items(&[(2, 2), (4, 2)])
    );
    let undone = post(&gateway, "key-undo", &undo).await;
    let undone: BulkAnswer = serde_json::from_str(&undone.body).unwrap();
    assert_eq!(undone.count(BulkOutcome::Done), 2);
}

#[tokio::test]
async fn what_cannot_be_asked_of_many_is_refused_as_a_whole() {
    let gateway = Gateway::start();
    let many: Vec<(u64, u64)> = (1..=201).map(|id| (id, 1)).collect();
    for (body, field) in [
        (acknowledge(&[]), "items"),
        (acknowledge(&[(1, 1), (1, 1)]), "items"),
        (acknowledge(&many), "items"),
        (acknowledge(&[(1, 1)]).replace("1800000", "1"), "lease_ms"),
        (
            format!(
                r#"{{"items":[{}],"action":{{"resolve":{{}}}}}}"#,
                items(&[(1, 1)])
            ),
            "note",
        ),
    ] {
        let answer = post(&gateway, "key-wrong", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
        assert_eq!(answer.json()["errors"][0]["field"], field);
    }
    let body = acknowledge(&[(1, 1)]);
    let keyless = gateway.post(Role::Operator, BULK, &[], &body).await;
    assert_eq!(keyless.status, StatusCode::PRECONDITION_REQUIRED);
    let viewer = gateway.post(Role::Viewer, BULK, &[KEY], &body).await;
    assert_eq!(viewer.status, StatusCode::FORBIDDEN);
    let none = post(&gateway, "key-none", &body).await;
    let none: BulkAnswer = serde_json::from_str(&none.body).unwrap();
    assert_eq!(none.items[0].outcome, BulkOutcome::NotFound);
}
