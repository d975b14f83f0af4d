//! What each product answers. An answer is a plain function of a [`Scene`](crate::world::Scene); the routes
//! around it only fetch the scene.

pub mod assistant;
pub mod chatpdd;
pub mod deedpro;
pub mod donna;
pub mod donna_socket;
pub mod pourtrait;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::fault::Fault;
use crate::world::Scene;

/// `healthy`, or `degraded` from `degraded_at` on; `maintenance` whatever the value while that is announced.
#[must_use]
pub fn word(scene: &Scene, value: f64, degraded_at: f64) -> &'static str {
    if scene.has(Fault::Maintenance) {
        "maintenance"
    } else if value >= degraded_at {
        "degraded"
    } else {
        "healthy"
    }
}

/// The worst of the words.
#[must_use]
pub fn worst<'a>(words: impl IntoIterator<Item = &'a str>) -> &'a str {
    const ORDER: [&str; 4] = ["unhealthy", "degraded", "maintenance", "healthy"];
    words
        .into_iter()
        .min_by_key(|word| ORDER.iter().position(|it| it == word).unwrap_or(0))
        .unwrap_or("healthy")
}

/// The body with 503 when it says `unhealthy`, else with 200: the manner of all but DeedPro.
fn honest(body: Value) -> Response {
    let code = if body["status"] == "unhealthy" {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    (code, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_worst_word_decides() {
        assert_eq!(super::worst(["healthy", "degraded"]), "degraded");
        assert_eq!(super::worst(["maintenance", "unhealthy"]), "unhealthy");
        assert_eq!(super::worst([]), "healthy");
    }
}
