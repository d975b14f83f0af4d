//! Sending over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod mail;
mod mail_tls;
mod private_server;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use watchfloor_wire::notification::NotificationKind;

use super::*;
use crate::config::gateway::Probing;
use crate::notify::plan::tests::facts;
use crate::sources::address::AddressRules;
use crate::sources::asking::{Lookup, SystemLookup};

fn network(allow: &[&str]) -> Network {
    let probing = Probing {
        allow_cidrs: allow.iter().map(|it| (*it).to_owned()).collect(),
        allow_ports: vec!["1-65535".to_owned()],
        ..Probing::default()
    };
    let lookup: Arc<dyn Lookup> = Arc::new(SystemLookup);
    Network::new(AddressRules::new(&probing).unwrap(), None, lookup)
}

fn sender() -> Sender {
    Sender::new(network(&["127.0.0.0/8"]), network(&["127.0.0.0/8"])).unwrap()
}

fn channel(toml: &str) -> Channel {
    let config: ChannelConfig = toml::from_str(&format!(
        "id = \"x\"\nname = \"X\"\ntimeout = \"1s\"\n{toml}"
    ))
    .unwrap();
    let environment = |name: &str| match name {
        "KEY" => Some("key".to_owned()),
        "PASSWORD" => Some("secret".to_owned()),
        _ => None,
    };
    Channel::new(&config, None, &environment)
}

fn row() -> Notification {
    Notification {
        facts: Some(facts(7)),
        ..Notification::waiting("n1".to_owned(), "x", NotificationKind::Escalated, UnixMs(5))
    }
}

async fn send(channel: &Channel) -> Result<(), TryError> {
    let now = UnixMs(1_763_683_260_000);
    sender().send(channel, &row(), &[], now).await
}

/// Answers each request with the next of these, and keeps what came. `None` hangs.
async fn http(answers: Vec<Option<&'static str>>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let came = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&came);
    tokio::spawn(async move {
        let mut held = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let asked = request(&mut stream).await;
            keep.lock().unwrap().push(asked);
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
                None => held.push(stream),
            }
        }
        std::future::pending::<()>().await;
    });
    (address, came)
}

async fn request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let mut chunk = [0; 4_096];
        let count = stream.read(&mut chunk).await.unwrap();
        read.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|it| it.strip_prefix("content-length: "))
            .map_or(0, |it| it.parse().unwrap());
        if body.len() >= length || count == 0 {
            return text;
        }
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

async fn slack(answer: Option<&'static str>) -> Result<(), TryError> {
    let (address, _) = http(vec![answer]).await;
    send(&channel(&format!(
        "kind = \"slack\"\nurl = \"http://{address}/services/T0/secret\""
    )))
    .await
}

#[tokio::test]
async fn a_signed_webhook_arrives_with_its_headers() {
    let (address, came) = http(vec![Some(OK)]).await;
    let toml = format!("kind = \"webhook\"\nurl = \"http://{address}/hook\"\nsecret_env = \"KEY\"");
    assert_eq!(send(&channel(&toml)).await, Ok(()));
    let came = came.lock().unwrap().remove(0);
    let (head, body) = came.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("webhook-id: n1\r\n"), "{head}");
    assert!(head.contains("webhook-timestamp: 1763683260\r\n"), "{head}");
    assert!(
        head.contains("content-type: application/cloudevents+json"),
        "{head}"
    );
    let signature = webhook::signature("key", "n1", 1_763_683_260, body.as_bytes());
    assert!(
        head.contains(&format!("webhook-signature: {signature}")),
        "{head}"
    );
}

#[tokio::test]
async fn what_an_answer_means() {
    for (answer, may_pass, why) in [
        (
            "HTTP/1.1 500 Oops\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbusy",
            true,
            "it answers 500: busy",
        ),
        (
            "HTTP/1.1 404 No\r\ncontent-length: 10\r\nconnection: close\r\n\r\nno_service",
            false,
            "it answers 404: no_service",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            false,
            "it answers 302 and sends elsewhere, which is not followed",
        ),
    ] {
        let error = slack(Some(answer)).await.unwrap_err();
        assert_eq!((error.may_pass, error.why.as_str()), (may_pass, why));
    }
}

#[tokio::test]
async fn retry_after_is_read_as_seconds_and_as_a_date() {
    for (header, asked_ms) in [
        ("retry-after: 7", Some(7_000)),
        (
            "date: Fri, 21 Nov 2025 00:00:00 GMT\r\nretry-after: Fri, 21 Nov 2025 00:00:30 GMT",
            Some(30_000),
        ),
        ("retry-after: soon", None),
    ] {
        let answer = format!(
            "HTTP/1.1 429 Slow down\r\n{header}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let error = slack(Some(Box::leak(answer.into_boxed_str())))
            .await
            .unwrap_err();
        assert_eq!(
            (error.may_pass, error.retry_after_ms),
            (true, asked_ms),
            "{header}"
        );
    }
}

#[tokio::test]
async fn a_target_that_hangs_is_left_after_its_time() {
    let error = slack(None).await.unwrap_err();
    assert_eq!(error, TryError::passing("no answer within 1 s".to_owned()));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        let head = b"HTTP/1.1 500 Oops\r\nconnection: close\r\n\r\n";
        stream.write_all(head).await.unwrap();
        while stream.write_all(&[b'x'; 1_024]).await.is_ok() {}
    });
    let error = send(&channel(&format!(
        "kind = \"discord\"\nurl = \"http://{address}/\""
    )))
    .await
    .unwrap_err();
    assert!(
        error.why.starts_with("it answers 500: xxx"),
        "{}",
        error.why
    );
    assert!(error.why.chars().count() < 200);
}

#[tokio::test]
async fn addresses_that_probes_may_not_reach_are_not_told_either() {
    for url in [
        "http://169.254.169.254/latest",
        "http://10.0.0.1:8000/",
        "http://localhost:1/",
    ] {
        let sender = Sender::new(network(&[]), network(&[])).unwrap();
        let channel = channel(&format!("kind = \"slack\"\nurl = \"{url}\""));
        let error = sender
            .send(&channel, &row(), &[], UnixMs(0))
            .await
            .unwrap_err();
        assert!(!error.may_pass, "{url}: {error:?}");
        assert!(
            error.why.starts_with("its address may not be reached: "),
            "{}",
            error.why
        );
    }
}

#[tokio::test]
async fn what_is_secret_about_a_target_is_nowhere_to_be_seen() {
    let channel = channel("kind = \"slack\"\nurl = \"http://127.0.0.1:1/services/T0/hush\"");
    let error = send(&channel).await.unwrap_err();
    assert_eq!(error.why, "connection refused");
    let shown = format!("{channel:?} {} {error:?}", channel.target());
    assert!(!shown.contains("hush"), "{shown}");
    assert_eq!(channel.target(), "http://127.0.0.1:1/…");
}

#[tokio::test]
async fn a_channel_whose_secret_is_missing_says_so() {
    let channel = channel("kind = \"slack\"\nurl_env = \"NOT_SET\"");
    let problem = "the environment variable NOT_SET is not set";
    assert_eq!(channel.problem(), Some(problem));
    assert_eq!(
        send(&channel).await,
        Err(TryError::lasting(problem.to_owned()))
    );
}
