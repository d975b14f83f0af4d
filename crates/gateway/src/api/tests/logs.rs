//! Log lines: queried, exported, followed.

use futures_util::StreamExt as _;
use http::{Method, StatusCode};
use tower::ServiceExt as _;
use watchfloor_wire::id::ProductId;
use watchfloor_wire::log::Level;
use watchfloor_wire::session::Role;

use super::harness::{Gateway, request};
use crate::records::NewLogLine;

const LOGS: &str = "/api/monitoring/logs";

fn line(gateway: &Gateway, level: Level, message: &str) -> NewLogLine {
    NewLogLine {
        at: gateway.clock.now(),
        product: ProductId::from("shop"),
        service: "api".to_owned(),
        level,
        message: message.to_owned(),
        fields: std::collections::BTreeMap::new(),
    }
}

async fn with_lines() -> Gateway {
    let gateway = Gateway::start();
    let lines = [
        (Level::Info, "started"),
        (Level::Error, "=cmd()"),
        (Level::Warn, "slow"),
    ];
    let lines = lines.map(|(level, text)| line(&gateway, level, text));
    gateway.recorder.logs(lines.to_vec());
    gateway.recorder.flush().await;
    gateway
}

#[tokio::test]
async fn lines_come_newest_first_and_by_level_product_and_text() {
    let gateway = with_lines().await;
    for (query, messages) in [
        ("", vec!["slow", "=cmd()", "started"]),
        ("?level=warn", vec!["slow", "=cmd()"]),
        ("?q=CMD", vec!["=cmd()"]),
        ("?product=shop&limit=1", vec!["slow"]),
        ("?product=other", vec![]),
    ] {
        let answer = gateway.get(Role::Viewer, &format!("{LOGS}{query}")).await;
        let json = answer.json();
        let found: Vec<_> = json["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["message"].as_str().unwrap())
            .collect();
        assert_eq!(found, messages, "{query}");
    }
}

#[tokio::test]
async fn an_export_is_written_as_the_client_asks() {
    let gateway = with_lines().await;
    let bearer = gateway.bearer(Role::Viewer);
    for (accept, content_type, rows, text) in [
        ("text/csv", "text/csv; charset=utf-8", 4, "\"'=cmd()\""),
        (
            "application/x-ndjson",
            "application/x-ndjson",
            3,
            "\"=cmd()\"",
        ),
        (
            "text/plain",
            "text/plain; charset=utf-8",
            3,
            "ERROR shop/api: =cmd()",
        ),
    ] {
        let headers = [("accept", accept), ("authorization", bearer.as_str())];
        let answer = gateway.send(request(Method::GET, LOGS, &headers, "")).await;
        assert_eq!(answer.header("content-type"), content_type);
        assert_eq!(answer.body.lines().count(), rows, "{}", answer.body);
        assert!(answer.body.contains(text), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_stream_brings_the_lines_that_are_meant_until_the_session_ends() {
    let gateway = Gateway::start();
    let account = gateway.auth.account("viewer").unwrap();
    let (token, _) = gateway.auth.open_token_session(&account, 60_000).unwrap();
    let bearer = format!("Bearer {}", token.reveal());
    let headers = [("authorization", bearer.as_str())];
    let it = request(
        Method::GET,
        "/api/monitoring/logs/stream?level=error",
        &headers,
        "",
    );
    let response = gateway.service.clone().oneshot(it).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let lines = [(Level::Info, "calm"), (Level::Error, "broken")];
    let lines = lines.map(|(level, text)| line(&gateway, level, text));
    gateway.recorder.logs(lines.to_vec());
    let mut body = response.into_body().into_data_stream();
    let event = body.next().await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&event).into_owned();
    assert!(
        text.contains("data: {") && text.contains("broken"),
        "{text}"
    );
    gateway.auth.revoke(token.hash()).unwrap();
    assert!(body.next().await.is_none());
}

#[tokio::test]
async fn a_stream_ends_when_the_gateway_stops() {
    let gateway = Gateway::start();
    let bearer = gateway.bearer(Role::Viewer);
    let headers = [("authorization", bearer.as_str())];
    let it = request(Method::GET, "/api/monitoring/logs/stream", &headers, "");
    let response = gateway.service.clone().oneshot(it).await.unwrap();
    gateway.stopping.cancel();
    assert!(
        response
            .into_body()
            .into_data_stream()
            .next()
            .await
            .is_none()
    );
}
