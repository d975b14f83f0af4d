//! Diagnostics when they are asked for: from the account's menu, or by an event on `window` for whoever looks into the
//! page from outside. What puts them together lies in a chunk of its own, because hardly anybody ever asks.

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::report;
use crate::clock::{Clock, use_clock};
use crate::feed::{Feed, FeedState, Pipeline, use_feed, use_gateway_build, use_pipeline};
use crate::page_event;
use crate::store::{Stores, use_stores};

/// The event on `window` that asks.
const ASKED_EVENT: &str = "watchfloor-diagnose";
/// The event on `window` that answers. Its detail is the report as JSON text; null when it could not be made.
const ANSWER_EVENT: &str = "watchfloor-diagnostics";

/// Where a report reads from. A copy reads from the same.
#[derive(Clone, Copy)]
pub(crate) struct Sources {
    pub(super) clock: Clock,
    pub(super) stores: Stores,
    pub(super) feed: Feed,
    pub(super) state: Signal<FeedState>,
    pub(super) pipeline: Signal<Pipeline>,
    pub(super) gateway_build: Signal<String>,
}

/// The sources of this page.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub(crate) fn use_sources() -> Sources {
    Sources {
        clock: use_clock(),
        stores: use_stores(),
        feed: expect_context::<Feed>(),
        state: use_feed(),
        pipeline: use_pipeline(),
        gateway_build: use_gateway_build(),
    }
}

#[wasm_split(diagnostics, fallible)]
fn diagnostics_chunk() -> Result<fn(&Sources) -> Option<String>, SplitLoaderError> {
    Ok(report::gather)
}

/// The report as JSON text; `None` when the chunk could not be fetched.
pub(crate) async fn gathered(sources: Sources) -> Option<String> {
    let gather = diagnostics_chunk().await.ok()?;
    gather(&sources)
}

/// Answers requests for diagnostics as long as the page lives.
pub(crate) fn answer_requests(sources: Sources) {
    // The handle would only remove the listener, which lives as long as the page.
    let _ = window_event_listener_untyped(ASKED_EVENT, move |_| {
        leptos::task::spawn_local(async move {
            let text = gathered(sources).await;
            let detail = text.map_or(JsValue::NULL, |text| JsValue::from_str(&text));
            page_event::announce(ANSWER_EVENT, &detail);
        });
    });
}
