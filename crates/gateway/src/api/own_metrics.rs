//! `GET /metrics`: the gateway's own metrics as Prometheus text, for who is signed in. Prometheus sends a
//! token as `authorization: { credentials: … }`. A peer on this machine is no exception: behind a proxy on
//! the same machine everyone is one.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::Api;
use super::openapi::about::About;

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new("readOwnMetrics", "The gateway's own metrics.").answers_text(
        200,
        "text/plain",
        "Prometheus text.",
    )
}

/// Answers with all metrics.
pub async fn own_metrics(State(api): State<Api>) -> Response {
    api.set_gauges();
    let mut response = api.metrics().render().into_response();
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
    response
}
