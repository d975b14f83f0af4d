//! `POST /api/monitoring/ticket`: a ticket for one socket.

use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use watchfloor_wire::session::Ticket;

use super::Api;
use super::failure::Failure;
use super::feed::admit;
use super::openapi::about::About;
use crate::auth::Principal;

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "makeTicket",
        "A ticket for one socket of the feed, good once, within 30 s.",
    )
    .answers::<Ticket>(200, "The ticket.")
    .fails(429, "More than 30 a minute for one session.")
    .fails(
        503,
        "Too many clients come at once; come again after `Retry-After`.",
    )
}

/// Answers with a ticket that is good once, within 30 s, for a socket from the same origin. Browsers name
/// the origin in every `POST`; without one there is no socket to open. Who comes when too many do is put off
/// here, because a browser does not tell a script how the opening of a socket was answered.
pub async fn ticket(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    headers: HeaderMap,
) -> Result<Json<Ticket>, Failure> {
    api.rates().ticket(&principal.session.0)?;
    let origin = api.origins().of_socket(&headers)?;
    admit(&api)?;
    let ticket = api
        .auth()
        .issue_ticket(&principal, origin)
        .map_err(|error| Failure::unavailable("No ticket could be made", &error))?;
    Ok(Json(Ticket {
        ticket: ticket.reveal().to_owned(),
    }))
}
