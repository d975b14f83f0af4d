//! `POST /api/monitoring/silences/preview`: what a silence would hit, before it is made.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use watchfloor_wire::silence::check::matcher_problems;
use watchfloor_wire::silence::request::{PreviewRequest, SilencePreview};

use super::Api;
use super::body::Json;
use super::failure::Failure;
use super::openapi::about::About;
use crate::silences::preview::{self, LOOK_BACK_MS};

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new(
        "previewSilence",
        "What a silence of these conditions would mute now, and would have muted in the last 7 days.",
    )
    .takes::<PreviewRequest>()
    .answers::<SilencePreview>(200, "What they hit. Nothing was changed.")
    .fails(429, "More than 120 a minute for all together.")
}

/// Says what the conditions hit.
pub async fn preview(
    State(api): State<Api>,
    body: Json<PreviewRequest>,
) -> Result<Response, Failure> {
    api.rates().preview()?;
    let matchers = body.value.matchers;
    let mut problems = matcher_problems(&matchers);
    problems.extend(api.known().problems(&matchers));
    if !problems.is_empty() {
        return Err(Failure::fields(problems));
    }
    let now = api.clock().now();
    let history = api
        .engine()
        .fired_since(now.plus_ms(-LOOK_BACK_MS))
        .await
        .map_err(|error| Failure::unavailable("What fired could not be read", &error))?;
    let everything = api.known().is_everything(&matchers);
    let hub = api.hub().clone();
    // Thousands of alerts against twenty patterns are work, not waiting.
    let worked_out = tokio::task::spawn_blocking(move || {
        let state = hub.state();
        preview::preview(
            &matchers,
            everything,
            &state.alerts,
            &state.incidents,
            &history,
            now,
        )
    });
    let preview: SilencePreview = worked_out
        .await
        .map_err(|error| Failure::unavailable("The preview could not be worked out", &error))?;
    Ok(axum::Json(preview).into_response())
}
