//! Telling people: what became of it, and whether it works.

use http::Method;

use super::super::notifications;
use super::super::policy::{OPERATORS, PEOPLE};
use super::{Route, row};

pub(super) fn telling() -> Vec<Route> {
    let at = |path: &str| format!("/api/monitoring/{path}");
    vec![
        row(
            Method::GET,
            at("notifications"),
            PEOPLE,
            notifications::about_list(),
            notifications::list,
        ),
        row(
            Method::GET,
            at("notifications/{id}"),
            PEOPLE,
            notifications::about_one(),
            notifications::one,
        ),
        row(
            Method::POST,
            at("notifications/{id}/retry"),
            OPERATORS,
            notifications::about_retry(),
            notifications::retry,
        ),
        row(
            Method::POST,
            at("channels/{id}/test"),
            OPERATORS,
            notifications::about_test(),
            notifications::test,
        ),
    ]
}
