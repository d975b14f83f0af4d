//! `GET /api/monitoring/incidents` and `…/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::ETAG;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentDetail, IncidentPage};

use super::Api;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use super::query::Query;

/// The most incidents of a page.
const MAX_PAGE: usize = 200;
/// Incidents when nothing is asked.
const DEFAULT_PAGE: usize = 50;
/// The most entries of a timeline.
const MAX_TIMELINE: usize = 200;

const PARAMETERS: &[Parameter] = &[
    Parameter::query(
        "before",
        "Only incidents with a smaller number: the `next_before` of the page before.",
        Values::Whole {
            min: 0,
            max: u64::MAX,
        },
    ),
    Parameter::query(
        "limit",
        "The most incidents of the page. Default 50.",
        Values::Whole {
            min: 1,
            max: MAX_PAGE as u64,
        },
    ),
    Parameter::query(
        "open",
        "`true`: only those that are not resolved.",
        Values::OneOf(&["true", "false"]),
    ),
];
/// An incident's number in a path.
pub const ID: Parameter = Parameter::path(
    "id",
    "The incident's number, `2041` or `INC-2041`.",
    Values::Text { max_chars: 24 },
);

/// The row's own words.
#[must_use]
pub fn about_list() -> About {
    About::new("listIncidents", "Incidents, newest first.")
        .parameters(PARAMETERS)
        .answers::<IncidentPage>(200, "A page of incidents.")
}

/// The row's own words.
#[must_use]
pub fn about_detail() -> About {
    About::new("readIncident", "One incident and what happened to it.")
        .parameters(&[ID])
        .answers::<IncidentDetail>(
            200,
            "The incident and its timeline; `ETag` is the version that `If-Match` wants.",
        )
        .fails(404, "There is no such incident.")
}

/// Answers with incidents, newest first, resolved ones included unless `open=true`.
pub async fn list(State(api): State<Api>, query: Query) -> Result<Json<IncidentPage>, Failure> {
    let params = query.only(PARAMETERS)?;
    let open_only = params.word("open", &[("true", true), ("false", false)])?;
    let limit = params.number("limit", 1..=MAX_PAGE)?;
    let before = params.number("before", 0..=u64::MAX)?;
    let page = api
        .engine()
        .incidents(
            before,
            limit.unwrap_or(DEFAULT_PAGE),
            open_only.unwrap_or(false),
        )
        .await
        .map_err(|error| unreadable(&error))?;
    Ok(Json(page))
}

/// Answers with one incident and what happened to it.
pub async fn detail(State(api): State<Api>, Path(id): Path<String>) -> Result<Response, Failure> {
    let id = parse_id(&id)?;
    let incident = find(&api, id).await?;
    let timeline = api
        .engine()
        .timeline(id, MAX_TIMELINE)
        .await
        .map_err(|error| unreadable(&error))?;
    let version = etag(&incident);
    let mut response = Json(IncidentDetail { incident, timeline }).into_response();
    response.headers_mut().insert(ETAG, version);
    Ok(response)
}

/// The incident's version as `If-Match` wants it.
#[must_use]
pub fn etag(incident: &Incident) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{}\"", incident.version))
        .unwrap_or(HeaderValue::from_static("\"\""))
}

/// Reads `INC-12` or `12`.
///
/// # Errors
/// A 404 for anything else.
pub fn parse_id(text: &str) -> Result<IncidentId, Failure> {
    IncidentId::parse(text).ok_or_else(|| no_such(text))
}

/// A 404 that names what was asked for.
#[must_use]
pub fn no_such(id: impl std::fmt::Display) -> Failure {
    Failure::not_found(format!("There is no incident `{id}`."))
}

/// The incident, however old.
///
/// # Errors
/// A 404 when there is none, a 503 when incidents cannot be read.
pub async fn find(api: &Api, id: IncidentId) -> Result<Incident, Failure> {
    let found = api.engine().incident(id).await;
    let found = found.map_err(|error| unreadable(&error))?;
    found.ok_or_else(|| no_such(id))
}

/// A 503 without the cause, which goes to the log.
#[must_use]
pub fn unreadable(error: &dyn std::fmt::Display) -> Failure {
    Failure::unavailable("Incidents could not be read", error)
}
