//! Who is on call.

use http::Method;

use super::super::on_call;
use super::super::policy::{OPERATORS, PEOPLE};
use super::{Route, row};

pub(super) fn being_on_call() -> Vec<Route> {
    let at = |path: &str| format!("/api/monitoring/on-call{path}");
    vec![
        row(
            Method::GET,
            at(""),
            PEOPLE,
            on_call::about_board(),
            on_call::board,
        ),
        row(
            Method::POST,
            at("/overrides"),
            OPERATORS,
            on_call::about_make(),
            on_call::make,
        ),
        row(
            Method::POST,
            at("/overrides/{id}/end"),
            OPERATORS,
            on_call::about_end(),
            on_call::end,
        ),
    ]
}
