//! `POST /api/monitoring/ingest/…`: handed to [`crate::ingest`], which knows keys, limits and redaction, and gets
//! the body unread, so that nothing of an unknown sender's body is read.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::HeaderMap;
use schemars::JsonSchema;
use watchfloor_wire::ingest::{DeployEvent, ErrorBatch, Ingested, LogBatch, MetricBatch};

use super::Api;
use super::openapi::about::{About, Parameter, Values};
use crate::ingest::Refusal;

fn sends<T: JsonSchema>(operation: &'static str, summary: &'static str) -> About {
    About::new(operation, summary)
        .parameters(&[Parameter::header(
            "Content-Encoding",
            "How the body is packed.",
            Values::OneOf(&["identity", "gzip"]),
        )])
        .takes::<T>()
        .takes_text("application/x-ndjson")
        .answers::<Ingested>(200, "How many events were taken, and which lines of NDJSON were not.")
        .fails(
            422,
            "An event of the document, or every line, is wrong; `errors` names the places. Nothing was stored.",
        )
        .fails(
            429,
            "More than 1,000 events a second; `Retry-After` says when to send it again.",
        )
}

/// The row's own words.
#[must_use]
pub fn about_logs() -> About {
    sends::<LogBatch>("sendLogs", "Takes log lines.")
}

/// The row's own words.
#[must_use]
pub fn about_errors() -> About {
    sends::<ErrorBatch>(
        "sendErrors",
        "Takes errors, which become groups and log lines.",
    )
}

/// The row's own words.
#[must_use]
pub fn about_metrics() -> About {
    sends::<MetricBatch>("sendMetrics", "Takes measurements of configured metrics.")
}

/// The row's own words.
#[must_use]
pub fn about_deploys() -> About {
    sends::<DeployEvent>(
        "sendDeploy",
        "Takes a deploy or rollback, which is marked on charts.",
    )
}

/// Takes log lines.
pub async fn logs(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Ingested>, Refusal> {
    Ok(Json(api.intake().logs(&headers, body).await?))
}

/// Takes errors.
pub async fn errors(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Ingested>, Refusal> {
    let ingested = api.intake().errors(&headers, body).await?;
    api.count_errors(ingested.accepted);
    Ok(Json(ingested))
}

/// Takes measurements.
pub async fn metrics(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Ingested>, Refusal> {
    Ok(Json(api.intake().metrics(&headers, body).await?))
}

/// Takes a deploy or rollback.
pub async fn deploys(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Ingested>, Refusal> {
    Ok(Json(api.intake().deploys(&headers, body).await?))
}
