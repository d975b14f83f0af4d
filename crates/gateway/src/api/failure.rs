//! Every refusal and failure: `application/problem+json` in words that people can act on.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use watchfloor_wire::incident::Incident;
use watchfloor_wire::problem::{FieldProblem, Problem};

/// The media type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What a handler answers instead of what was asked for.
#[derive(Debug)]
pub struct Failure {
    problem: Box<Problem>,
    retry_after_s: Option<i64>,
}

impl Failure {
    /// A failure; `code` is for programs, `title` and `detail` are for people.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self::from(Problem {
            status: status.as_u16(),
            code: code.to_owned(),
            title: title.to_owned(),
            detail: detail.into(),
            errors: Vec::new(),
            current: None,
        })
    }

    /// The request cannot be understood; `detail` says what was wrong and what is allowed.
    #[must_use]
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", "Not understood", detail)
    }

    /// Fields of the request are wrong.
    #[must_use]
    pub fn fields(errors: Vec<FieldProblem>) -> Self {
        let detail = errors
            .iter()
            .map(|it| it.text.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        let mut failure = Self::invalid(detail);
        failure.problem.errors = errors;
        failure
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn signed_out() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "signed_out",
            "Not signed in",
            "Sign in, or send a token as `Authorization: Bearer`; `watchfloor account token` makes one.",
        )
    }

    /// Somebody is signed in who may not do this.
    #[must_use]
    pub fn role(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "role", "Not allowed", detail)
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found", detail)
    }

    /// The key of a request belongs to another one.
    #[must_use]
    pub fn key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "key_reused",
            "Key used before",
            "This `Idempotency-Key` belongs to another request. Use a new one.",
        )
    }

    /// Too many requests; wait this long, in milliseconds.
    #[must_use]
    pub fn too_many(wait_ms: i64) -> Self {
        let wait_s = whole_seconds(wait_ms);
        let detail = format!("Too many requests. Try again in {wait_s} s.");
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many",
            "Too many requests",
            detail,
        )
        .retry_after_ms(wait_ms)
    }

    /// A part of the gateway cannot answer now; nothing was changed. The cause goes to the log only.
    #[must_use]
    pub fn unavailable(what: &str, cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "{what}");
        let detail = format!("{what}. Nothing was changed; try again.");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Not available now",
            detail,
        )
        .retry_after_ms(2_000)
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after_ms(mut self, wait_ms: i64) -> Self {
        self.retry_after_s = Some(whole_seconds(wait_ms));
        self
    }

    /// Adds the incident as it stands.
    #[must_use]
    pub fn with_current(mut self, current: Incident) -> Self {
        self.problem.current = Some(Box::new(current));
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self {
            problem: Box::new(problem),
            retry_after_s: None,
        }
    }
}

/// Whole seconds that are not less than `ms`, at least 1.
const fn whole_seconds(ms: i64) -> i64 {
    let seconds = ms.saturating_add(999) / 1_000;
    if seconds < 1 { 1 } else { seconds }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = serde_json::to_string(&self.problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::whole_seconds;

    #[test]
    fn retry_after_never_says_too_early() {
        for (ms, seconds) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2)] {
            assert_eq!(whole_seconds(ms), seconds, "{ms}");
        }
    }
}
