//! Everything that the player does not tell itself is the real gateway's.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

use super::Shared;

/// Belongs to one connection, and both sides have their own.
const OF_THE_CONNECTION: [HeaderName; 3] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::CONTENT_LENGTH,
];

/// Asks the real gateway with the same headers, `Host` among them, so that it judges origins as if it were asked.
pub(super) async fn pass(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
    let asked = shared
        .client
        .request(method, format!("http://{}{uri}", shared.gateway))
        .headers(headers)
        .body(body)
        .send()
        .await;
    match asked {
        Ok(answer) => answered(answer).await,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn answered(answer: reqwest::Response) -> Response {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in headers {
        if let Some(name) = name.filter(|it| !OF_THE_CONNECTION.contains(it)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
