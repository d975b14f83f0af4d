//! Headers of every answer.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::csp_reports;
use super::failure::Failure;

/// The most that a request's headers may hold, in bytes.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// The headers that do not depend on the request.
#[derive(Clone, Debug)]
pub struct SecurityHeaders(Vec<(HeaderName, HeaderValue)>);

impl SecurityHeaders {
    /// Headers for these settings. A `frame_ancestors` entry that is no header text is left out, which
    /// forbids it.
    #[must_use]
    pub fn new(frame_ancestors: &[String], https_only: bool) -> Self {
        let mut all = vec![
            (CONTENT_SECURITY_POLICY, csp(frame_ancestors)),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static(PERMISSIONS),
            ),
            (
                HeaderName::from_static("reporting-endpoints"),
                reporting_endpoints(),
            ),
        ];
        if frame_ancestors.is_empty() {
            all.push((X_FRAME_OPTIONS, HeaderValue::from_static("DENY")));
        }
        if https_only {
            let year = HeaderValue::from_static("max-age=31536000");
            all.push((STRICT_TRANSPORT_SECURITY, year));
        }
        Self(all)
    }

    fn write(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            headers.insert(name, value.clone());
        }
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
}

const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), \
    midi=(), display-capture=(), screen-wake-lock=(self), fullscreen=(self)";

/// No inline script or style, nothing from elsewhere; `base-uri` is for the `<base>` of the index. What is refused is
/// reported: `report-to` where browsers know it and the page is reached over https, else `report-uri`.
fn csp(frame_ancestors: &[String]) -> HeaderValue {
    let ancestors = if frame_ancestors.is_empty() {
        "'none'".to_owned()
    } else {
        format!("'self' {}", frame_ancestors.join(" "))
    };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
         base-uri 'self'; object-src 'none'; form-action 'self'; frame-ancestors {ancestors}; \
         report-uri {}; report-to csp",
        csp_reports::PATH
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(
        "default-src 'none'; frame-ancestors 'none'",
    ))
}

fn reporting_endpoints() -> HeaderValue {
    let text = format!("csp=\"{}\"", csp_reports::PATH);
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// Puts the headers onto every answer, and refuses requests with more headers than anybody needs.
pub async fn secure(
    State(headers): State<SecurityHeaders>,
    request: Request,
    next: Next,
) -> Response {
    let size = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum::<usize>();
    let mut response = if size > MAX_HEADER_BYTES {
        too_large().into_response()
    } else {
        next.run(request).await
    };
    headers.write(response.headers_mut());
    response
}

fn too_large() -> Failure {
    Failure::new(
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers_too_large",
        "Too many headers",
        format!("The request's headers may hold {MAX_HEADER_BYTES} bytes."),
    )
}
