//! Clients that follow the feed with the console's replica, and come back after every kill.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use rand::Rng as _;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::{ClientMessage, SUBPROTOCOL, ServerMessage};
use watchfloor_wire::replica::{Applied, Replica};
use watchfloor_wire::snapshot::Snapshot;

use super::{Load, http};

/// How long all copies may take to stand where the gateway stands.
const EQUAL_WITHIN: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Shared = Arc<std::sync::Mutex<Replica>>;

/// One client.
pub struct Watcher {
    replica: Shared,
}

impl Watcher {
    /// Starts to follow.
    pub fn start(load: Arc<Load>) -> Self {
        let replica = Shared::default();
        let copy = Arc::clone(&replica);
        tokio::spawn(async move {
            let mut life = 0;
            loop {
                // Whatever ended it, it comes back.
                let _ = follow(&load, &copy, &mut life).await;
                let wait_ms = rand::rng().random_range(20..200);
                sleep(Duration::from_millis(wait_ms)).await;
            }
        });
        Self { replica }
    }
}

async fn follow(load: &Load, replica: &Shared, life: &mut u64) -> Result<()> {
    if load.lock(replica).cursor().is_none() {
        let snapshot = snapshot(load).await?;
        load.lock(replica).reset(snapshot);
    }
    let mut request = format!("ws://{}/api/monitoring/feed", load.address).into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("Authorization", format!("Bearer {}", load.viewer).parse()?);
    headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse()?);
    let (mut socket, _) = connect_async(request).await?;
    greet(load, replica, &mut socket).await?;
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else {
            continue;
        };
        match ServerMessage::decode(&text)? {
            ServerMessage::Welcome(_) => count(load, life, false),
            ServerMessage::Reset(_) => {
                count(load, life, true);
                let snapshot = snapshot(load).await?;
                load.lock(replica).reset(snapshot);
                greet(load, replica, &mut socket).await?;
            }
            ServerMessage::Frame(frame) => {
                let applied = load.lock(replica).apply(&frame)?;
                if matches!(applied, Applied::Gap) {
                    load.gaps.fetch_add(1, Ordering::SeqCst);
                    bail!("a gap");
                }
            }
            ServerMessage::Ping(ping) => {
                let s = load.lock(replica).cursor().map_or(0, |cursor| cursor.s);
                if s < ping.s {
                    load.gaps.fetch_add(1, Ordering::SeqCst);
                }
                let (n, h) = (ping.n, None);
                say(&mut socket, &ClientMessage::Pong { n, s, h }).await?;
            }
            ServerMessage::Bye(_) | ServerMessage::Unrecognised => {}
        }
    }
    Ok(())
}

/// Counts the first answer to a hello in each life of the gateway after the first.
fn count(load: &Load, life: &mut u64, is_reset: bool) {
    let now = load.lives.load(Ordering::SeqCst);
    if *life != 0 && *life != now {
        let counter = if is_reset {
            &load.resets
        } else {
            &load.resumed
        };
        counter.fetch_add(1, Ordering::SeqCst);
    }
    *life = now;
}

async fn greet(load: &Load, replica: &Shared, socket: &mut Socket) -> Result<()> {
    let cursor = load.lock(replica).cursor().cloned().context("no cursor")?;
    let hello = ClientMessage::Hello {
        v: 1,
        kind: "console".to_owned(),
        build: "kill".to_owned(),
        cursor,
    };
    say(socket, &hello).await
}

async fn say(socket: &mut Socket, message: &ClientMessage) -> Result<()> {
    let text = serde_json::to_string(message)?;
    Ok(socket.send(Message::text(text)).await?)
}

async fn snapshot(load: &Load) -> Result<Snapshot> {
    let token = format!("Bearer {}", load.viewer);
    let path = ("GET", "/api/monitoring/dashboard");
    let (status, body) = http::ask(load.address, path, &[("Authorization", &token)], "").await?;
    ensure!(status == 200, "the snapshot was answered {status}");
    Ok(serde_json::from_str(&body)?)
}

/// Waits until every copy stood where a snapshot stands, and compares each of them key by key.
///
/// # Errors
/// When one differs, or does not get there.
pub async fn all_equal(load: &Load, watchers: &[Watcher]) -> Result<()> {
    let mut waiting: Vec<usize> = (0..watchers.len()).collect();
    let compared = async {
        while !waiting.is_empty() {
            let snapshot = snapshot(load).await?;
            let at = snapshot.seq;
            let expected: std::collections::BTreeMap<Key, Entity> = snapshot
                .into_entities()
                .map(|entity| (entity.key(), entity))
                .collect();
            for _ in 0..20 {
                sleep(Duration::from_millis(20)).await;
                let mut behind = Vec::new();
                for place in waiting {
                    if !is_equal(load, &watchers[place], at, &expected)? {
                        behind.push(place);
                    }
                }
                waiting = behind;
            }
        }
        Ok(())
    };
    tokio::time::timeout(EQUAL_WITHIN, compared)
        .await
        .context("some clients do not get to where the gateway is")?
}

/// Whether the copy stands at `at` and was found equal there; false when it stands elsewhere.
fn is_equal(
    load: &Load,
    watcher: &Watcher,
    at: u64,
    expected: &std::collections::BTreeMap<Key, Entity>,
) -> Result<bool> {
    let replica = load.lock(&watcher.replica);
    if replica.cursor().is_none_or(|cursor| cursor.s != at) {
        return Ok(false);
    }
    for (key, entity) in expected {
        let found = replica.get(key);
        ensure!(
            found == Some(entity),
            "at {at} {key} is {entity:?}, a client has {found:?}"
        );
    }
    ensure!(
        replica.entities().count() == expected.len(),
        "a client has more than there is"
    );
    Ok(true)
}
