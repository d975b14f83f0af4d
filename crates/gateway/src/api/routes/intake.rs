//! What products and pages send in.

use http::Method;

use super::super::policy::Policy;
use super::super::{csp_reports, ingest, page_failures};
use super::{Route, row};

/// The intake reads its bodies itself, once it knows whose they are, with limits of its own.
pub(super) fn taking_in() -> Vec<Route> {
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
