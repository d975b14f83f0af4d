//! DONNA's WebSocket server.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest};
use watchfloor_fleet::fault::Fault;
use watchfloor_fleet::ports;
use watchfloor_fleet::product::Product;
use watchfloor_fleet::products::donna_socket::Limits;

use crate::support::Rig;

const ORIGIN: &str = "https://donna.example.com";

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(rig: &Rig, origin: Option<&str>) -> Result<Socket, u16> {
    let url = format!("ws://{}:{}/realtime", rig.host, ports::DONNA_SOCKET);
    let mut request = url.into_client_request().unwrap();
    if let Some(origin) = origin {
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(why) => panic!("{why}"),
    }
}

#[tokio::test]
async fn what_is_sent_comes_back() {
    let rig = Rig::start().await;
    let mut socket = connect(&rig, Some(ORIGIN)).await.unwrap();
    socket.send(Message::text("watchfloor")).await.unwrap();
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::text("watchfloor")
    );
}

#[tokio::test]
async fn strangers_are_refused_with_403() {
    let rig = Rig::start().await;
    assert_eq!(
        connect(&rig, Some("https://stranger.example.net"))
            .await
            .err(),
        Some(403)
    );
    assert_eq!(connect(&rig, None).await.err(), Some(403));
}

#[tokio::test]
async fn the_known_origin_is_refused_under_the_fault() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::Donna, Fault::OriginRefused);
    assert_eq!(connect(&rig, Some(ORIGIN)).await.err(), Some(403));
}

#[tokio::test]
async fn a_full_server_answers_503() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::Donna, Fault::ConnectionsFull);
    assert_eq!(connect(&rig, Some(ORIGIN)).await.err(), Some(503));
    let health = rig.json(ports::DONNA_SOCKET, "/health").await;
    assert_eq!(health["connections"]["active"], 1_000);
    assert_eq!(health["status"], "unhealthy");
}

#[tokio::test]
async fn dropped_sockets_end_without_an_echo() {
    let rig = Rig::start().await;
    rig.break_and_wait(Product::Donna, Fault::SocketDrops);
    let mut socket = connect(&rig, Some(ORIGIN)).await.unwrap();
    let _ = socket.send(Message::text("watchfloor")).await;
    assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))));
}

#[tokio::test]
async fn silent_connections_are_closed_by_the_cleanup() {
    let rig = Rig::with(|options| {
        options.socket_limits = Limits {
            max_connections: 1_000,
            idle: Duration::from_millis(20),
            cleanup: Duration::from_millis(40),
        };
    })
    .await;
    let mut socket = connect(&rig, Some(ORIGIN)).await.unwrap();
    // Nothing is said; the next thing that comes is the end.
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn a_gone_process_takes_its_sockets_along() {
    let rig = Rig::start().await;
    let mut socket = connect(&rig, Some(ORIGIN)).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    assert!(socket.next().await.unwrap().is_ok());
    rig.break_and_wait(Product::Donna, Fault::ProcessGone);
    assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))));
}
