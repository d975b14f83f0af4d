//! What people do: sign in, and act.

use http::Method;

use super::super::policy::{BOARD, OPERATORS, Policy};
use super::super::{actions, bulk, idempotency, open_incident, operators, report, session, ticket};
use super::{Route, row};

pub(super) fn signing_in() -> Vec<Route> {
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

pub(super) fn acting() -> Vec<Route> {
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
            Method::POST,
            at("incidents/bulk"),
            OPERATORS,
            bulk::about(),
            bulk::act,
        ),
        row(
            Method::POST,
            at("incidents"),
            OPERATORS,
            open_incident::about(),
            open_incident::open,
        ),
        row(
            Method::GET,
            at("operators"),
            OPERATORS,
            operators::about(),
            operators::list,
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
