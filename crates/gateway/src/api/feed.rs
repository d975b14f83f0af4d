//! `GET /api/monitoring/feed`: the socket, once ticket and origin were found right.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::{HeaderMap, HeaderValue, StatusCode};
use watchfloor_wire::feed::{SUBPROTOCOL, TICKET_PREFIX};

use super::Api;
use super::backlog::FeedLog;
use super::failure::Failure;
use super::openapi::about::About;
use crate::auth::secret::Secret;
use crate::auth::{Principal, Standing};
use crate::hub::{Access, FeedContext, Visitor};

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
    Extension(principal): Extension<Principal>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let mut upgrade = upgrade.map_err(|rejection| no_socket(&rejection))?;
    if !offered(&headers).any(|it| it == SUBPROTOCOL) {
        return Err(Failure::invalid(format!(
            "Offer the subprotocol `{SUBPROTOCOL}`."
        )));
    }
    upgrade.set_selected_protocol(HeaderValue::from_static(SUBPROTOCOL));
    let (hub, context) = (api.hub().clone(), context(&api, &principal));
    let visitor = Visitor {
        account: principal.account,
        role: principal.role,
        expires_at: principal.expires_at,
    };
    Ok(
        crate::hub::configure(upgrade).on_upgrade(move |socket| async move {
            hub.serve_socket(socket, visitor, context).await;
        }),
    )
}

fn context(api: &Api, principal: &Principal) -> FeedContext {
    let (ages, auth) = (api.clone(), api.auth().clone());
    let session = principal.session.clone();
    FeedContext {
        ages: Arc::new(move || ages.ages()),
        backlog: Arc::new(FeedLog(api.engine().clone())),
        revoked: auth.revocations(),
        access: Arc::new(move || match auth.standing(&session) {
            Standing::Stands(role) => Access::Granted(role),
            Standing::Expired => Access::Expired,
            Standing::Revoked => Access::Revoked,
        }),
    }
}

fn no_socket(rejection: &WebSocketUpgradeRejection) -> Failure {
    Failure::new(
        StatusCode::UPGRADE_REQUIRED,
        "upgrade",
        "This is a WebSocket",
        format!("Open it as a WebSocket: {rejection}."),
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
