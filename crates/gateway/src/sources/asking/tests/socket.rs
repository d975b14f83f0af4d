//! Connections without pages.

use std::future::pending;

use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{ask, listen, nobody, serve};
use crate::sources::answer::{Failure, Said, SocketAnswer};
use crate::sources::tests::probe;

#[tokio::test]
async fn tcp_is_connected_or_refused() {
    let (listener, open) = listen().await;
    let answer = ask(&probe("tcp", &format!("tcp://{open}"), "")).await;
    assert!(matches!(answer, Ok(Said::Connected)), "{answer:?}");
    drop(listener);
    let answer = ask(&probe("tcp", &format!("tcp://{open}"), "")).await;
    assert_eq!(answer.unwrap_err(), Failure::Refused);
}

async fn realtime(headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if headers
        .get("origin")
        .is_some_and(|it| it != "https://app.example")
    {
        return StatusCode::FORBIDDEN.into_response();
    }
    upgrade.on_upgrade(|mut socket| async move {
        let _ = socket.send(Message::text("welcome")).await;
        while let Some(Ok(message)) = socket.recv().await {
            if let Message::Text(text) = message {
                let _ = socket.send(Message::Text(text)).await;
            }
        }
    })
}

/// Opens, and closes instead of answering.
async fn curt(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|mut socket| async move {
        let _ = socket.recv().await;
        let _ = socket.send(Message::Close(None)).await;
    })
}

/// Opens, and never answers.
async fn mute(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |socket| {
        let _held = socket;
        pending::<()>().await;
    })
}

#[tokio::test]
async fn websockets_open_echo_and_refuse_by_origin() {
    let app = Router::new()
        .route("/realtime", get(realtime))
        .route("/curt", get(curt))
        .route("/mute", get(mute));
    let address = serve(app).await;
    let at = |path: &str, more: &str| probe("websocket", &format!("ws://{address}{path}"), more);
    let socket = async |path: &str, more: &str| match ask(&at(path, more)).await {
        Ok(Said::Socket(answer)) => Ok(answer),
        Err(failure) => Err(failure),
        Ok(other) => panic!("{other:?}"),
    };
    let opened = Ok(SocketAnswer::Opened);
    let ours = "origin = \"https://app.example\"\necho = \"are you there?\"";
    assert_eq!(socket("/realtime", "").await, opened);
    assert_eq!(socket("/realtime", ours).await, opened);
    let refused = |status| Ok(SocketAnswer::Refused { status });
    assert_eq!(
        socket("/realtime", "origin = \"https://evil.example\"").await,
        refused(403)
    );
    assert_eq!(socket("/nowhere", "").await, refused(404));
    assert_eq!(
        socket("/curt", "echo = \"x\"").await,
        Ok(SocketAnswer::NoEcho)
    );
    let timed_out = Err(Failure::TimedOut { after_ms: 200 });
    assert_eq!(
        socket("/mute", "echo = \"x\"\ntimeout = \"200ms\"").await,
        timed_out
    );
    let gone = probe("websocket", &format!("ws://{}/", nobody().await), "");
    assert_eq!(ask(&gone).await.unwrap_err(), Failure::Refused);
}
