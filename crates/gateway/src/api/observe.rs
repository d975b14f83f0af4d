//! Counts and times every request, by route and not by address, so that the number of series is bounded.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;

use crate::clock::Clock;

/// Counts a request of one route.
pub async fn observe(
    State((clock, method, route)): State<(Clock, Method, String)>,
    request: Request,
    next: Next,
) -> Response {
    let started_ms = clock.monotonic_ms();
    let response = next.run(request).await;
    let labels = [
        ("method", method.to_string()),
        ("route", route),
        ("status", response.status().as_u16().to_string()),
    ];
    metrics::counter!("watchfloor_http_requests_total", &labels).increment(1);
    #[expect(clippy::cast_precision_loss, reason = "no request takes 2^52 ms")]
    let took_s = (clock.monotonic_ms() - started_ms) as f64 / 1_000.0;
    metrics::histogram!("watchfloor_http_request_seconds", &labels[..2]).record(took_s);
    response
}
