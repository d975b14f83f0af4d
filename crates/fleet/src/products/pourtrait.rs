//! Pourtrait: `/api/health` with its services, `HEAD` for uptime, and `/api/monitoring/dashboard`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{honest, word, worst};
use crate::fault::Fault;
use crate::instant::rfc3339;
use crate::model::Signal;
use crate::product::Product;
use crate::world::{Scene, World};

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// The routes.
pub fn routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/api/health", get(get_health).head(head_health))
        .route("/api/monitoring/dashboard", get(get_dashboard))
        .with_state(world)
}

async fn get_health(State(world): State<Arc<World>>) -> Response {
    honest(health(&world.scene(Product::Pourtrait)))
}

/// The simple uptime check: a status and nothing else.
async fn head_health(State(world): State<Arc<World>>) -> Response {
    let body = health(&world.scene(Product::Pourtrait));
    if body["status"] == "unhealthy" {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    StatusCode::OK.into_response()
}

async fn get_dashboard(State(world): State<Arc<World>>) -> Json<Value> {
    Json(dashboard(&world.scene(Product::Pourtrait)))
}

fn service(scene: &Scene, signal: Signal, degraded_ms: f64, unhealthy_ms: f64) -> Value {
    let took_ms = scene.rounded(signal, 1);
    if took_ms >= unhealthy_ms && !scene.has(Fault::Maintenance) {
        return json!({
            "status": "unhealthy",
            "responseTime": took_ms,
            "error": format!("took {took_ms:.0} ms, more than {unhealthy_ms:.0} ms"),
        });
    }
    json!({ "status": word(scene, took_ms, degraded_ms), "responseTime": took_ms })
}

/// `GET /api/health`.
#[must_use]
pub fn health(scene: &Scene) -> Value {
    let mut services = json!({
        "database": service(scene, Signal::Database, 100.0, 600.0),
        "ai": service(scene, Signal::Ai, 2_000.0, 8_000.0),
        "imageProcessing": service(scene, Signal::Images, 1_500.0, 6_000.0),
        "email": service(scene, Signal::Email, 1_000.0, 5_000.0),
        "storage": service(scene, Signal::Storage, 500.0, 3_000.0),
    });
    if scene.has(Fault::MissingComponent)
        && let Some(services) = services.as_object_mut()
    {
        services.remove("imageProcessing");
    }
    let memory = word(scene, scene.get(Signal::Memory), 0.9);
    let words: Vec<&str> = services
        .as_object()
        .into_iter()
        .flat_map(|it| it.values())
        .filter_map(|it| it["status"].as_str())
        .chain([memory])
        .collect();
    json!({
        "status": worst(words),
        "timestamp": rfc3339(scene.now_ms),
        "version": scene.version,
        "environment": "production",
        "uptime": scene.tick,
        "services": services,
        "metrics": {
            "responseTime": scene.rounded(Signal::LatencyAvg, 1),
            "memoryUsage": scene.rounded(Signal::Memory, 4),
            "cpuUsage": scene.rounded(Signal::Cpu, 4),
        },
        "configuration": { "valid": true, "missing": [] },
    })
}

/// `GET /api/monitoring/dashboard`.
#[must_use]
pub fn dashboard(scene: &Scene) -> Value {
    let status = health(scene)["status"].clone();
    let requests = scene.get(Signal::Requests);
    json!({
        "timestamp": rfc3339(scene.now_ms),
        "systemHealth": { "status": status },
        "performance": {
            "averageResponseTime": scene.rounded(Signal::LatencyAvg, 1),
            "p95ResponseTime": scene.rounded(Signal::LatencyP95, 1),
            "throughput": scene.rounded(Signal::Requests, 2),
            "pageLoadTime": scene.rounded(Signal::PageLoad, 0),
        },
        "errors": {
            "rate": scene.rounded(Signal::ErrorRatio, 6),
            "lastMinute": (requests * 60.0 * scene.get(Signal::ErrorRatio)).round(),
            "total": scene.totals.1,
        },
        "webVitals": {
            "lcp": (scene.get(Signal::PageLoad) * 1.4).round(),
            "fid": (scene.get(Signal::Cpu) * 60.0).round(),
            "cls": 0.04,
        },
        "business": {
            "wineAdditionsPerHour": scene.whole(Signal::Business),
            "aiQueriesPerHour": (scene.get(Signal::Business) * 2.6).round(),
            "recommendationsPerHour": (scene.get(Signal::Business) * 1.9).round(),
            "activeUsers": scene.whole(Signal::ActiveUsers),
        },
        "security": { "failedAuthentications": (requests / 20.0).round(), "suspiciousActivity": 0 },
        "backups": backups(scene),
        "alerts": [],
        "uptime": { "last30Days": 0.9995 },
    })
}

/// The last backup is that of two in the morning.
fn backups(scene: &Scene) -> Value {
    let today_ms = scene.now_ms.div_euclid(DAY_MS) * DAY_MS + 2 * HOUR_MS;
    let completed_ms = if today_ms > scene.now_ms {
        today_ms - DAY_MS
    } else {
        today_ms
    };
    json!({
        "lastCompletedAt": rfc3339(completed_ms),
        "ageMs": scene.now_ms - completed_ms,
        "verified": true,
        "rtoHours": 4,
        "rpoHours": 1,
    })
}
