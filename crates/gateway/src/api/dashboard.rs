//! `GET /api/monitoring/dashboard`: the snapshot, compressed once for everyone who may see the same.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use watchfloor_wire::snapshot::Snapshot;

use super::Api;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use crate::auth::Principal;
use crate::console::negotiate::{Coding, best_coding, matches_etag};

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "readDashboard",
        "The whole state at one place of the feed, as the asking role may see it.",
    )
    .parameters(&[Parameter::header(
        "If-None-Match",
        "The `ETag` of the state that is already there.",
        Values::Text { max_chars: 200 },
    )])
    .answers::<Snapshot>(200, "The state; `ETag` names it.")
    .answers_nothing(304, "The state is the one that is already there.")
    .fails(429, "More than 60 a minute for one session.")
}

/// Answers with the state at the head of the feed, as the caller's role may see it.
pub async fn dashboard(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    api.rates().snapshot(&principal.session.0)?;
    let (hub, role) = (api.hub().clone(), principal.role);
    let coding = best_coding(&headers, &[Coding::Br, Coding::Gzip]);
    // Building and compressing are work, not waiting; they stay off the threads that serve sockets.
    let built = tokio::task::spawn_blocking(move || {
        let snapshot = hub.snapshot(role);
        let body = match coding {
            Coding::Br => snapshot.br(),
            Coding::Gzip => snapshot.gzip(),
            Coding::Identity => snapshot.json.clone(),
        };
        (snapshot, body)
    });
    let (snapshot, body) = built
        .await
        .map_err(|error| Failure::unavailable("The snapshot could not be built", &error))?;
    let mut response = if matches_etag(headers.get(IF_NONE_MATCH), &snapshot.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = body.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(name) = coding.header() {
            headers.insert(CONTENT_ENCODING, name);
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(
        VARY,
        HeaderValue::from_static("accept-encoding, cookie, authorization"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&snapshot.etag) {
        headers.insert(ETAG, etag);
    }
    Ok(response)
}
