//! The proxy over real sockets: each fault does what it says, and only that.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use watchfloor_fleet::proxy::fault::{Dead, Fault};
use watchfloor_fleet::proxy::{Options, Proxy};

const FREE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
/// Waiting for something that must come ends here when it does not.
const MOST: Duration = Duration::from_secs(20);
/// Long enough for what should not come to come, on a busy machine; passing never depends on it being enough.
const A_MOMENT: Duration = Duration::from_millis(300);

/// A server that sends back what it gets, and a proxy with two lines in front of it.
async fn start() -> Proxy {
    let server = TcpListener::bind(FREE).await.unwrap();
    let to = server.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = server.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = socket.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    Proxy::start(Options {
        to,
        listen: vec![FREE, FREE],
        control: FREE,
        seed: 7,
    })
    .await
    .unwrap()
}

async fn connect(proxy: &Proxy) -> TcpStream {
    let address = proxy.lines()[0].address();
    timeout(MOST, TcpStream::connect(address))
        .await
        .unwrap()
        .unwrap()
}

/// Sends and waits until all of it has come back.
async fn echo(socket: &mut TcpStream, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    socket.write_all(bytes).await?;
    let mut back = vec![0; bytes.len()];
    timeout(MOST, socket.read_exact(&mut back)).await.unwrap()?;
    Ok(back)
}

async fn is_silent(socket: &mut TcpStream) -> bool {
    let mut byte = [0];
    timeout(A_MOMENT, socket.read(&mut byte)).await.is_err()
}

/// How the connection ends: its last read.
async fn end_of(socket: &mut TcpStream) -> Result<usize, ErrorKind> {
    let mut byte = [0];
    let read = timeout(MOST, socket.read(&mut byte)).await.unwrap();
    read.map_err(|why| why.kind())
}

#[tokio::test]
async fn without_a_fault_everything_comes_through_as_it_was() {
    let proxy = start().await;
    let mut socket = connect(&proxy).await;
    let much: Vec<u8> = (0..300_000_u32).map(|it| it as u8).collect();
    let (mut from, mut to) = socket.split();
    let sending = to.write_all(&much);
    let mut back = vec![0; much.len()];
    let reading = timeout(MOST, from.read_exact(&mut back));
    let (sent, read) = tokio::join!(sending, reading);
    sent.unwrap();
    read.unwrap().unwrap();
    assert!(back == much);
    socket.shutdown().await.unwrap();
    assert_eq!(end_of(&mut socket).await, Ok(0));
    proxy.stop().await;
}

#[tokio::test]
async fn latency_holds_both_directions_up() {
    let proxy = start().await;
    let mut socket = connect(&proxy).await;
    let fault = Fault::Latency {
        latency_ms: 150,
        jitter_ms: 50,
    };
    proxy.lines()[0].put(fault, None);
    let asked_at = Instant::now();
    assert_eq!(echo(&mut socket, b"late").await.unwrap(), b"late");
    assert!(asked_at.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn bandwidth_takes_its_time() {
    let proxy = start().await;
    let mut socket = connect(&proxy).await;
    proxy.lines()[0].put(
        Fault::Bandwidth {
            bytes_per_s: 20_000,
        },
        None,
    );
    let asked_at = Instant::now();
    echo(&mut socket, &[5; 10_000]).await.unwrap();
    assert!(asked_at.elapsed() >= Duration::from_millis(450));
}

#[tokio::test]
async fn slices_are_small_and_whole_together() {
    let proxy = start().await;
    let mut socket = connect(&proxy).await;
    socket.set_nodelay(true).unwrap();
    let slow_slices = [
        Fault::Slicing {
            from_bytes: 1,
            to_bytes: 10,
        },
        // So that the reader is faster than the pieces come.
        Fault::Bandwidth { bytes_per_s: 2_000 },
    ];
    for fault in slow_slices {
        proxy.lines()[0].put(fault, None);
    }
    let sent: Vec<u8> = (0..200).collect();
    socket.write_all(&sent).await.unwrap();
    let (mut back, mut reads) = (Vec::new(), 0);
    while back.len() < sent.len() {
        let mut piece = [0; 200];
        let length = timeout(MOST, socket.read(&mut piece))
            .await
            .unwrap()
            .unwrap();
        back.extend_from_slice(&piece[..length]);
        reads += 1;
    }
    assert_eq!(back, sent);
    // With a reader that is held up some pieces melt together; unsliced they would be two.
    assert!(reads > 5, "{reads}");
}

#[tokio::test]
async fn a_stall_accepts_and_delivers_nothing_until_it_is_over() {
    let proxy = start().await;
    let mut old = connect(&proxy).await;
    echo(&mut old, b"before").await.unwrap();
    proxy.lines()[0].put(Fault::Stall {}, None);
    let mut new = connect(&proxy).await;
    for socket in [&mut old, &mut new] {
        socket.write_all(b"kept").await.unwrap();
        assert!(is_silent(socket).await);
    }
    assert_eq!(proxy.lines()[0].heal(None), 1);
    for socket in [&mut old, &mut new] {
        let mut back = [0; 4];
        timeout(MOST, socket.read_exact(&mut back))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(&back, b"kept");
    }
}

#[tokio::test]
async fn a_reset_is_an_rst_also_for_who_comes_later() {
    let proxy = start().await;
    let mut old = connect(&proxy).await;
    echo(&mut old, b"before").await.unwrap();
    proxy.lines()[0].put(Fault::Reset {}, None);
    assert_eq!(end_of(&mut old).await, Err(ErrorKind::ConnectionReset));
    let mut new = connect(&proxy).await;
    new.write_all(b"x").await.unwrap();
    assert_eq!(end_of(&mut new).await, Err(ErrorKind::ConnectionReset));
    proxy.lines()[0].heal(Some("reset"));
    assert_eq!(
        echo(&mut connect(&proxy).await, b"after").await.unwrap(),
        b"after"
    );
}

#[tokio::test]
async fn a_half_open_connection_stays_dead_and_a_new_one_lives() {
    for dead in [Dead::ToClient, Dead::ToServer, Dead::Both] {
        let proxy = start().await;
        let mut old = connect(&proxy).await;
        echo(&mut old, b"before").await.unwrap();
        proxy.lines()[0].put(Fault::HalfOpen { dead }, None);
        old.write_all(b"lost").await.unwrap();
        assert!(is_silent(&mut old).await);
        proxy.lines()[0].heal(None);
        old.write_all(b"lost as well").await.unwrap();
        assert!(is_silent(&mut old).await, "{dead:?}");
        let mut new = connect(&proxy).await;
        assert_eq!(echo(&mut new, b"after").await.unwrap(), b"after");
    }
}

#[tokio::test]
async fn a_line_that_is_down_refuses_and_comes_back_by_itself() {
    let proxy = start().await;
    let line = &proxy.lines()[0];
    let mut old = connect(&proxy).await;
    echo(&mut old, b"before").await.unwrap();
    line.put(Fault::Down {}, Some(3));
    assert_eq!(end_of(&mut old).await, Err(ErrorKind::ConnectionReset));
    let mut other = TcpStream::connect(proxy.lines()[1].address())
        .await
        .unwrap();
    assert_eq!(echo(&mut other, b"other").await.unwrap(), b"other");
    let (mut refused, asked_at) = (0, Instant::now());
    loop {
        match TcpStream::connect(line.address()).await {
            Ok(mut socket) if refused > 0 => {
                // One that connected in the very instant of the change may still be ended.
                if let Ok(heard) = echo(&mut socket, b"after").await {
                    assert_eq!(heard, b"after");
                    return;
                }
            }
            Ok(_) => {}
            Err(why) => {
                assert_eq!(why.kind(), ErrorKind::ConnectionRefused);
                refused += 1;
            }
        }
        assert!(asked_at.elapsed() < MOST);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn only_websockets_are_refused_and_those_that_are_open_end() {
    const SOCKET: &[u8] =
        b"GET /feed HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const PLAIN: &[u8] = b"GET /feed HTTP/1.1\r\nHost: a\r\n\r\n";
    let proxy = start().await;
    let (mut upgraded, mut plain) = (connect(&proxy).await, connect(&proxy).await);
    assert_eq!(echo(&mut upgraded, SOCKET).await.unwrap(), SOCKET);
    assert_eq!(echo(&mut plain, PLAIN).await.unwrap(), PLAIN);
    proxy.lines()[0].put(Fault::RefuseUpgrade { status: 426 }, None);
    assert_eq!(end_of(&mut upgraded).await, Err(ErrorKind::ConnectionReset));
    assert_eq!(echo(&mut plain, PLAIN).await.unwrap(), PLAIN);
    let mut refused = connect(&proxy).await;
    refused.write_all(SOCKET).await.unwrap();
    let mut answer = String::new();
    timeout(MOST, refused.read_to_string(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
}

#[tokio::test]
async fn a_server_that_is_away_is_told_by_a_reset() {
    let gone = TcpListener::bind(FREE).await.unwrap().local_addr().unwrap();
    let proxy = Proxy::start(Options {
        to: gone,
        listen: vec![FREE],
        control: FREE,
        seed: 1,
    })
    .await
    .unwrap();
    let mut socket = connect(&proxy).await;
    assert_eq!(end_of(&mut socket).await, Err(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_proxy_listens_on_loopback_only() {
    let options = Options {
        to: FREE,
        listen: vec!["0.0.0.0:0".parse().unwrap()],
        control: FREE,
        seed: 1,
    };
    let why = Proxy::start(options).await.err().unwrap();
    assert!(why.to_string().contains("not on loopback"), "{why}");
}

#[tokio::test]
async fn orders_come_over_http_for_one_line_or_for_all() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let proxy = start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/fault", proxy.control());
    let port = proxy.lines()[1].address().port();
    let order = async |body: Value| -> (u16, Value) {
        let answer = client.post(&url).body(body.to_string()).send();
        let answer = answer.await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let (status, body) = order(json!({"port": port, "fault": "stall", "for_s": 600})).await;
    assert_eq!(status, 200);
    assert_eq!(body["lines"][0]["active"], json!([]));
    assert_eq!(body["lines"][1]["active"][0]["fault"], "stall");
    let (_, body) = order(json!({"fault": "slicing"})).await;
    assert_eq!(body["lines"][0]["active"][0]["to_bytes"], 10);
    for (wrong, word) in [
        (json!({"fault": "flood"}), "half-open"),
        (
            json!({"fault": "stall", "port": 1}),
            "no line listens on port 1",
        ),
    ] {
        let (status, body) = order(wrong).await;
        assert_eq!(status, 400);
        assert!(body["error"].as_str().unwrap().contains(word), "{body}");
    }
    let healed = client.delete(format!("{url}?port={port}&fault=stall"));
    let healed: Value = healed.send().await.unwrap().json().await.unwrap();
    assert_eq!(healed, json!({"healed": 1}));
    let healed: Value = client
        .delete(&url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(healed, json!({"healed": 2}));
    let help = client.get(format!("http://{}/", proxy.control()));
    assert!(
        help.send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("refuse-upgrade")
    );
    proxy.stop().await;
}
