//! What people read: the state and how it goes on, what was, and the gateway about itself.

use http::Method;

use super::super::policy::{BOARD, PEOPLE, Policy};
use super::super::{
    dashboard, feed, feed_stream, health, incident_export, incidents, log_stream, logs, metrics,
    openapi, own_metrics,
};
use super::{Route, row};

/// The state, and how it goes on.
pub(super) fn following() -> Vec<Route> {
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
    ]
}

/// What was.
pub(super) fn reading() -> Vec<Route> {
    let at = |path: &str| format!("/api/monitoring/{path}");
    vec![
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
            at("incidents/{id}/export"),
            PEOPLE,
            incident_export::about(),
            incident_export::export,
        ),
    ]
}

/// The gateway about itself.
pub(super) fn of_itself() -> Vec<Route> {
    vec![
        row(
            Method::GET,
            "/api/health",
            Policy::Public,
            health::about(),
            health::health,
        ),
        row(
            Method::GET,
            "/api/monitoring/openapi.json",
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
