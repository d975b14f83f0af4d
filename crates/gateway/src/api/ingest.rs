//! `POST /api/monitoring/ingest/…`: handed to [`crate::ingest`], which knows keys, limits and redaction, and gets
//! the body unread, so that nothing of an unknown sender's body is read.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::HeaderMap;
use watchfloor_wire::ingest::Ingested;

use super::Api;
use crate::ingest::Refusal;

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
