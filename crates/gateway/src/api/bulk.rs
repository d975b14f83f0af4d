//! `POST /api/monitoring/incidents/bulk`: one action for many incidents, answered item by item.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use watchfloor_wire::bulk::{BulkAnswer, BulkRequest};

use super::Api;
use super::action_body::check;
use super::actions::objected;
use super::body::Json;
use super::failure::Failure;
use super::openapi::about::About;
use super::order::{actor, answered};
use super::precondition::{KEY, fingerprint, idempotency_key};
use crate::auth::Principal;
use crate::engine::BulkOrder;

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "actOnIncidents",
        "Acknowledges or resolves up to 200 incidents, each against the version that was seen, at most once.",
    )
    .parameters(&[KEY])
    .takes::<BulkRequest>()
    .answers::<BulkAnswer>(
        200,
        "What became of each; with `Idempotency-Replayed: true` it was asked before.",
    )
    .fails(422, "The key belongs to another request.")
    .fails(428, "A header is missing.")
    .fails(429, "More than 30 a minute for one account.")
}

/// Judges each incident by itself; what was done is stored together.
pub async fn act(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    headers: HeaderMap,
    body: Json<BulkRequest>,
) -> Result<Response, Failure> {
    let key = idempotency_key(&headers)?;
    api.rates().action(&principal.account)?;
    check(body.value.problems())?;
    let order = BulkOrder {
        items: body.value.items,
        action: body.value.action,
        key,
        fingerprint: fingerprint("POST incidents/bulk", &body.bytes),
        actor: actor(principal),
    };
    let outcome = api.engine().act_on_many(order).await;
    answered(outcome, "actions", |it| objected(it, None))
}
