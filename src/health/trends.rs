//! The lower half of the overview: charts and uptime. Its code lies in a chunk of its own, which is fetched once the
//! upper half is live: how everything is right now must not wait for how it was.

use std::time::Duration;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use watchfloor_wire::id::ProductId;

use super::board::Board;
use super::chart_row::ChartRow;
use super::uptime_bars::UptimeTable;
use crate::charts::Window;
use crate::chunk::{Fetching, chunked};
use crate::store::use_stores;

/// What the lower half shows.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// How everything is.
    pub(super) board: Memo<Board>,
    /// The time that charts show.
    pub(super) window: Signal<Window>,
    /// Only this product; `None` for the worst.
    pub(super) only: Signal<Option<ProductId>>,
}

type Make = fn(Wanted) -> AnyView;

#[wasm_split(trends, fallible)]
fn trends_chunk() -> Result<Make, SplitLoaderError> {
    Ok(|wanted| {
        view! {
            <ChartRow board=wanted.board window=wanted.window only=wanted.only />
            <UptimeTable board=wanted.board />
        }
        .into_any()
    })
}

/// Charts and uptime, once the state is here.
pub(super) fn trends(wanted: Wanted) -> AnyView {
    let stores = use_stores();
    let fetch = || -> Fetching<Make> { Box::pin(trends_chunk()) };
    // How everything is right now is painted first, also when the chunk is here already.
    let painted = RwSignal::new(false);
    request_animation_frame(move || {
        let paint = move || {
            // The page may have been left before it was painted.
            let _ = painted.try_set(true);
        };
        set_timeout(paint, Duration::ZERO);
    });
    let shown = move || {
        (stores.is_loaded() && painted.get()).then(|| chunked(fetch, move |make| make(wanted)))
    };
    view! { <div class="mon-trends">{shown}</div> }.into_any()
}
