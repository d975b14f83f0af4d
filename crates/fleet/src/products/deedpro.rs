//! DeedPro: a front end that forbids frames, and a FastAPI back end whose health always answers 200, writes
//! instants without a zone, and whose `/metrics` declares a histogram and gives one bare sample.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{word, worst};
use crate::fault::Fault;
use crate::instant::naive;
use crate::model::Signal;
use crate::product::Product;
use crate::world::{Scene, World};

/// The back end's routes.
pub fn backend_routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/health", get(get_health))
        .route("/metrics", get(get_metrics))
        .with_state(world)
}

/// The front end's routes.
pub fn frontend_routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/health", get(get_front))
        .route("/api/health", get(get_front))
        .layer(middleware::from_fn(security_headers))
        .with_state(world)
}

async fn get_health(State(world): State<Arc<World>>) -> Json<Value> {
    Json(health(&world.scene(Product::Deedpro)))
}

async fn get_metrics(State(world): State<Arc<World>>) -> impl IntoResponse {
    let text = metrics(&world.scene(Product::Deedpro));
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text)
}

async fn get_front(State(world): State<Arc<World>>) -> Json<Value> {
    Json(front(&world.scene(Product::Deedpro)))
}

async fn page() -> Html<&'static str> {
    Html("<!doctype html><title>DeedPro</title><h1>Deeds, step by step</h1>")
}

async fn security_headers(request: Request, next: Next) -> Response {
    const HEADERS: [(&str, &str); 5] = [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "origin-when-cross-origin"),
        (
            "strict-transport-security",
            "max-age=63072000; includeSubDomains; preload",
        ),
        (
            "content-security-policy",
            "default-src 'self'; connect-src 'self' *.example.com",
        ),
    ];
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        let headers = response.headers_mut();
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    response
}

/// `GET /health` of the back end. The overall status looks at memory but not at processor and disk, as the
/// original does.
#[must_use]
pub fn health(scene: &Scene) -> Value {
    if scene.has(Fault::Unhealthy200) {
        return json!({
            "status": "unhealthy",
            "timestamp": naive(scene.now_ms),
            "version": scene.version,
            "environment": "production",
            "error": "name 'time' is not defined",
        });
    }
    let database = word(scene, scene.get(Signal::Database), 100.0);
    let openai = word(scene, scene.get(Signal::Ai), 2_000.0);
    let memory = word(scene, scene.get(Signal::Memory), 0.900_000_1);
    let mut body = json!({
        "status": worst([database, openai, memory]),
        "timestamp": naive(scene.now_ms),
        "version": scene.version,
        "environment": "production",
        "database": { "status": database, "response_time_ms": scene.rounded(Signal::Database, 2) },
        "openai": { "status": openai, "response_time_ms": scene.rounded(Signal::Ai, 2) },
        "system": {
            "cpu_percent": scene.rounded(Signal::Cpu, 3) * 100.0,
            "memory_percent": scene.rounded(Signal::Memory, 3) * 100.0,
            "disk_percent": scene.rounded(Signal::Disk, 3) * 100.0,
        },
    });
    if scene.has(Fault::MissingComponent)
        && let Some(body) = body.as_object_mut()
    {
        body.remove("openai");
    }
    body
}

/// `GET /metrics` of the back end.
#[must_use]
pub fn metrics(scene: &Scene) -> String {
    let families = [
        (
            "wizard_requests_total",
            "Total number of wizard requests",
            "counter",
            scene.totals.0,
        ),
        (
            "wizard_response_time_seconds",
            "Response time in seconds",
            "histogram",
            scene.rounded(Signal::LatencyAvg, 1) / 1_000.0,
        ),
        (
            "wizard_errors_total",
            "Total number of errors",
            "counter",
            scene.totals.1,
        ),
    ];
    let mut text = String::new();
    for (name, help, kind, value) in families {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}"
        );
    }
    // The original joins its lines, so that the last one has no line end.
    text.truncate(text.trim_end().len());
    text
}

/// `GET /health` of the front end.
#[must_use]
pub fn front(scene: &Scene) -> Value {
    let load_ms = scene.rounded(Signal::PageLoad, 0);
    json!({
        "status": word(scene, load_ms, 4_000.0),
        "timestamp": naive(scene.now_ms),
        "version": scene.version,
        "page_load_ms": load_ms,
        "feature_flags": { "ai_assistance": true, "chain_of_title": true, "batch_processing": true },
    })
}
