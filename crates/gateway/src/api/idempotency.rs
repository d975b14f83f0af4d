//! `GET /api/monitoring/idempotency/{key}`: what became of a request whose answer was lost.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use watchfloor_wire::action::ActionAnswer;
use watchfloor_wire::bulk::BulkAnswer;
use watchfloor_wire::silence::request::SilenceAnswer;

use super::Api;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use super::order::given;
use super::precondition::is_key;
use crate::auth::Principal;

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "readKeptAnswer",
        "What became of an action whose answer was lost.",
    )
    .parameters(&[Parameter::path(
        "key",
        "The `Idempotency-Key` of the request.",
        Values::Text { max_chars: 128 },
    )])
    .answers::<ActionAnswer>(200, "It was done; this was the answer.")
    .answers::<BulkAnswer>(200, "It was done; this was the answer.")
    .answers::<ActionAnswer>(201, "It was opened; this was the answer.")
    .answers::<SilenceAnswer>(200, "It was done; this was the answer.")
    .fails(400, "It cannot be a key.")
    .fails(404, "It was not done within the last 24 h.")
}

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
