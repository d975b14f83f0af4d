//! DONNA Interactive: the front end with its environment check and the start of the Gmail OAuth flow, and the
//! back end. The WebSocket server is in [`super::donna_socket`].

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::{honest, word, worst};
use crate::fault::Fault;
use crate::instant::rfc3339;
use crate::model::Signal;
use crate::product::Product;
use crate::world::{Scene, World};

/// The production origin.
pub const ORIGIN: &str = "https://donna.example.com";
/// Where Google sends people back to.
pub const REDIRECT_URI: &str = "https://donna.example.com/api/gmail/oauth/callback";
const WRONG_REDIRECT_URI: &str = "http://localhost:3000/api/gmail/oauth/callback";
/// Where the flow begins.
pub const AUTHORIZE_URL: &str = "https://accounts.example.com/o/oauth2/v2/auth";

/// The front end's routes.
pub fn frontend_routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/api/health", get(get_front))
        .route("/api/gmail/oauth/start", get(start_oauth))
        .with_state(world)
}

/// The back end's routes; it lives under `/donna`.
pub fn backend_routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/donna/health", get(get_back))
        .route("/health", get(get_back))
        .with_state(world)
}

async fn get_front(State(world): State<Arc<World>>) -> Response {
    honest(front(&world.scene(Product::Donna)))
}

/// The back end tells browsers which front end may read it.
async fn get_back(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    let mut response = honest(back(&world.scene(Product::Donna)));
    if headers.get(header::ORIGIN).is_some_and(|it| it == ORIGIN) {
        let allowed = HeaderValue::from_static(ORIGIN);
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    }
    response
}

async fn start_oauth(State(world): State<Arc<World>>) -> Response {
    let location = oauth_location(&world.scene(Product::Donna));
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

const fn redirect_uri(misconfigured: bool) -> &'static str {
    if misconfigured {
        WRONG_REDIRECT_URI
    } else {
        REDIRECT_URI
    }
}

/// Where `GET /api/gmail/oauth/start` sends people.
#[must_use]
pub fn oauth_location(scene: &Scene) -> String {
    let uri = redirect_uri(scene.has(Fault::OauthMisconfigured))
        .replace(':', "%3A")
        .replace('/', "%2F");
    format!(
        "{AUTHORIZE_URL}?client_id=donna-production.apps.example.com&response_type=code\
         &access_type=offline&scope=gmail.send&redirect_uri={uri}"
    )
}

/// `GET /api/health` of the front end: are the variables of its environment there, and right?
#[must_use]
pub fn front(scene: &Scene) -> Value {
    let misconfigured = scene.has(Fault::OauthMisconfigured);
    let invalid: &[&str] = if misconfigured {
        &["GOOGLE_REDIRECT_URI"]
    } else {
        &[]
    };
    let environment = word(scene, f64::from(u8::from(misconfigured)), 1.0);
    let mut body = json!({
        "status": environment,
        "timestamp": rfc3339(scene.now_ms),
        "version": scene.version,
        "environment": {
            "status": environment,
            "checked": [
                "NEXT_PUBLIC_WEBSOCKET_URL", "NEXT_PUBLIC_API_BASE",
                "NEXT_PUBLIC_ALLOWED_ORIGIN", "GOOGLE_REDIRECT_URI",
            ],
            "missing": [],
            "invalid": invalid,
        },
    });
    if misconfigured {
        body["error"] = json!("GOOGLE_REDIRECT_URI points to localhost");
    }
    body
}

/// `GET /donna/health` of the back end.
#[must_use]
pub fn back(scene: &Scene) -> Value {
    let database = word(scene, scene.get(Signal::Database), 100.0);
    let email = word(scene, scene.get(Signal::Email), 1_500.0);
    let memory = word(scene, scene.get(Signal::Memory), 0.9);
    json!({
        "status": worst([database, email, memory]),
        "timestamp": rfc3339(scene.now_ms),
        "version": scene.version,
        "services": {
            "database": { "status": database, "response_time_ms": scene.rounded(Signal::Database, 1) },
            "email": { "status": email, "response_time_ms": scene.rounded(Signal::Email, 1) },
        },
        "metrics": {
            "requests_per_second": scene.rounded(Signal::Requests, 2),
            "error_rate": scene.rounded(Signal::ErrorRatio, 6),
            "average_response_time_ms": scene.rounded(Signal::LatencyAvg, 1),
            "p95_response_time_ms": scene.rounded(Signal::LatencyP95, 1),
            "oauth_success_ratio": scene.rounded(Signal::OauthSucceeded, 4),
            "memory_ratio": scene.rounded(Signal::Memory, 4),
        },
    })
}
