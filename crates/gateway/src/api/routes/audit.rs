//! Who did what.

use http::Method;

use super::super::policy::ADMINS;
use super::super::{audit, audit_export};
use super::{Route, row};

pub(super) fn looking_back() -> Vec<Route> {
    let at = |path: &str| format!("/api/monitoring/audit{path}");
    vec![
        row(Method::GET, at(""), ADMINS, audit::about(), audit::audit),
        row(
            Method::GET,
            at("/export"),
            ADMINS,
            audit_export::about(),
            audit_export::export,
        ),
    ]
}
