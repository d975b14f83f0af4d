//! Runs before every handler: who is asking, may they, from where, how long.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, StatusCode};

use super::Api;
use super::failure::Failure;
use super::feed::offered_ticket;
use super::policy::{PageProof, Policy, Rule};
use crate::auth::secret::Secret;
use crate::auth::{Principal, SessionKind, cookie};

/// Nothing may take longer to begin its answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The header by which the console says that somebody did something since its last request.
pub const ACTIVITY_HEADER: &str = "x-watchfloor-activity";

/// Who is asking, and with what.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub principal: Principal,
    /// The token that came with the request; `None` when a ticket did.
    pub token: Option<(Secret, SessionKind)>,
}

/// Where a request came from, for counting: the peer's address, or the client's when the peer is one of
/// `trusted_proxies`. Clients of a proxy that is not trusted all have its address.
#[derive(Clone, Debug)]
pub struct Address(pub String);

/// The guard of one route.
pub async fn guard(
    State((api, rule)): State<(Api, Rule)>,
    mut request: Request,
    next: Next,
) -> Response {
    let address = address(&api, &request);
    let caller = match admit(&api, rule, request.method(), request.headers()).await {
        Ok(caller) => caller,
        Err(failure) => return failure.into_response(),
    };
    let extensions = request.extensions_mut();
    extensions.insert(address);
    extensions.insert(rule);
    if let Some(caller) = caller {
        extensions.insert(caller.principal.clone());
        extensions.insert(caller);
    }
    match tokio::time::timeout(TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => timed_out().into_response(),
    }
}

fn timed_out() -> Failure {
    Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "timed_out",
        "No answer in time",
        "The gateway did not finish within 15 s. Whether a change was made is not known; ask again.",
    )
}

fn address(api: &Api, request: &Request) -> Address {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let client = |it: &ConnectInfo<SocketAddr>| api.proxies().client(it.0.ip(), request.headers());
    Address(peer.map_or_else(|| "unknown".to_owned(), |it| client(it).to_string()))
}

/// Decides. A mutation in a browser's session needs the page's proof; a bearer token needs none, because no
/// browser sends it by itself.
async fn admit(
    api: &Api,
    rule: Rule,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<Caller>, Failure> {
    let bearer = bearer(headers);
    let mutates = !method.is_safe();
    match rule.policy {
        // The key itself is judged where the product is found by it, in constant time.
        Policy::IngestKey => bearer.map(|_| None).ok_or_else(no_key),
        Policy::Ticket => by_ticket(api, headers).await.map(Some),
        Policy::Public | Policy::Session(_) => {
            if mutates && bearer.is_none() && rule.proof == PageProof::Needed {
                api.origins().prove_page(headers)?;
            }
            let uses_authority = rule.proof == PageProof::Needed;
            let is_activity = (mutates && uses_authority) || headers.contains_key(ACTIVITY_HEADER);
            let caller = recognise(api, headers, is_activity).await;
            by_role(rule.policy, caller)
        }
    }
}

fn by_role(policy: Policy, caller: Option<Caller>) -> Result<Option<Caller>, Failure> {
    let Policy::Session(roles) = policy else {
        return Ok(caller);
    };
    let caller = caller.ok_or_else(Failure::signed_out)?;
    if roles.contains(&caller.principal.role) {
        return Ok(Some(caller));
    }
    let allowed: Vec<_> = roles.iter().map(|role| role.word()).collect();
    let needed = match allowed.as_slice() {
        [one] => format!("the role {one}"),
        all => format!("one of the roles {}", all.join(", ")),
    };
    let own = caller.principal.role.word();
    Err(Failure::role(format!(
        "You are signed in as {own}. This needs {needed}."
    )))
}

/// Who the request's token stands for. A bearer token that is wrong is not replaced by a cookie.
async fn recognise(api: &Api, headers: &HeaderMap, is_activity: bool) -> Option<Caller> {
    let (text, kind) = match bearer(headers) {
        Some(text) => (Secret::presented(text)?, SessionKind::Token),
        None => (
            cookie::read(headers, api.origins().https_only)?,
            SessionKind::Browser,
        ),
    };
    let principal = api.auth().recognise(&text, kind, is_activity).await?;
    Some(Caller {
        principal,
        token: Some((text, kind)),
    })
}

async fn by_ticket(api: &Api, headers: &HeaderMap) -> Result<Caller, Failure> {
    if bearer(headers).is_some() {
        let caller = recognise(api, headers, false).await;
        return caller.ok_or_else(Failure::signed_out);
    }
    let origin = api.origins().of_socket(headers).inspect_err(|_| {
        metrics::counter!("watchfloor_feed_refused_total", "why" => "origin").increment(1);
    })?;
    let ticket = offered_ticket(headers).ok_or_else(no_ticket)?;
    let principal = api.auth().redeem_ticket(&ticket, origin);
    Ok(Caller {
        principal: principal.ok_or_else(no_ticket)?,
        token: None,
    })
}

fn no_ticket() -> Failure {
    metrics::counter!("watchfloor_feed_refused_total", "why" => "ticket").increment(1);
    Failure::new(
        StatusCode::UNAUTHORIZED,
        "ticket",
        "No valid ticket",
        "Offer the subprotocols `watchfloor.feed.v1` and `ticket.` with a ticket from `POST /api/monitoring/ticket`; it is good once, within 30 s, from the same origin.",
    )
}

fn no_key() -> Failure {
    Failure::new(
        StatusCode::UNAUTHORIZED,
        "key",
        "No valid key",
        "Send the product's ingest key as `Authorization: Bearer`.",
    )
}

/// The token of `Authorization: Bearer`; `None` without such a header.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
