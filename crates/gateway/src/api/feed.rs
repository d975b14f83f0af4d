//! `GET /api/monitoring/feed`: the socket, once ticket and origin were found right.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::{HeaderMap, StatusCode};
use watchfloor_wire::feed::{SUBPROTOCOL, TICKET_PREFIX};

use super::Api;
use super::backlog::FeedLog;
use super::failure::Failure;
use super::guard::{Address, Caller};
use super::openapi::about::About;
use crate::auth::secret::Secret;
use crate::auth::{Principal, Standing};
use crate::hub::handshake::{Handshake, NoWebSocket};
use crate::hub::{Access, FeedContext, Link, Visitor};

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "openFeed",
        "The live feed, a WebSocket that resumes where the client's state stands.",
    )
    .answers_nothing(101, "The socket is open; say hello within 5 s.")
    .fails(400, "The feed's subprotocol was not offered.")
    .fails(426, "It was not asked for as a WebSocket.")
}

/// Opens the socket and hands it to the hub.
pub async fn feed(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Extension(address): Extension<Address>,
    request: Request,
) -> Result<Response, Failure> {
    if !offered(request.headers()).any(|it| it == SUBPROTOCOL) {
        return Err(Failure::invalid(format!(
            "Offer the subprotocol `{SUBPROTOCOL}`."
        )));
    }
    let handshake = Handshake::of(request).map_err(no_socket)?;
    // Who has a ticket was let in when it was made.
    if caller.token.is_some() {
        admit(&api)?;
    }
    let (response, socket) = handshake.accept(SUBPROTOCOL);
    let (context, visitor) = visit(&api, caller.principal, &address);
    let hub = api.hub().clone();
    tokio::spawn(async move {
        let Some(upgraded) = socket.await else { return };
        let serving = hub.clone();
        hub.spawn(async move {
            match upgraded.open() {
                Ok(socket) => serving.serve(Link::Socket(socket), visitor, context).await,
                Err(error) => tracing::warn!(%error, "a socket could not be watched"),
            }
        });
    });
    Ok(response)
}

/// Lets a client in, or says when it may come again.
///
/// # Errors
/// A 503 with `Retry-After` when too many come at once.
pub fn admit(api: &Api) -> Result<(), Failure> {
    api.hub().admit().map_err(|wait_ms| {
        Failure::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "Too many at once",
            "Many clients come back at this moment. Nothing was done; try again after `Retry-After`.",
        )
        .retry_after_ms(wait_ms)
    })
}

/// What the hub needs to know of who connects.
#[must_use]
pub fn visit(api: &Api, principal: Principal, address: &Address) -> (FeedContext, Visitor) {
    let (ages, auth) = (api.clone(), api.auth().clone());
    let session = principal.session;
    let context = FeedContext {
        ages: Arc::new(move || ages.ages()),
        backlog: Arc::new(FeedLog(api.engine().clone())),
        revoked: auth.revocations(),
        access: Arc::new(move || match auth.standing(&session) {
            Standing::Stands(role) => Access::Granted(role),
            Standing::Expired => Access::Expired,
            Standing::Revoked => Access::Revoked,
        }),
    };
    let visitor = Visitor {
        account: principal.account,
        address: address.0.parse().ok(),
        role: principal.role,
        expires_at: principal.expires_at,
    };
    (context, visitor)
}

fn no_socket(NoWebSocket(what): NoWebSocket) -> Failure {
    Failure::new(
        StatusCode::UPGRADE_REQUIRED,
        "upgrade",
        "This is a WebSocket",
        format!("Open it as a WebSocket: {what}."),
    )
}

fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .map(str::trim)
}

/// The ticket among the offered subprotocols.
#[must_use]
pub fn offered_ticket(headers: &HeaderMap) -> Option<Secret> {
    let text = offered(headers).find_map(|it| it.strip_prefix(TICKET_PREFIX))?;
    Secret::presented(text)
}
