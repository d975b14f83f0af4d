//! Silences and maintenance windows.

use http::Method;

use super::super::policy::{OPERATORS, PEOPLE};
use super::super::{silence_preview, silences};
use super::{Route, row};

pub(super) fn silencing() -> Vec<Route> {
    let at = |path: &str| format!("/api/monitoring/silences{path}");
    vec![
        row(
            Method::GET,
            at(""),
            PEOPLE,
            silences::about_list(),
            silences::list,
        ),
        row(
            Method::POST,
            at(""),
            OPERATORS,
            silences::about_make(),
            silences::make,
        ),
        row(
            Method::POST,
            at("/preview"),
            OPERATORS,
            silence_preview::about(),
            silence_preview::preview,
        ),
        row(
            Method::GET,
            at("/{id}"),
            PEOPLE,
            silences::about_one(),
            silences::one,
        ),
        row(
            Method::POST,
            at("/{id}"),
            OPERATORS,
            silences::about_change(),
            silences::change,
        ),
        row(
            Method::POST,
            at("/{id}/expire"),
            OPERATORS,
            silences::about_expire(),
            silences::expire,
        ),
    ]
}
