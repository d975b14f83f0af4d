//! Why a request is refused, in words that its sender can act on.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use watchfloor_wire::ingest::RefusedLine;
use watchfloor_wire::problem::{FieldProblem, Problem};

use super::sanitise;

/// A refused request: nothing of it was stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What is answered.
    pub problem: Box<Problem>,
    /// Sending it again makes sense after this many seconds; `None` when it does not, or at once.
    pub retry_after_s: Option<u64>,
}

impl Refusal {
    fn new(status: u16, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            problem: Box::new(Problem {
                status,
                code: code.to_owned(),
                title: title.to_owned(),
                detail: detail.into(),
                errors: Vec::new(),
                current: None,
            }),
            retry_after_s: None,
        }
    }

    /// No key, or one that no product has.
    #[must_use]
    pub fn unknown_key() -> Self {
        Self::new(
            401,
            "unknown_key",
            "The ingest key is not known",
            "Send the product's key as `Authorization: Bearer <key>`. The product's file names the environment variable that holds it.",
        )
    }

    /// More than the key's share.
    #[must_use]
    pub fn too_fast(retry_after_s: u64) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(
                429,
                "rate_limited",
                "Too many events",
                format!(
                    "A key may send 1,000 events a second, and 10,000 at once. Send it again in {retry_after_s} s."
                ),
            )
        }
    }

    /// The gateway cannot take more just now.
    #[must_use]
    pub fn overloaded() -> Self {
        Self {
            retry_after_s: Some(5),
            ..Self::new(
                503,
                "overloaded",
                "The gateway cannot store more now",
                "Nothing of this batch was stored. Send it again in 5 s.",
            )
        }
    }

    /// More than one request may hold.
    #[must_use]
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(413, "too_large", "The batch is too large", detail)
    }

    /// A way of packing that is not spoken here.
    #[must_use]
    pub fn unknown_encoding(found: &str) -> Self {
        let found = sanitise::line(found);
        Self::new(
            415,
            "unknown_encoding",
            "The content encoding is not known",
            format!("`{found}` was found. Send the batch as it is, or once through gzip."),
        )
    }

    /// The body did not arrive, or is no gzip although it says so.
    #[must_use]
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(400, "unreadable", "The body cannot be read", detail)
    }

    /// What was sent is wrong at `field`, for example `lines[17].at`.
    #[must_use]
    pub fn invalid(field: &str, text: &str) -> Self {
        let mut refusal = Self::new(
            422,
            "invalid",
            "The batch is not as it should be",
            format!("Nothing of it was stored. {field}: {text}"),
        );
        refusal.problem.errors.push(FieldProblem::new(field, text));
        refusal
    }
}

impl Refusal {
    /// Not one line of a body was an event.
    #[must_use]
    pub fn every_line(lines: &[RefusedLine]) -> Self {
        let mut refusal = Self::new(
            422,
            "invalid",
            "No line is as it should be",
            "Nothing was stored. Send one JSON object a line.",
        );
        refusal.problem.errors = lines
            .iter()
            .map(|it| FieldProblem::new(&format!("line {}", it.line), &it.text))
            .collect();
        refusal
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        *refusal.problem
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // A problem holds text and numbers, which can always be written.
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let content_type = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"watchfloor ingest\""),
            );
        }
        response
    }
}
