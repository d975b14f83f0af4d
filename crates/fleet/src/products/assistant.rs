//! Universal Assistant: health with a detailed report, real-time metrics, recent logs and their stream.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::{Stream, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{honest, word, worst};
use crate::fault::Fault;
use crate::instant::rfc3339;
use crate::model::Signal;
use crate::product::Product;
use crate::world::{Scene, World};

/// The routes.
pub fn routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/api/health", get(get_health).post(post_health))
        .route("/api/monitoring/metrics", get(get_metrics))
        .route("/api/monitoring/logs", get(get_logs))
        .route("/api/monitoring/logs/stream", get(stream_logs))
        .with_state(world)
}

#[derive(Deserialize)]
struct HealthQuery {
    #[serde(default)]
    detailed: bool,
}

async fn get_health(State(world): State<Arc<World>>, Query(query): Query<HealthQuery>) -> Response {
    let scene = world.scene(Product::UniversalAssistant);
    if query.detailed {
        honest(detailed(&scene))
    } else {
        honest(health(&scene))
    }
}

#[derive(Deserialize)]
struct HealthAction {
    action: String,
}

async fn post_health(State(world): State<Arc<World>>, Json(asked): Json<HealthAction>) -> Response {
    if asked.action != "generate-report" {
        let error = format!(
            "there is no action `{}`; there is `generate-report`",
            asked.action
        );
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    }
    let scene = world.scene(Product::UniversalAssistant);
    let report = json!({
        "generatedAt": rfc3339(scene.now_ms),
        "health": detailed(&scene),
        "performance": metrics(&scene),
    });
    Json(report).into_response()
}

async fn get_metrics(State(world): State<Arc<World>>) -> Json<Value> {
    Json(metrics(&world.scene(Product::UniversalAssistant)))
}

async fn get_logs(State(world): State<Arc<World>>) -> Json<Value> {
    let scene = world.scene(Product::UniversalAssistant);
    Json(json!({ "logs": [log_line(&scene)] }))
}

/// One line a second until the process is gone.
async fn stream_logs(
    State(world): State<Arc<World>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let lines = stream::unfold(world, |world| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if *world.gone(Product::UniversalAssistant).borrow() {
            return None;
        }
        let line = log_line(&world.scene(Product::UniversalAssistant));
        Some((Ok(Event::default().data(line.to_string())), world))
    });
    Sse::new(lines)
}

fn log_line(scene: &Scene) -> Value {
    json!({
        "timestamp": rfc3339(scene.now_ms),
        "level": "info",
        "type": "performance",
        "message": format!(
            "{:.0} requests/s, {:.0} ms on average",
            scene.get(Signal::Requests),
            scene.get(Signal::LatencyAvg)
        ),
    })
}

fn service(scene: &Scene, signal: Signal, degraded_ms: f64) -> Value {
    let took_ms = scene.rounded(signal, 1);
    json!({ "status": word(scene, took_ms, degraded_ms), "latencyMs": took_ms })
}

/// `GET /api/health`.
#[must_use]
pub fn health(scene: &Scene) -> Value {
    let mut services = json!({
        "database": service(scene, Signal::Database, 200.0),
        "ai": service(scene, Signal::Ai, 2_500.0),
        "speech": service(scene, Signal::Speech, 1_200.0),
        "logStore": service(scene, Signal::LogStore, 250.0),
    });
    if scene.has(Fault::MissingComponent)
        && let Some(services) = services.as_object_mut()
    {
        services.remove("logStore");
    }
    if scene.has(Fault::Maintenance) {
        services["logStore"]["message"] = json!("Log store migration");
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
        "uptime": scene.tick,
        "services": services,
    })
}

/// `GET /api/health?detailed=true`.
#[must_use]
pub fn detailed(scene: &Scene) -> Value {
    let mut body = health(scene);
    body["security"] = json!({
        "status": "healthy",
        "failedLogins": (scene.get(Signal::Requests) / 25.0).round(),
        "rateLimited": 0,
        "auditTrail": true,
    });
    body["errors"] = errors(scene);
    body["metrics"] = metrics(scene);
    body
}

fn errors(scene: &Scene) -> Value {
    let a_minute = (scene.get(Signal::Requests) * 60.0 * scene.get(Signal::ErrorRatio)).round();
    json!({
        "lastMinute": a_minute,
        "total": scene.totals.1,
        "byBoundary": { "critical": 0, "page": (a_minute / 3.0).floor(), "component": (a_minute * 2.0 / 3.0).ceil() },
        "recoveredRatio": scene.rounded(Signal::Succeeded, 4),
    })
}

/// `GET /api/monitoring/metrics`.
#[must_use]
pub fn metrics(scene: &Scene) -> Value {
    json!({
        "timestamp": rfc3339(scene.now_ms),
        "requests": {
            "perSecond": scene.rounded(Signal::Requests, 2),
            "errorRate": scene.rounded(Signal::ErrorRatio, 6),
            "averageMs": scene.rounded(Signal::LatencyAvg, 1),
            "p95Ms": scene.rounded(Signal::LatencyP95, 1),
        },
        "resources": {
            "memoryRatio": scene.rounded(Signal::Memory, 4),
            "cpuRatio": scene.rounded(Signal::Cpu, 4),
        },
        "slowOperations": i64::from(scene.get(Signal::LatencyP95) > 2_000.0),
        "users": { "active": scene.whole(Signal::ActiveUsers) },
    })
}
