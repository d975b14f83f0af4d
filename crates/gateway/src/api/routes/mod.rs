//! The route table: the only place where a route comes into being. A row without a policy, or without the words
//! that describe it, does not compile; the router and the API's description are made of these rows and nothing
//! else. Each part of the table has a file of its own.

mod audit;
mod board;
mod intake;
mod notifications;
mod on_call;
mod pages;
mod people;
mod silences;

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{Method, StatusCode};

use super::failure::Failure;
use super::guard::guard;
use super::openapi::about::About;
use super::policy::{PageProof, Policy, Rule};
use super::{Api, observe};

/// Bodies that people and pages send.
const SMALL_BODY_BYTES: usize = 16 * 1024;

/// One row of the table.
pub struct Route {
    /// The method; `GET` answers `HEAD` as well.
    pub method: Method,
    /// The path, with `{names}` for parameters.
    pub path: String,
    /// Who may use it, and how.
    pub rule: Rule,
    /// What it is for, and what goes through it.
    pub about: About,
    handler: MethodRouter<Api>,
}

fn row<H, T>(
    method: Method,
    path: impl Into<String>,
    policy: Policy,
    about: About,
    handler: H,
) -> Route
where
    H: Handler<T, Api>,
    T: 'static,
{
    let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::TRACE);
    Route {
        method,
        path: path.into(),
        rule: Rule {
            policy,
            proof: PageProof::Needed,
            max_body_bytes: SMALL_BODY_BYTES,
        },
        about,
        handler: on(filter, handler),
    }
}

impl Route {
    /// For a route that uses nobody's authority.
    fn without_page_proof(mut self) -> Self {
        self.rule.proof = PageProof::NotNeeded;
        self
    }

    fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.rule.max_body_bytes = bytes;
        self
    }
}

/// Every route, for a console at `base`.
#[must_use]
pub fn table(base: &str) -> Vec<Route> {
    let mut rows = board::following();
    rows.extend(board::reading());
    rows.extend(board::of_itself());
    rows.extend(people::signing_in());
    rows.extend(people::acting());
    rows.extend(silences::silencing());
    rows.extend(notifications::telling());
    rows.extend(audit::looking_back());
    rows.extend(on_call::being_on_call());
    rows.extend(intake::taking_in());
    rows.extend(pages::console(base));
    rows
}

/// The router of these rows. What is in no row is not there.
pub fn router(api: &Api) -> Router {
    let mut router = Router::new();
    for Route {
        path,
        rule,
        handler,
        method,
        about: _,
    } in table(api.base_path())
    {
        let observed = (api.clock().clone(), method, path.clone());
        let handler = handler
            .route_layer(from_fn_with_state((api.clone(), rule), guard))
            .layer(from_fn_with_state(observed, observe::observe));
        router = router.route(&path, handler);
    }
    router
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .with_state(api.clone())
}

async fn no_such_route() -> Failure {
    Failure::not_found("There is nothing at this address.")
}

async fn no_such_method() -> Failure {
    Failure::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        "Method not allowed",
        "This address does not take this method; the header `Allow` names those that it takes.",
    )
}
