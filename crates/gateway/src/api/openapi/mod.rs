//! The API's own description, OpenAPI 3.1, made from the route table and the types that travel: each row of
//! [`super::routes`] brings its [`about::About`], its policy says what is needed to use it, and the schemas come
//! from the types that handlers read and write. `docs/openapi.json` is the same text, written by
//! `watchfloor openapi`.

pub mod about;
mod document;
mod operation;
pub mod schemas;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::Api;
use about::About;
pub use document::{document, text};

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "readDescription",
        "This description, made from the route table of the gateway that answers.",
    )
    .answers::<serde_json::Map<String, serde_json::Value>>(200, "An OpenAPI 3.1 document.")
}

/// Answers with the description, for the base path of this gateway.
pub async fn openapi(State(api): State<Api>) -> Response {
    let mut response = api.description().to_owned().into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
