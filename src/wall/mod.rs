//! The board for a wall: view only, worst first, no scrolling, readable from five metres. Which board is shown is
//! decided by [`mode`]; a day's board is [`day`], a quiet night's is [`night`], and [`no_data`] says the truth
//! when nothing is current.

mod day;
mod hero;
pub mod mode;
mod night;
mod no_data;

use leptos::prelude::*;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::time::UnixMs;

use crate::clock::use_clock;
use crate::feed::{FeedState, is_pipeline_late, is_stale, use_feed};
use crate::health::use_board;
use crate::incidents::sort;
use crate::store::use_stores;
use mode::{Mode, Surroundings, last_frame_at, mode};

/// The whole wall page; it fills the window and has no bar.
#[component]
pub fn WallPage() -> impl IntoView {
    let board = use_board();
    let feed = use_feed();
    let clock = use_clock();
    let open = open_incidents();
    let stores = use_stores();
    let stale = is_stale();
    let pipeline_late = is_pipeline_late();
    let heard_at = Memo::new(move |before: Option<&Option<UnixMs>>| {
        // A state without a time keeps the one of before: the board must know since when it is not current.
        feed.with(last_frame_at)
            .or_else(|| before.copied().flatten())
    });
    let shown = Memo::new(move |_| {
        let now = clock.now();
        mode(&Surroundings {
            is_loaded: stores.is_loaded(),
            is_stale: stale.get(),
            is_pipeline_late: pipeline_late.get(),
            silent_ms: heard_at.get().map(|at| now.since_ms(at)),
            is_all_ok: board.with(mode::is_all_ok) && open.with(Vec::is_empty),
            hour: local_hour(),
        })
    });
    view! {
        <main class="mon-wall" data-theme="wall" data-feed=move || stale.get().then_some("stale")>
            <h1 class="mon-hidden-text">"Watchfloor board"</h1>
            {move || match shown.get() {
                Mode::Day => day::day(board, open, heard_at),
                Mode::Night => night::night(board),
                Mode::NoData => no_data::no_data(board, feed, heard_at),
            }}
        </main>
    }
    .into_any()
}

/// What is open, the most urgent first.
fn open_incidents() -> Memo<Vec<Incident>> {
    let incidents = use_stores().incidents;
    Memo::new(move |_| {
        let mut all = incidents.all();
        all.retain(|it| it.status != IncidentStatus::Resolved);
        sort(&mut all);
        all
    })
}

/// The hour where the screen hangs, 0 to 23.
fn local_hour() -> u32 {
    js_sys::Date::new_0().get_hours()
}

/// How the feed is doing, for the boards.
type Feed = Signal<FeedState>;
