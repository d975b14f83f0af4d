//! `POST /api/monitoring/incidents`: a person opens an incident that no alert opened.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use watchfloor_wire::action::{ActionAnswer, OpenRequest};

use super::Api;
use super::action_body::check;
use super::actions::objected;
use super::body::Json;
use super::failure::Failure;
use super::openapi::about::About;
use super::order::{actor, answered};
use super::precondition::{KEY, fingerprint, idempotency_key};
use crate::auth::Principal;
use crate::engine::OpenOrder;

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new("openIncident", "Opens an incident that no alert opened.")
        .parameters(&[KEY])
        .takes::<OpenRequest>()
        .answers::<ActionAnswer>(
            201,
            "It is open; with `Idempotency-Replayed: true` it was opened before.",
        )
        .fails(422, "The key belongs to another request.")
        .fails(428, "A header is missing.")
        .fails(429, "More than 30 a minute for one account.")
}

/// Opens it, or says exactly why not.
pub async fn open(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    headers: HeaderMap,
    body: Json<OpenRequest>,
) -> Result<Response, Failure> {
    let key = idempotency_key(&headers)?;
    api.rates().action(&principal.account)?;
    check(body.value.problems())?;
    let order = OpenOrder {
        request: body.value,
        key,
        fingerprint: fingerprint("POST incidents", &body.bytes),
        actor: actor(principal),
    };
    let outcome = api.engine().open(order).await;
    answered(outcome, "incident", |it| objected(it, None))
}
