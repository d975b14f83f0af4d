//! `GET /api/monitoring/logs`: lines, newest first, as a page or as an export.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};
use watchfloor_wire::log::LogPage;

use super::Api;
use super::export::{CSV_HEAD, csv, ndjson, plain};
use super::failure::Failure;
use super::log_query::{self, LogFilter};
use super::openapi::about::{About, Parameter, Values};
use super::query::Query;
use crate::console::negotiate::best_type;

/// The most lines of a page.
pub const MAX_PAGE: u32 = 1_000;
/// The most lines of an export.
pub const MAX_EXPORT: u32 = 10_000;
/// Lines when nothing is asked.
const DEFAULT_LINES: u32 = 100;

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Page,
    Ndjson,
    Csv,
    Plain,
}

const FORMATS: [(&str, Format); 4] = [
    ("application/json", Format::Page),
    ("application/x-ndjson", Format::Ndjson),
    ("text/csv", Format::Csv),
    ("text/plain", Format::Plain),
];

const PARAMETERS: &[Parameter] = &[
    log_query::PARAMETERS[0],
    log_query::PARAMETERS[1],
    log_query::PARAMETERS[2],
    Parameter::query(
        "before",
        "Only lines with a smaller number: the `next_before` of the page before.",
        Values::Whole {
            min: 0,
            max: u64::MAX,
        },
    ),
    Parameter::query(
        "after",
        "Only lines with a larger number.",
        Values::Whole {
            min: 0,
            max: u64::MAX,
        },
    ),
    Parameter::query(
        "limit",
        "The most lines: 1,000 of a page, 10,000 of an export. Default 100.",
        Values::Whole {
            min: 1,
            max: MAX_EXPORT as u64,
        },
    ),
];

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "readLogs",
        "Log lines, newest first, as a page or, by `Accept`, as an export.",
    )
    .parameters(PARAMETERS)
    .answers::<LogPage>(200, "The lines, in the form that `Accept` asks for.")
    .answers_text(200, "application/x-ndjson", "")
    .answers_text(200, "text/csv", "")
    .answers_text(200, "text/plain", "")
}

/// Answers with lines, written as `Accept` asks.
pub async fn logs(
    State(api): State<Api>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let params = query.only(PARAMETERS)?;
    let filter = LogFilter::read(&params)?;
    let types: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
    let place = best_type(headers.get(ACCEPT), &types).unwrap_or(0);
    let (content_type, format) = FORMATS[place];
    let most = if format == Format::Page {
        MAX_PAGE
    } else {
        MAX_EXPORT
    };
    let limit = params.number("limit", 1..=most)?.unwrap_or(DEFAULT_LINES);
    let before = params.number("before", 0..=u64::MAX)?;
    let after = params.number("after", 0..=u64::MAX)?;
    let page = collect(&api, &filter, before, after, limit).await?;
    Ok(write(&page, content_type, format))
}

/// Reads page after page, so that no read is long.
async fn collect(
    api: &Api,
    filter: &LogFilter,
    before: Option<u64>,
    after: Option<u64>,
    limit: u32,
) -> Result<LogPage, Failure> {
    let mut page = read(api, filter, before, after, limit.min(MAX_PAGE)).await?;
    loop {
        let read_so_far = u32::try_from(page.lines.len()).unwrap_or(u32::MAX);
        let left = limit.saturating_sub(read_so_far).min(MAX_PAGE);
        let Some(older) = page.next_before.filter(|_| left > 0) else {
            return Ok(page);
        };
        let next = read(api, filter, Some(older), after, left).await?;
        page.next_before = next.next_before;
        page.lines.extend(next.lines);
    }
}

async fn read(
    api: &Api,
    filter: &LogFilter,
    before: Option<u64>,
    after: Option<u64>,
    limit: u32,
) -> Result<LogPage, Failure> {
    api.records()
        .logs(filter.page(before, after, limit))
        .await
        .map_err(|error| Failure::unavailable("The log lines could not be read", &error))
}

fn write(page: &LogPage, content_type: &'static str, format: Format) -> Response {
    let lines = page.lines.iter();
    let (body, extension): (String, Option<&str>) = match format {
        Format::Page => (serde_json::to_string(page).unwrap_or_default(), None),
        Format::Ndjson => (lines.map(ndjson).collect(), Some("ndjson")),
        Format::Csv => {
            let rows: String = lines.map(csv).collect();
            (format!("{CSV_HEAD}{rows}"), Some("csv"))
        }
        Format::Plain => (lines.map(plain).collect(), None),
    };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let content_type = match format {
        Format::Csv => HeaderValue::from_static("text/csv; charset=utf-8"),
        Format::Plain => HeaderValue::from_static("text/plain; charset=utf-8"),
        Format::Page | Format::Ndjson => HeaderValue::from_static(content_type),
    };
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(VARY, HeaderValue::from_static("accept"));
    if let Some(extension) = extension {
        let name = format!("attachment; filename=\"watchfloor-logs.{extension}\"");
        if let Ok(value) = HeaderValue::from_str(&name) {
            headers.insert(CONTENT_DISPOSITION, value);
        }
    }
    response
}
