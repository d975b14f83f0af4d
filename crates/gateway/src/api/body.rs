//! Bodies of requests: bounded, of the right type, and with an error that names the place.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::Api;
use super::failure::Failure;
use super::guard::Caller;
use super::policy::Rule;
use crate::auth::SessionKind;

/// A JSON body with its bytes, which the fingerprint of an idempotent request is made of.
#[derive(Debug)]
pub struct Json<T> {
    /// What it says.
    pub value: T,
    /// As it came.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<Api> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Api) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let by_token = parts
            .extensions
            .get::<Caller>()
            .and_then(|caller| caller.token.as_ref())
            .is_some_and(|(_, kind)| *kind == SessionKind::Token);
        // `curl -d` names a form's type; with a token nobody can be tricked into sending it.
        if !by_token && !is_json(&parts.headers) {
            return Err(wrong_type());
        }
        let bytes = read(body, parts.extensions.get::<Rule>()).await?;
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::invalid(format!("The body is not what is expected: {error}."))
        })?;
        Ok(Self { value, bytes })
    }
}

/// A body as it came, within the route's limit.
#[derive(Debug)]
pub struct Raw(pub Bytes);

impl FromRequest<Api> for Raw {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Api) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        read(body, parts.extensions.get::<Rule>()).await.map(Self)
    }
}

async fn read(body: Body, rule: Option<&Rule>) -> Result<Bytes, Failure> {
    let max_bytes = rule.map_or(0, |rule| rule.max_body_bytes);
    to_bytes(body, max_bytes)
        .await
        .map_err(|error| unreadable(&error, max_bytes))
}

fn unreadable(error: &axum::Error, max_bytes: usize) -> Failure {
    if error.to_string().contains("length limit") {
        let detail = format!("The body may have {max_bytes} bytes. Send less at once.");
        return Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "Too large",
            detail,
        );
    }
    Failure::invalid("The body ended before it was complete.")
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn wrong_type() -> Failure {
    Failure::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "content_type",
        "Wrong content type",
        "Send the body as `Content-Type: application/json`.",
    )
}
