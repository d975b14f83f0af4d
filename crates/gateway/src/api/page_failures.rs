//! `POST /api/monitoring/page-failures`: a page says that it failed, so that somebody learns of it.
//!
//! Anybody may send this, also before signing in, so it is held short: little at once, little in all, made
//! harmless, into the gateway's own log and a counter, and nowhere else.

use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Api;
use super::body::Raw;
use super::export::one_line;
use super::failure::Failure;
use super::guard::Address;
use super::openapi::about::About;

/// The longest text that is kept of each field, in characters.
const MAX_TEXT_CHARS: usize = 500;

/// What a page says of its failure; other fields are ignored.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct PageFailure {
    kind: String,
    message: String,
    stack: String,
    build: String,
    page: String,
}

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new("reportPageFailure", "A page says that it failed.")
        .takes::<PageFailure>()
        .answers_nothing(204, "It was counted and written into the gateway's log.")
        .fails(
            429,
            "More than 6 a minute from one address, or 60 from all.",
        )
}

/// Takes a report.
pub async fn report(
    State(api): State<Api>,
    Extension(Address(address)): Extension<Address>,
    Raw(body): Raw,
) -> Result<StatusCode, Failure> {
    api.rates().page_failure(&address)?;
    let failure: PageFailure = serde_json::from_slice(&body)
        .map_err(|error| Failure::invalid(format!("The body is not what is expected: {error}.")))?;
    metrics::counter!("watchfloor_page_failures_total").increment(1);
    tracing::warn!(
        kind = %harmless(&failure.kind),
        said = %harmless(&failure.message),
        stack = %harmless(&failure.stack),
        build = %harmless(&failure.build),
        page = %harmless(&failure.page),
        %address,
        "a page failed"
    );
    Ok(StatusCode::NO_CONTENT)
}

fn harmless(text: &str) -> String {
    let short: String = text.chars().take(MAX_TEXT_CHARS).collect();
    one_line(&short)
}
