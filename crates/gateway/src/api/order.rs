//! Orders over HTTP: what comes with a key is carried out at most once, and answered byte for byte as it was then.

use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::Api;
use super::failure::Failure;
use super::precondition::{fingerprint, idempotency_key};
use crate::auth::Principal;
use crate::engine::{Actor, EngineGone};
use crate::order::{Order, OrderOutcome};

/// On an answer that was given before.
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Who acts, for the engine.
#[must_use]
pub fn actor(principal: Principal) -> Actor {
    Actor {
        account: principal.account,
        name: principal.name,
        role: principal.role,
    }
}

/// Makes an order of what was sent. `place` is the address that it was sent to, below the API's: the same key at another
/// one is another order.
///
/// # Errors
/// A 428 or 400 for the key, a 429 for an account that sends too much.
pub fn order<W>(
    api: &Api,
    principal: Principal,
    headers: &HeaderMap,
    place: &str,
    body: &[u8],
    work: W,
) -> Result<Order<W>, Failure> {
    let key = idempotency_key(headers)?;
    api.rates().action(&principal.account)?;
    Ok(Order {
        work,
        key,
        fingerprint: fingerprint(&format!("POST {place}"), body),
        actor: actor(principal),
    })
}

/// What became of an order about `what`, for example `silence`; `refused` says over HTTP why it was not carried out.
///
/// # Errors
/// Everything but an answer.
pub fn answered<O>(
    outcome: Result<OrderOutcome<O>, EngineGone>,
    what: &str,
    refused: impl FnOnce(O) -> Failure,
) -> Result<Response, Failure> {
    match outcome {
        Ok(OrderOutcome::Answered {
            status,
            body,
            replayed,
        }) => Ok(given(status, body, replayed)),
        Ok(OrderOutcome::Refused(objection)) => Err(refused(objection)),
        Ok(OrderOutcome::KeyReused) => Err(Failure::key_reused()),
        Ok(OrderOutcome::StoreFailed(cause)) => Err(not_stored(what, &cause)),
        Err(gone) => Err(not_stored(what, &gone)),
    }
}

fn not_stored(what: &str, cause: &dyn std::fmt::Display) -> Failure {
    Failure::unavailable(&format!("The {what} could not be stored"), cause)
}

/// An answer as it was stored, byte for byte.
#[must_use]
pub fn given(status: u16, body: String, replayed: bool) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if replayed {
        headers.insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
