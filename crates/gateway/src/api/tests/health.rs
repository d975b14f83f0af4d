//! The gateway's own health, in all four forms.

use http::{Method, StatusCode};
use watchfloor_wire::session::Role;

use super::harness::{Gateway, request};

#[tokio::test]
async fn everybody_may_ask_whether_the_gateway_is_well() {
    let gateway = Gateway::start();
    let answer = gateway
        .send(request(Method::GET, "/api/health", &[], ""))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["status"], "healthy");
    let head = gateway
        .send(request(Method::HEAD, "/api/health", &[], ""))
        .await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn detail_is_for_people_who_are_signed_in() {
    let gateway = Gateway::start();
    let path = "/api/health?detailed=true";
    let stranger = gateway.send(request(Method::GET, path, &[], "")).await;
    assert!(stranger.json()["detail"].is_null());
    assert!(gateway.get(Role::Display, path).await.json()["detail"].is_null());
    let viewer = gateway.get(Role::Viewer, path).await;
    assert!(viewer.json()["detail"]["epoch"].is_string());
    assert!(viewer.json()["detail"]["store_bytes"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn a_report_is_made_for_operators() {
    let gateway = Gateway::start();
    for (body, status) in [
        (r#"{"action":"generate-report"}"#, 200),
        (r#"{"action":"generate-report","hours":2160}"#, 200),
        (r#"{"action":"generate-report","hours":2161}"#, 400),
        (r#"{"action":"restart"}"#, 400),
        (r#"{"action":"generate-report","more":1}"#, 400),
    ] {
        let answer = gateway.post(Role::Operator, "/api/health", &[], body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}");
        assert_eq!(answer.json()["products"].is_array(), status == 200);
    }
}

#[tokio::test]
async fn own_metrics_are_prometheus_text() {
    let gateway = Gateway::start();
    let answer = gateway.get(Role::Viewer, "/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
}
