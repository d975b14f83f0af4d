//! The route table: the only place where a route comes into being. A row without a policy, or without the words
//! that describe it, does not compile; the router and the API's description are made of these rows and nothing
//! else.

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{Method, StatusCode};

use super::failure::Failure;
use super::guard::guard;
use super::openapi;
use super::openapi::about::About;
use super::policy::{BOARD, OPERATORS, PEOPLE, PageProof, Policy, Rule};
use super::{
    Api, actions, console_page, csp_reports, dashboard, feed, feed_stream, health, idempotency,
    incidents, ingest, log_stream, logs, metrics, observe, own_metrics, page_failures, report,
    session, ticket,
};

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
    let mut rows = reading();
    rows.extend(signing_in());
    rows.extend(acting());
    rows.extend(taking_in());
    rows.extend(console(base));
    rows
}

fn reading() -> Vec<Route> {
    let at = |path: &str| format!("/api/monitoring/{path}");
    vec![
        row(
            Method::GET,
            at("dashboard"),
            BOARD,
            dashboard::about(),
            dashboard::dashboard,
        ),
        row(
            Method::GET,
            at("feed"),
            Policy::Ticket,
            feed::about(),
            feed::feed,
        ),
        row(
            Method::GET,
            at("feed/stream"),
            BOARD,
            feed_stream::about_stream(),
            feed_stream::stream,
        ),
        row(
            Method::POST,
            at("feed/pong"),
            BOARD,
            feed_stream::about_pong(),
            feed_stream::pong,
        ),
        row(
            Method::GET,
            at("metrics"),
            BOARD,
            metrics::about(),
            metrics::series,
        ),
        row(Method::GET, at("logs"), PEOPLE, logs::about(), logs::logs),
        row(
            Method::GET,
            at("logs/stream"),
            PEOPLE,
            log_stream::about(),
            log_stream::stream,
        ),
        row(
            Method::GET,
            at("incidents"),
            PEOPLE,
            incidents::about_list(),
            incidents::list,
        ),
        row(
            Method::GET,
            at("incidents/{id}"),
            PEOPLE,
            incidents::about_detail(),
            incidents::detail,
        ),
        row(
            Method::GET,
            "/api/health",
            Policy::Public,
            health::about(),
            health::health,
        ),
        row(
            Method::GET,
            at("openapi.json"),
            PEOPLE,
            openapi::about(),
            openapi::openapi,
        ),
        row(
            Method::GET,
            "/metrics",
            PEOPLE,
            own_metrics::about(),
            own_metrics::own_metrics,
        ),
    ]
}

fn signing_in() -> Vec<Route> {
    let (session, first) = (
        "/api/monitoring/session",
        "/api/monitoring/session/first-login",
    );
    vec![
        row(
            Method::GET,
            session,
            Policy::Public,
            session::about_current(),
            session::current,
        ),
        row(
            Method::POST,
            session,
            Policy::Public,
            session::about_sign_in(),
            session::sign_in,
        ),
        row(
            Method::DELETE,
            session,
            BOARD,
            session::about_sign_out(),
            session::sign_out,
        ),
        row(
            Method::POST,
            first,
            Policy::Public,
            session::about_first_login(),
            session::first_login,
        ),
        row(
            Method::POST,
            "/api/monitoring/session/password",
            BOARD,
            session::about_password(),
            session::change_password,
        ),
        row(
            Method::POST,
            "/api/monitoring/ticket",
            BOARD,
            ticket::about(),
            ticket::ticket,
        ),
    ]
}

fn acting() -> Vec<Route> {
    let at = |path: &str| format!("/api/monitoring/{path}");
    vec![
        row(
            Method::POST,
            at("incidents/{id}/{action}"),
            OPERATORS,
            actions::about(),
            actions::act,
        ),
        row(
            Method::GET,
            at("idempotency/{key}"),
            OPERATORS,
            idempotency::about(),
            idempotency::kept,
        ),
        row(
            Method::POST,
            "/api/health",
            OPERATORS,
            report::about(),
            report::report,
        ),
    ]
}

/// The intake reads its bodies itself, once it knows whose they are, with limits of its own.
fn taking_in() -> Vec<Route> {
    let key = Policy::IngestKey;
    let at = |path: &str| format!("/api/monitoring/{path}");
    let ingest = [
        row(
            Method::POST,
            at("ingest/logs"),
            key,
            ingest::about_logs(),
            ingest::logs,
        ),
        row(
            Method::POST,
            at("ingest/errors"),
            key,
            ingest::about_errors(),
            ingest::errors,
        ),
        row(
            Method::POST,
            at("ingest/metrics"),
            key,
            ingest::about_metrics(),
            ingest::metrics,
        ),
        row(
            Method::POST,
            at("ingest/deploys"),
            key,
            ingest::about_deploys(),
            ingest::deploys,
        ),
    ];
    let mut rows: Vec<Route> = ingest.into_iter().map(Route::without_page_proof).collect();
    let public = Policy::Public;
    let failures = page_failures::about();
    let failures = row(
        Method::POST,
        at("page-failures"),
        public,
        failures,
        page_failures::report,
    );
    let (csp, about) = (csp_reports::PATH, csp_reports::about());
    let csp = row(Method::POST, csp, public, about, csp_reports::report);
    rows.push(failures.without_page_proof().max_body_bytes(4 * 1024));
    rows.push(csp.without_page_proof());
    rows
}

fn console(base: &str) -> Vec<Route> {
    let public = Policy::Public;
    let mut rows = vec![
        row(
            Method::GET,
            base,
            public,
            console_page::about_root(),
            console_page::root,
        ),
        row(
            Method::GET,
            format!("{base}/"),
            public,
            console_page::about_root_with_slash(),
            console_page::root,
        ),
        row(
            Method::GET,
            format!("{base}/{{*path}}"),
            public,
            console_page::about_below(),
            console_page::below,
        ),
    ];
    rows.retain(|row| !row.path.is_empty());
    if !base.is_empty() {
        rows.push(row(
            Method::GET,
            "/",
            public,
            console_page::about_home(),
            console_page::home,
        ));
    }
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
