//! A gateway's part in fast motion: hands the real gateway's console and everything else through, but tells the state,
//! the feed and the history itself, by a clock that runs many times as fast.

pub mod day;
mod proxy;
mod series;
mod socket;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use axum::Router;
use axum::routing::{any, get};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use watchfloor_wire::snapshot::Snapshot;
use watchfloor_wire::time::UnixMs;

use self::day::Day;

/// How often the player looks what is due.
const STEP: Duration = Duration::from_millis(5);
/// So many frames may wait for one socket; one that lags further is cut off and resumes from a snapshot.
const WAITING_MAX: usize = 4_096;

/// Time that runs faster from an instant on.
#[derive(Clone, Copy, Debug)]
pub struct FastClock {
    started_ms: i64,
    factor: i64,
}

impl FastClock {
    /// Starts now.
    #[must_use]
    pub fn start(factor: i64) -> Self {
        Self {
            started_ms: unix_ms(),
            factor,
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> UnixMs {
        UnixMs(self.started_ms + (unix_ms() - self.started_ms) * self.factor)
    }

    /// How long a span of its time takes.
    #[must_use]
    pub fn real(&self, span_ms: i64) -> Duration {
        let us = span_ms.saturating_mul(1_000) / self.factor.max(1);
        Duration::from_micros(us.unsigned_abs())
    }

    /// Before every page: makes the page's clocks and timers run as this clock does. What the browser measures for
    /// itself, and the time limits of requests, stay real.
    #[must_use]
    pub fn script(&self) -> String {
        let Self { started_ms, factor } = self;
        format!(
            "(() => {{
                const FACTOR = {factor}, STARTED = {started_ms};
                const realNow = Date.now, RealDate = Date;
                const now = () => STARTED + (realNow() - STARTED) * FACTOR;
                window.Date = class extends RealDate {{
                    constructor(...parts) {{ parts.length ? super(...parts) : super(now()); }}
                    static now() {{ return now(); }}
                }};
                const steady = performance.now.bind(performance);
                performance.now = () => steady() * FACTOR;
                window.__bench ??= {{}};
                __bench.seconds = 0;
                const interval = window.setInterval, timeout = window.setTimeout;
                window.setInterval = (act, ms, ...rest) => interval(ms === 1000
                    ? (...args) => {{ __bench.seconds += 1; act(...args); }} : act, ms / FACTOR, ...rest);
                window.setTimeout = (act, ms = 0, ...rest) => timeout(act, ms / FACTOR, ...rest);
            }})();"
        )
    }
}

fn unix_ms() -> i64 {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// What has been told so far.
#[derive(Debug, Default)]
pub struct Told {
    /// Frames of the day; a page that is connected gets each of them.
    pub frames: AtomicU64,
    /// Changes in them.
    pub changes: AtomicU64,
    /// Pings, to all sockets.
    pub pings: AtomicU64,
    /// Snapshots that were read.
    pub snapshots: AtomicU64,
}

/// The player; it ends with this value.
pub struct Player {
    /// Where it listens.
    pub address: SocketAddr,
    /// What has been told so far.
    pub told: Arc<Told>,
    serving: tokio::task::JoinHandle<()>,
    playing: tokio::task::JoinHandle<()>,
}

impl Drop for Player {
    fn drop(&mut self) {
        self.serving.abort();
        self.playing.abort();
    }
}

#[derive(Clone)]
struct Shared {
    clock: FastClock,
    day: Arc<Mutex<Day>>,
    frames: broadcast::Sender<Arc<str>>,
    told: Arc<Told>,
    gateway: SocketAddr,
    client: reqwest::Client,
}

impl Shared {
    fn day(&self) -> std::sync::MutexGuard<'_, Day> {
        self.day.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Player {
    /// Plays on from a state that the real gateway had.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(clock: FastClock, gateway: SocketAddr, state: Snapshot) -> Result<Self> {
        let shared = Shared {
            clock,
            day: Arc::new(Mutex::new(Day::new(state, clock.now()))),
            frames: broadcast::Sender::new(WAITING_MAX),
            told: Arc::default(),
            gateway,
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()?,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/api/monitoring/dashboard", get(series::dashboard))
            .route("/api/monitoring/metrics", get(series::metrics))
            .route("/api/monitoring/feed", any(socket::feed))
            .fallback(proxy::pass)
            .with_state(shared.clone());
        let told = Arc::clone(&shared.told);
        let serving = tokio::spawn(async move {
            // It serves until it is aborted; an error would show as a page that does not answer.
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            told,
            serving,
            playing: tokio::spawn(play(shared)),
        })
    }
}

/// Lets the day go on and tells everybody.
async fn play(shared: Shared) {
    let mut beat = tokio::time::interval(STEP);
    loop {
        beat.tick().await;
        let now = shared.clock.now();
        // Sent while the day is held: whoever takes a position from it then misses nothing after it.
        let mut day = shared.day();
        for told in day.advance(now) {
            shared.told.frames.fetch_add(1, Ordering::Relaxed);
            shared
                .told
                .changes
                .fetch_add(told.changes, Ordering::Relaxed);
            // Nobody may be listening at the moment.
            let _heard = shared.frames.send(told.text);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use futures_util::{SinkExt as _, StreamExt as _};
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
    use watchfloor_wire::feed::{ClientMessage, SUBPROTOCOL, ServerMessage};
    use watchfloor_wire::replica::{Applied, Replica};

    use super::day::tests::state;
    use super::*;

    #[tokio::test]
    async fn a_client_reads_the_state_and_follows_the_feed_by_the_fast_clock() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = FastClock::start(1_000);
        let nobody = "127.0.0.1:1".parse().unwrap();
        let player = Player::start(clock, nobody, state()).await.unwrap();
        let place = format!("{}/api/monitoring", player.address);
        let answer = reqwest::get(format!("http://{place}/dashboard"))
            .await
            .unwrap();
        let mut replica = Replica::default();
        replica.reset(serde_json::from_str(&answer.text().await.unwrap()).unwrap());
        let mut request = format!("ws://{place}/feed").into_client_request().unwrap();
        let offered = SUBPROTOCOL.parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", offered);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let hello = ClientMessage::Hello {
            v: 1,
            kind: "console".to_owned(),
            build: String::new(),
            cursor: replica.cursor().unwrap().clone(),
        };
        let hello = serde_json::to_string(&hello).unwrap();
        socket.send(Message::Text(hello.into())).await.unwrap();
        let (mut pings, mut frames, mut times) = (0, 0, Vec::new());
        while pings < 3 || frames < 20 {
            let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
            match ServerMessage::decode(&text).unwrap() {
                ServerMessage::Welcome(it) => times.push(it.now),
                ServerMessage::Ping(it) => {
                    assert!(replica.cursor().unwrap().s >= it.s, "{it:?}");
                    times.push(it.now);
                    pings += 1;
                }
                ServerMessage::Frame(frame) => {
                    let applied = replica.apply(&frame).unwrap();
                    assert!(matches!(applied, Applied::Changed(_)), "{text}");
                    frames += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        // Ten seconds of its time apart, a hundredth of a second of ours.
        let span_ms = times.last().unwrap().since_ms(times[0]);
        assert!(span_ms >= 15_000, "{times:?}");
    }
}
