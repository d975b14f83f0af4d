//! The feed as server-sent events: the same messages, and who may follow.

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use http::{Method, Request, StatusCode};
use tower::ServiceExt as _;
use watchfloor_wire::feed::ServerMessage;
use watchfloor_wire::session::Role;

use super::harness::{Gateway, HOST, PAGE, request};

/// One event: its name (empty for a message of the feed), its id, its data.
#[derive(Debug, Default)]
struct Event {
    name: String,
    id: String,
    data: String,
}

struct Events(BodyDataStream);

impl Events {
    /// The next event; `None` at the end. Each chunk is a whole number of events here.
    async fn all_of_next_chunk(&mut self) -> Option<Vec<Event>> {
        let chunk = self.0.next().await?.unwrap();
        let text = String::from_utf8(chunk.to_vec()).unwrap();
        let blocks = text.split_terminator("\n\n").map(|block| {
            let mut event = Event::default();
            for line in block.lines() {
                match line.split_once(": ").unwrap() {
                    ("event", name) => event.name = name.to_owned(),
                    ("id", id) => event.id = id.to_owned(),
                    ("data", data) => event.data = data.to_owned(),
                    other => panic!("{other:?}"),
                }
            }
            event
        });
        Some(blocks.collect())
    }

    /// Events until one that `wanted` likes, that one last.
    async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let events = self.all_of_next_chunk().await.expect("the stream ended");
            if let Some(event) = events.into_iter().find(&wanted) {
                return event;
            }
        }
    }
}

fn address(gateway: &Gateway, behind: u64) -> String {
    let head = gateway.hub.head();
    let s = head.seq - behind;
    format!("/api/monitoring/feed/stream?e={}&s={s}", head.epoch)
}

async fn open(gateway: &Gateway, it: Request<Body>) -> Result<Events, StatusCode> {
    let response = gateway.service.clone().oneshot(it).await.unwrap();
    if response.status() != StatusCode::OK {
        return Err(response.status());
    }
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    Ok(Events(response.into_body().into_data_stream()))
}

fn with_token(gateway: &Gateway, address: &str) -> Request<Body> {
    let bearer = gateway.bearer(Role::Viewer);
    request(Method::GET, address, &[("authorization", &bearer)], "")
}

#[tokio::test]
async fn it_says_its_number_welcomes_and_goes_on_from_the_cursor() {
    let gateway = Gateway::start();
    let it = with_token(&gateway, &address(&gateway, 1));
    let mut events = open(&gateway, it).await.unwrap();
    let first = events.all_of_next_chunk().await.unwrap();
    assert_eq!(first[0].name, "stream");
    let stream: serde_json::Value = serde_json::from_str(&first[0].data).unwrap();
    assert!(stream["stream"].as_u64().is_some());
    let welcome = ServerMessage::decode(&first[1].data).unwrap();
    assert!(matches!(welcome, ServerMessage::Welcome(it) if it.replayed == 1));
    let frame = events.until(|it| it.data.contains("\"t\":\"d\"")).await;
    let head = gateway.hub.head();
    assert_eq!(frame.id, format!("{}.{}", head.epoch, head.seq));
    assert!(matches!(
        ServerMessage::decode(&frame.data).unwrap(),
        ServerMessage::Frame(it) if it.f < head.seq && it.s == head.seq
    ));
}

#[tokio::test]
async fn a_client_that_must_fetch_a_snapshot_is_told_so_and_the_stream_ends() {
    let gateway = Gateway::start();
    let it = with_token(&gateway, "/api/monitoring/feed/stream?e=other&s=1");
    let mut events = open(&gateway, it).await.unwrap();
    let reset = events.until(|it| it.data.contains("\"t\":\"reset\"")).await;
    assert!(reset.data.contains("\"why\":\"epoch\""));
    while let Some(more) = events.all_of_next_chunk().await {
        assert!(more.is_empty(), "{more:?}");
    }
}

#[tokio::test]
async fn its_pongs_come_by_request_from_its_own_session() {
    let gateway = Gateway::start();
    let cookie = gateway.cookie(Role::Display);
    let follow = [
        ("cookie", cookie.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let it = request(Method::GET, &address(&gateway, 0), &follow, "");
    let mut events = open(&gateway, it).await.unwrap();
    let first = events.all_of_next_chunk().await.unwrap();
    let stream: serde_json::Value = serde_json::from_str(&first[0].data).unwrap();
    let body = format!("{{\"stream\":{},\"n\":1,\"s\":1}}", stream["stream"]);
    let pong = |cookie: &str| {
        let mut headers = vec![("cookie", cookie)];
        headers.extend(PAGE);
        request(Method::POST, "/api/monitoring/feed/pong", &headers, &body)
    };
    assert_eq!(
        gateway.send(pong(&cookie)).await.status,
        StatusCode::NO_CONTENT
    );
    let another = gateway.cookie(Role::Display);
    assert_eq!(
        gateway.send(pong(&another)).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn another_sites_page_does_not_follow_with_a_cookie() {
    let gateway = Gateway::start();
    let cookie = gateway.cookie(Role::Viewer);
    let (own, evil) = (format!("http://{HOST}"), "http://evil.example".to_owned());
    for (headers, status) in [
        (
            vec![("sec-fetch-site", "cross-site")],
            Some(StatusCode::FORBIDDEN),
        ),
        (
            vec![("sec-fetch-site", "same-site")],
            Some(StatusCode::FORBIDDEN),
        ),
        (vec![("origin", evil.as_str())], Some(StatusCode::FORBIDDEN)),
        (vec![("origin", own.as_str())], None),
        (vec![], None),
    ] {
        let mut all = vec![("cookie", cookie.as_str())];
        all.extend(headers.clone());
        let it = request(Method::GET, &address(&gateway, 0), &all, "");
        assert_eq!(open(&gateway, it).await.err(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn an_ended_session_ends_its_stream_with_the_code_of_the_socket() {
    let gateway = Gateway::start();
    let account = gateway.auth.account("viewer").unwrap();
    let (token, _) = gateway.auth.open_token_session(&account, 600_000).unwrap();
    let bearer = format!("Bearer {}", token.reveal());
    let headers = [("authorization", bearer.as_str())];
    let it = request(Method::GET, &address(&gateway, 0), &headers, "");
    let mut events = open(&gateway, it).await.unwrap();
    events.all_of_next_chunk().await.unwrap();
    gateway.auth.revoke(token.hash()).unwrap();
    let close = events.until(|it| it.name == "close").await;
    assert!(close.data.contains("\"code\":4504"), "{close:?}");
}
