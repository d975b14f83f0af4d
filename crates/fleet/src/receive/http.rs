//! The receivers that speak HTTP, and the list of what all of them got.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Mood, Received, Receivers, shape};

/// The routes.
pub fn routes(receivers: Receivers) -> Router {
    Router::new()
        .route("/received", get(received).delete(forget))
        .route("/mood", post(mood))
        .route("/{kind}/{name}", post(receive))
        .with_state(receivers)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    receiver: Option<String>,
}

async fn received(State(receivers): State<Receivers>, Query(asked): Query<Asked>) -> Json<Value> {
    Json(json!({ "received": receivers.received(asked.receiver.as_deref()) }))
}

async fn forget(State(receivers): State<Receivers>) -> StatusCode {
    receivers.forget();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoodRequest {
    receiver: String,
    mood: Mood,
}

async fn mood(State(receivers): State<Receivers>, body: Bytes) -> Response {
    match serde_json::from_slice::<MoodRequest>(&body) {
        Ok(asked) => {
            receivers.set_mood(&asked.receiver, asked.mood);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(why) => (StatusCode::BAD_REQUEST, why.to_string()).into_response(),
    }
}

async fn receive(
    State(receivers): State<Receivers>,
    Path((kind, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let receiver = format!("{kind}/{name}");
    let came = shape::Came {
        headers: &headers,
        body: &body,
        key: receivers.shared.webhook_key.as_deref(),
        at_ms: (receivers.shared.clock)(),
    };
    let Some(judged) = shape::judge(&kind, &came) else {
        return (StatusCode::NOT_FOUND, "there is no such receiver").into_response();
    };
    let mood = receivers.mood(&receiver);
    let status = match mood {
        Mood::Error => StatusCode::INTERNAL_SERVER_ERROR,
        Mood::Busy => StatusCode::TOO_MANY_REQUESTS,
        Mood::Redirect => StatusCode::FOUND,
        Mood::Well | Mood::Hang if judged.problems.is_empty() => StatusCode::OK,
        Mood::Well | Mood::Hang => StatusCode::BAD_REQUEST,
    };
    let problems = judged.problems.join("; ");
    receivers.keep(Received {
        receiver: receiver.clone(),
        at: 0,
        id: judged.id,
        problems: judged.problems,
        answered: status.as_u16(),
        body: judged.body,
    });
    match mood {
        Mood::Hang => receivers.let_go(&receiver).await,
        Mood::Busy => return (status, [(RETRY_AFTER, "2")], "slow down").into_response(),
        Mood::Redirect => {
            let elsewhere = "http://169.254.169.254/latest/meta-data/";
            return (status, [(LOCATION, elsewhere)]).into_response();
        }
        Mood::Well | Mood::Error => {}
    }
    match status {
        StatusCode::OK => (status, "ok").into_response(),
        _ => (status, problems).into_response(),
    }
}
