//! Pages, whole and broken.

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use axum::routing::get;
use std::net::SocketAddr;

use super::super::USER_AGENT;
use super::{ask, nobody, page, serve, silence, write};
use crate::sources::answer::{Body, Failure};
use crate::sources::tests::probe;

#[tokio::test]
async fn http_answers_come_with_status_type_and_body() {
    let app = Router::new()
        .route(
            "/json",
            get(|| async { ([("content-type", "application/json")], "{}") }),
        )
        .route(
            "/ill",
            get(|| async { (StatusCode::SERVICE_UNAVAILABLE, "ill") }),
        )
        .route(
            "/echo",
            get(|headers: HeaderMap| async move {
                let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
                format!("{} {}", header("accept-encoding"), header("user-agent"))
            }),
        );
    let address = serve(app).await;
    let url = |path: &str| format!("http://{address}{path}");

    let json = page(&probe("http", &url("/json"), "")).await;
    assert_eq!(
        (json.status, json.content_type.as_deref()),
        (200, Some("application/json"))
    );
    assert_eq!(json.body, Body::Whole(b"{}".to_vec()));
    let ill = page(&probe("http", &url("/ill"), "")).await;
    assert_eq!((ill.status, ill.body), (503, Body::Whole(b"ill".to_vec())));
    let echo = page(&probe("http", &url("/echo"), "")).await;
    let expected = format!("identity {}", USER_AGENT);
    assert_eq!(echo.body, Body::Whole(expected.into_bytes()));
    let head = page(&probe("head", &url("/json"), "")).await;
    assert_eq!((head.status, head.body), (200, Body::NotRead));
}

#[tokio::test]
async fn redirects_are_told_and_not_followed() {
    let app = Router::new().route(
        "/",
        get(|| async { Redirect::temporary("http://169.254.169.254/") }),
    );
    let address = serve(app).await;
    for kind in ["http", "redirect"] {
        let answer = page(&probe(kind, &format!("http://{address}/"), "")).await;
        assert_eq!(answer.status, 307);
        assert_eq!(answer.location.as_deref(), Some("http://169.254.169.254/"));
    }
}

#[tokio::test]
async fn bodies_that_break_off_or_never_end_are_told_apart() {
    let half = write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"status\":").await;
    let answer = page(&probe("http", &format!("http://{half}/"), "")).await;
    assert_eq!(answer.body, Body::BrokenOff { after_bytes: 10 });

    let app = Router::new().route("/", get(|| async { "x".repeat(100_000) }));
    let url = format!("http://{}/", serve(app).await);
    let answer = page(&probe("http", &url, "")).await;
    assert_eq!(
        answer.body,
        Body::TooLarge {
            limit_bytes: 65_536
        }
    );
    let answer = page(&probe("prometheus", &url, "")).await;
    assert_eq!(answer.body, Body::Whole("x".repeat(100_000).into_bytes()));
}

#[tokio::test]
async fn servers_that_are_gone_silent_or_confused_fail_with_their_reason() {
    let gone = nobody().await;
    let silent = silence().await;
    let closing = write(b"").await;
    let confused = write(b"SSH-2.0-OpenSSH_9.2\r\n").await;
    let brief = "timeout = \"200ms\"";
    for kind in ["http", "head", "redirect", "prometheus"] {
        let at = |address: SocketAddr| probe(kind, &format!("http://{address}/"), brief);
        assert_eq!(ask(&at(gone)).await.unwrap_err(), Failure::Refused);
        let timed_out = Failure::TimedOut { after_ms: 200 };
        assert_eq!(ask(&at(silent)).await.unwrap_err(), timed_out);
    }
    let failure = ask(&probe("http", &format!("http://{closing}/"), ""))
        .await
        .unwrap_err();
    assert!(
        matches!(failure, Failure::Closed | Failure::Protocol { .. }),
        "{failure:?}"
    );
    let failure = ask(&probe("http", &format!("http://{confused}/"), ""))
        .await
        .unwrap_err();
    assert!(matches!(failure, Failure::Protocol { .. }), "{failure:?}");
}
