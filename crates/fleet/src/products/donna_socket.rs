//! DONNA's WebSocket server: a limit of connections, a list of origins, an idle time-out, a clean-up round, and
//! an echo.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::donna::ORIGIN;
use super::{honest, word, worst};
use crate::fault::Fault;
use crate::instant::rfc3339;
use crate::model::Signal;
use crate::product::Product;
use crate::world::{Scene, World};

/// Origins that may connect.
pub const ALLOWED_ORIGINS: [&str; 2] = [ORIGIN, "https://api.donna.example.com"];

/// The server's limits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub max_connections: usize,
    /// A connection that says nothing for this long has timed out.
    pub idle: Duration,
    /// How often timed-out connections are closed.
    pub cleanup: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 1_000,
            idle: Duration::from_secs(30),
            cleanup: Duration::from_secs(60),
        }
    }
}

/// The server: the world, its limits, and who is connected.
pub struct SocketServer {
    world: Arc<World>,
    limits: Limits,
    connected: Mutex<Connected>,
}

#[derive(Default)]
struct Connected {
    next: u64,
    clients: BTreeMap<u64, Client>,
}

struct Client {
    heard: Instant,
    close: CancellationToken,
}

impl SocketServer {
    /// A server without connections.
    #[must_use]
    pub fn new(world: Arc<World>, limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            world,
            limits,
            connected: Mutex::default(),
        })
    }

    /// The routes.
    pub fn routes(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/realtime", get(upgrade))
            .route("/health", get(get_health))
            .with_state(Arc::clone(self))
    }

    /// Closes timed-out connections, round after round.
    pub async fn clean_up(self: Arc<Self>) {
        loop {
            tokio::time::sleep(self.limits.cleanup).await;
            let now = Instant::now();
            for client in self.connected().clients.values() {
                if now.duration_since(client.heard) >= self.limits.idle {
                    client.close.cancel();
                }
            }
        }
    }

    /// Simulated visitors take places, too.
    fn is_full(&self, scene: &Scene) -> bool {
        let simulated = usize::try_from(scene.whole(Signal::Sockets)).unwrap_or(0);
        self.connected().clients.len() + simulated >= self.limits.max_connections
    }

    fn enter(&self) -> (u64, CancellationToken) {
        let mut connected = self.connected();
        let id = connected.next;
        connected.next += 1;
        let close = CancellationToken::new();
        let client = Client {
            heard: Instant::now(),
            close: close.clone(),
        };
        connected.clients.insert(id, client);
        (id, close)
    }

    fn heard(&self, id: u64) {
        if let Some(client) = self.connected().clients.get_mut(&id) {
            client.heard = Instant::now();
        }
    }

    fn leave(&self, id: u64) {
        self.connected().clients.remove(&id);
    }

    fn connected(&self) -> std::sync::MutexGuard<'_, Connected> {
        self.connected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn get_health(State(server): State<Arc<SocketServer>>) -> Response {
    let scene = server.world.scene(Product::Donna);
    let real = server.connected().clients.len();
    honest(health(&scene, &server.limits, real))
}

/// Origin first, then room: a stranger does not learn how full it is.
async fn upgrade(
    State(server): State<Arc<SocketServer>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let scene = server.world.truth(Product::Donna);
    let origin = headers.get(header::ORIGIN).and_then(|it| it.to_str().ok());
    let known = origin.is_some_and(|origin| ALLOWED_ORIGINS.contains(&origin));
    if !known || scene.has(Fault::OriginRefused) {
        return (StatusCode::FORBIDDEN, "origin not allowed").into_response();
    }
    if server.is_full(&scene) {
        return (StatusCode::SERVICE_UNAVAILABLE, "connection limit reached").into_response();
    }
    upgrade
        .max_message_size(65_536)
        .on_upgrade(async move |socket| server.converse(socket).await)
}

impl SocketServer {
    async fn converse(&self, mut socket: WebSocket) {
        if self.world.truth(Product::Donna).has(Fault::SocketDrops) {
            // Dropped without a close frame, as a broken network would.
            return;
        }
        let (id, close) = self.enter();
        tokio::select! {
            () = self.echo(id, &mut socket) => {}
            () = close.cancelled() => {
                // The client may be away already; closing is all that is left to do.
                let _ = socket.send(Message::Close(None)).await;
            }
            () = self.world.until_gone(Product::Donna) => {}
        }
        self.leave(id);
    }

    async fn echo(&self, id: u64, socket: &mut WebSocket) {
        while let Some(Ok(message)) = socket.recv().await {
            self.heard(id);
            if matches!(message, Message::Text(_) | Message::Binary(_))
                && socket.send(message).await.is_err()
            {
                return;
            }
        }
    }
}

/// `GET /health`.
#[must_use]
pub fn health(scene: &Scene, limits: &Limits, real: usize) -> Value {
    let simulated = usize::try_from(scene.whole(Signal::Sockets)).unwrap_or(0);
    let active = (simulated + real).min(limits.max_connections);
    let full = active >= limits.max_connections && !scene.has(Fault::Maintenance);
    let dropped = scene.rounded(Signal::SocketsDropped, 4);
    let failed = 1.0 - scene.get(Signal::SocketsConnected);
    let status = if full {
        "unhealthy"
    } else {
        worst([word(scene, dropped, 0.1), word(scene, failed, 0.05)])
    };
    let mut body = json!({
        "status": status,
        "timestamp": rfc3339(scene.now_ms),
        "connections": {
            "active": active,
            "max": limits.max_connections,
            "success_rate": scene.rounded(Signal::SocketsConnected, 4),
            "dropped_rate": dropped,
            "reconnected_rate": scene.rounded(Signal::SocketsReconnected, 4),
        },
        "message_latency_ms": scene.rounded(Signal::Delivery, 1),
        "config": {
            "connection_timeout_ms": limits.idle.as_millis(),
            "cleanup_interval_ms": limits.cleanup.as_millis(),
            "allowed_origins": ALLOWED_ORIGINS,
        },
    });
    if full {
        body["error"] = json!("connection limit reached");
    }
    body
}
