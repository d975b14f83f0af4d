//! ChatPDD: five health endpoints.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use serde_json::{Value, json};

use super::{honest, word, worst};
use crate::fault::Fault;
use crate::instant::rfc3339;
use crate::model::Signal;
use crate::product::Product;
use crate::world::{Scene, World};

const POOL_SIZE: f64 = 50.0;

/// The routes.
pub fn routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/api/health", answering(health))
        .route("/api/collaboration/health", answering(collaboration))
        .route("/api/database/health", answering(database))
        .route("/api/redis/health", answering(redis))
        .route("/api/websocket/health", answering(websocket))
        .with_state(world)
}

fn answering(answer: fn(&Scene) -> Value) -> MethodRouter<Arc<World>> {
    get(async move |State(world): State<Arc<World>>| -> Response {
        honest(answer(&world.scene(Product::Chatpdd)))
    })
}

/// `GET /api/health`.
#[must_use]
pub fn health(scene: &Scene) -> Value {
    let database = database(scene);
    let parts = json!({
        "database": database["status"],
        "redis": redis(scene)["status"],
        "websocket": websocket(scene)["status"],
        "externalApis": word(scene, 0.0, 1.0),
    });
    let memory = word(scene, scene.get(Signal::Memory), 0.9);
    let own = word(scene, scene.get(Signal::ErrorRatio), 0.01);
    let up = json!({
        "status": worst([own, memory]),
        "timestamp": rfc3339(scene.now_ms),
        "version": scene.version,
        "environment": "production",
        "uptime_s": scene.tick,
        "services": parts,
        "metrics": {
            "requests_per_second": scene.rounded(Signal::Requests, 2),
            "error_rate_percent": scene.rounded(Signal::ErrorRatio, 6) * 100.0,
            "response_time_ms": {
                "avg": scene.rounded(Signal::LatencyAvg, 1),
                "p95": scene.rounded(Signal::LatencyP95, 1),
            },
            "page_load_ms": scene.rounded(Signal::PageLoad, 0),
            "memory_percent": scene.rounded(Signal::Memory, 4) * 100.0,
            "cpu_percent": scene.rounded(Signal::Cpu, 4) * 100.0,
            "disk_percent": scene.rounded(Signal::Disk, 4) * 100.0,
        },
        "features": {
            "ENABLE_COLLABORATION": true,
            "ENABLE_REAL_TIME": !scene.has(Fault::Maintenance),
            "ENABLE_WEBSOCKETS": !scene.has(Fault::Maintenance),
        },
    });
    up
}

/// `GET /api/collaboration/health`.
#[must_use]
pub fn collaboration(scene: &Scene) -> Value {
    let delivery_ms = scene.rounded(Signal::Delivery, 1);
    let drop_ratio = scene.rounded(Signal::SocketsDropped, 4);
    json!({
        "status": worst([word(scene, delivery_ms, 300.0), word(scene, drop_ratio, 0.1)]),
        "timestamp": rfc3339(scene.now_ms),
        "connections": scene.whole(Signal::Sockets),
        "message_delivery_latency_ms": delivery_ms,
        "connection_drop_rate": drop_ratio,
        "reconnection_success_rate": scene.rounded(Signal::SocketsReconnected, 4),
        "active_users": scene.whole(Signal::ActiveUsers),
        "invitation_success_rate": scene.rounded(Signal::Succeeded, 4),
        "upload_success_rate": scene.rounded(Signal::Succeeded, 4),
        "notification_delivery_rate": scene.rounded(Signal::Succeeded, 4),
    })
}

/// `GET /api/database/health`. A full pool is `unhealthy`: nothing more gets in.
#[must_use]
pub fn database(scene: &Scene) -> Value {
    let in_use = scene.rounded(Signal::DatabaseConnections, 0);
    let used_ratio = in_use / POOL_SIZE;
    let query_ms = scene.rounded(Signal::Database, 1);
    let full = used_ratio >= 1.0 && !scene.has(Fault::Maintenance);
    let status = if full {
        "unhealthy"
    } else {
        worst([word(scene, query_ms, 100.0), word(scene, used_ratio, 0.8)])
    };
    let mut body = json!({
        "status": status,
        "timestamp": rfc3339(scene.now_ms),
        "query_ms": query_ms,
        "pool": { "size": POOL_SIZE, "in_use": in_use, "waiting": scene.whole(Signal::LockWaits) },
        "locks": { "waiting": scene.whole(Signal::LockWaits), "deadlocks": 0 },
        "replication": { "lag_ms": scene.rounded(Signal::ReplicationLag, 0) },
    });
    if full {
        body["error"] = json!("connection pool exhausted");
    }
    body
}

/// `GET /api/redis/health`.
#[must_use]
pub fn redis(scene: &Scene) -> Value {
    let ping_ms = scene.rounded(Signal::Redis, 2);
    json!({
        "status": word(scene, ping_ms, 50.0),
        "timestamp": rfc3339(scene.now_ms),
        "ping_ms": ping_ms,
        "memory_used_ratio": scene.rounded(Signal::RedisMemory, 4),
    })
}

/// `GET /api/websocket/health`.
#[must_use]
pub fn websocket(scene: &Scene) -> Value {
    let drop_ratio = scene.rounded(Signal::SocketsDropped, 4);
    json!({
        "status": word(scene, drop_ratio, 0.1),
        "timestamp": rfc3339(scene.now_ms),
        "connections": scene.whole(Signal::Sockets),
        "dropped_ratio": drop_ratio,
        "reconnected_ratio": scene.rounded(Signal::SocketsReconnected, 4),
        "message_latency_ms": scene.rounded(Signal::Delivery, 1),
    })
}
