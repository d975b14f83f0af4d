//! What the gateway says of itself: JSON logs on standard error, and metrics for `GET /metrics`.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::hub::page;

/// The variable that says how much is logged, for example `info,watchfloor_gateway=debug`.
pub const LOG_VARIABLE: &str = "WATCHFLOOR_LOG";

/// Upper ends of the buckets for the times of requests, in seconds.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0];

/// Begins to log. A second call changes nothing.
pub fn start_logging() {
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    let started = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
    if started.is_err() {
        tracing::debug!("logging had begun before");
    }
}

/// Begins to collect metrics for the whole process.
///
/// # Errors
/// When they are collected already.
pub fn start_metrics() -> Result<PrometheusHandle, BuildError> {
    let full = |name: &str| Matcher::Full(name.to_owned());
    let bytes = full("watchfloor_page_program_bytes");
    let elements = full("watchfloor_page_elements");
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(bytes, &page::PROGRAM_BYTES)?
        .set_buckets_for_metric(elements, &page::ELEMENTS)?
        .install_recorder()?;
    describe();
    Ok(handle)
}

/// What the metrics of this crate are; each module counts its own.
fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!(
        "watchfloor_http_requests_total",
        "Requests by route and status."
    );
    describe_histogram!(
        "watchfloor_http_request_seconds",
        "Time to the head of the answer."
    );
    describe_counter!(
        "watchfloor_panics_total",
        "Requests that made the gateway panic."
    );
    describe_counter!(
        "watchfloor_page_failures_total",
        "Failures that pages reported."
    );
    describe_counter!(
        "watchfloor_sign_ins_refused_total",
        "Sign-ins that were refused."
    );
    describe_counter!(
        "watchfloor_feed_events_total",
        "Changes that went into the feed."
    );
    describe_gauge!("watchfloor_feed_clients", "Clients on the feed.");
    describe_gauge!("watchfloor_feed_seq", "Head of the feed.");
    describe_gauge!(
        "watchfloor_uptime_seconds",
        "Time since the gateway started."
    );
    page::describe();
}
