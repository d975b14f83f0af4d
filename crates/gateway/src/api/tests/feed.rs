//! The feed's socket over a real connection: who gets one.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use watchfloor_wire::session::Role;

use super::harness::{Gateway, request, standing_clock};
use crate::http_server;

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn listen(gateway: &Gateway) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (service, stopping) = (gateway.service.clone(), gateway.stopping.clone());
    tokio::spawn(http_server::serve(
        listener,
        service,
        http_server::ServerLimits::default(),
        stopping,
        Duration::from_secs(1),
    ));
    address
}

/// The status of a refusal, or the socket.
async fn open(address: SocketAddr, headers: &[(&'static str, String)]) -> Result<Socket, u16> {
    let url = format!("ws://{address}/api/monitoring/feed");
    let mut it = url.into_client_request().unwrap();
    for (name, value) in headers {
        it.headers_mut().insert(*name, value.parse().unwrap());
    }
    match connect_async(it).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

async fn ticket(gateway: &Gateway, cookie: &str, host: &str) -> String {
    let origin = format!("http://{host}");
    let headers = [
        ("cookie", cookie),
        ("x-watchfloor-csrf", "1"),
        ("origin", origin.as_str()),
    ];
    let mut it = request(http::Method::POST, "/api/monitoring/ticket", &headers, "");
    it.headers_mut().insert("host", host.parse().unwrap());
    let answer = gateway.send(it).await;
    answer.json()["ticket"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn with_ticket(origin: &str, ticket: &str) -> [(&'static str, String); 2] {
    let protocols = format!("watchfloor.feed.v1, ticket.{ticket}");
    [
        ("origin", origin.to_owned()),
        ("sec-websocket-protocol", protocols),
    ]
}

#[tokio::test]
async fn a_ticket_opens_one_socket_from_its_own_origin() {
    let gateway = Gateway::start();
    let address = listen(&gateway).await;
    let ours = format!("http://{address}");
    let cookie = gateway.cookie(Role::Viewer);
    let fresh = || ticket(&gateway, &cookie, &ours[7..]);
    let stolen = open(address, &with_ticket("http://evil.example", &fresh().await)).await;
    assert_eq!(stolen.err(), Some(403));
    let good = fresh().await;
    let mut socket = open(address, &with_ticket(&ours, &good)).await.unwrap();
    assert_eq!(
        open(address, &with_ticket(&ours, &good)).await.err(),
        Some(401)
    );
    let head = gateway.hub.head();
    let hello = serde_json::json!({"t": "hello", "v": 1, "kind": "console", "build": "b1",
        "cursor": {"e": head.epoch, "s": head.seq}});
    socket.send(Message::text(hello.to_string())).await.unwrap();
    let welcome = socket.next().await.unwrap().unwrap();
    assert!(welcome.to_text().unwrap().contains("\"t\":\"welcome\""));
}

#[tokio::test]
async fn a_cookie_alone_opens_no_socket_and_a_token_does() {
    let gateway = Gateway::start();
    let address = listen(&gateway).await;
    let protocol = ("sec-websocket-protocol", "watchfloor.feed.v1".to_owned());
    let origin = ("origin", format!("http://{address}"));
    let cookie = ("cookie", gateway.cookie(Role::Admin));
    let refused = open(address, &[protocol.clone(), origin, cookie.clone()]).await;
    assert_eq!(refused.err(), Some(401));
    let without_origin = open(address, &[protocol.clone(), cookie]).await;
    assert_eq!(without_origin.err(), Some(403));
    let token = ("authorization", gateway.bearer(Role::Viewer));
    assert!(open(address, &[protocol, token]).await.is_ok());
}

#[tokio::test]
async fn signing_out_closes_the_socket_for_good() {
    let gateway = Gateway::start();
    let address = listen(&gateway).await;
    let account = gateway.auth.account("viewer").unwrap();
    let (token, _) = gateway.auth.open_token_session(&account, 600_000).unwrap();
    let protocol = ("sec-websocket-protocol", "watchfloor.feed.v1".to_owned());
    let bearer = ("authorization", format!("Bearer {}", token.reveal()));
    let mut socket = open(address, &[protocol, bearer]).await.unwrap();
    let head = gateway.hub.head();
    let hello = serde_json::json!({"t": "hello", "v": 1, "kind": "console", "build": "b1",
        "cursor": {"e": head.epoch, "s": head.seq}});
    socket.send(Message::text(hello.to_string())).await.unwrap();
    socket.next().await.unwrap().unwrap();
    gateway.auth.revoke(token.hash()).unwrap();
    let code = loop {
        if let Message::Close(frame) = socket.next().await.unwrap().unwrap() {
            break frame.map(|it| u16::from(it.code));
        }
    };
    assert_eq!(code, Some(4504));
}

#[tokio::test]
async fn who_comes_when_too_many_do_is_told_when_to_come_again() {
    // The clock stands, so nobody else is let in however long this takes.
    let gateway = Gateway::with("products = []", standing_clock());
    let address = listen(&gateway).await;
    let (bearer, cookie) = (gateway.bearer(Role::Viewer), gateway.cookie(Role::Viewer));
    while gateway.hub.admit().is_ok() {}
    let headers = [("authorization", bearer.as_str())];
    let head = gateway.hub.head();
    let stream = format!(
        "/api/monitoring/feed/stream?e={}&s={}",
        head.epoch, head.seq
    );
    let it = request(http::Method::GET, &stream, &headers, "");
    let refused = gateway.send(it).await;
    assert_eq!(refused.status, http::StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers.contains_key("retry-after"));
    let protocol = ("sec-websocket-protocol", "watchfloor.feed.v1".to_owned());
    let socket = open(address, &[protocol, ("authorization", bearer)]).await;
    assert_eq!(socket.err(), Some(503));
    assert_eq!(ticket(&gateway, &cookie, "mon.example").await, "");
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut_off() {
    let gateway = Gateway::start();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = http_server::ServerLimits {
        headers_within: Duration::from_millis(50),
        ..http_server::ServerLimits::default()
    };
    let stopping = gateway.stopping.clone();
    let service = gateway.service.clone();
    tokio::spawn(http_server::serve(
        listener,
        service,
        limits,
        stopping,
        Duration::ZERO,
    ));
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // Ends, instead of waiting for a header that never comes.
    let _ended = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}
