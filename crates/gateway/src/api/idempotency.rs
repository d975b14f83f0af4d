//! `GET /api/monitoring/idempotency/{key}`: what became of a request whose answer was lost.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;

use super::Api;
use super::actions::{given, is_key};
use super::failure::Failure;
use crate::auth::Principal;

/// Answers with the stored answer of the caller's request, byte for byte. A 404 says that it was not
/// carried out and can be sent again.
pub async fn kept(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    Path(key): Path<String>,
) -> Result<Response, Failure> {
    if !is_key(&key) {
        return Err(Failure::invalid(
            "A key has 8 to 128 visible ASCII characters.",
        ));
    }
    let found = api
        .engine()
        .kept_answer(principal.account, key)
        .await
        .map_err(|error| Failure::unavailable("Kept answers could not be read", &error))?;
    let kept = found.ok_or_else(|| {
        Failure::not_found("No request with this key was carried out within the last 24 h.")
    })?;
    Ok(given(kept.status, kept.body, true))
}
