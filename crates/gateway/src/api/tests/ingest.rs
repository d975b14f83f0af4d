//! What products send in reaches those who may read it.

use http::{Method, StatusCode};
use watchfloor_wire::session::Role;

use super::harness::{Answer, Gateway, INGEST_KEY, request};

async fn send(gateway: &Gateway, what: &str, key: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let path = format!("/api/monitoring/ingest/{what}");
    gateway
        .send(request(Method::POST, &path, &headers, body))
        .await
}

#[tokio::test]
async fn lines_that_were_sent_in_can_be_read_without_their_secrets() {
    let gateway = Gateway::start();
    let body =
        r#"{"lines":[{"message":"signed in","level":"warn","fields":{"password":"hunter2"}}]}"#;
    let answer = send(&gateway, "logs", INGEST_KEY, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.json()["accepted"], 1);
    gateway.recorder.flush().await;
    let read = gateway
        .get(Role::Viewer, "/api/monitoring/logs?product=shop")
        .await;
    assert!(read.body.contains("signed in") && !read.body.contains("hunter2"));
}

#[tokio::test]
async fn errors_are_counted_and_a_wrong_key_is_refused() {
    let gateway = Gateway::start();
    let body = r#"{"errors":[{"message":"pool exhausted","error_type":"PoolTimeout"}]}"#;
    let refused = send(&gateway, "errors", "wrong-key-0123456789", body).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let taken = send(&gateway, "errors", INGEST_KEY, body).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    let health = gateway.get(Role::Viewer, "/api/health?detailed=true").await;
    assert_eq!(health.json()["detail"]["errors_last_hour"], 1);
    assert!(health.json()["detail"]["pipeline"]["ingest_ms"].is_number());
}
