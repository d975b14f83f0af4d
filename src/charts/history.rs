//! Series from the gateway: fetched for a window, grown by what the feed brings.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
// The trait, whose name a type of this folder has too.
use leptos::prelude::Track as _;
use watchfloor_wire::id::SeriesId;
use watchfloor_wire::series::SeriesColumns;
use watchfloor_wire::time::UnixMs;

use super::track::Track;
use super::window::Window;
use crate::api::{self, ApiError};
use crate::clock::use_clock;
use crate::feed::is_stale;
use crate::remote::Remote;
use crate::store::use_stores;
use crate::ui::RegionState;

/// The most series that one request asks for.
const SERIES_PER_REQUEST: usize = 64;
/// How long after a failure the next attempt begins.
const RETRY_AFTER: Duration = Duration::from_secs(15);
/// After how long waiting is said in words.
const SLOW_AFTER: Duration = Duration::from_secs(5);

type Tracks = Arc<BTreeMap<String, Track>>;

/// Fetched series. A copy is the same history.
#[derive(Clone, Copy)]
pub struct History {
    remote: RwSignal<Remote<Tracks>>,
    attempt: RwSignal<u32>,
    window: Signal<Window>,
}

/// What one reading brings: when, and the value if there was one.
pub type Reading = Option<(UnixMs, Option<f64>)>;

/// Fetches the history of `ids` whenever they or the window change, when the feed is live again, and from time to
/// time, because long windows are thinned by the gateway only.
#[must_use]
pub fn use_history(ids: Signal<Vec<SeriesId>>, window: Signal<Window>, points: u32) -> History {
    let history = History {
        remote: RwSignal::new(Remote::Loading),
        attempt: RwSignal::new(0),
        window,
    };
    let ids = Memo::new(move |_| ids.get());
    let window = Memo::new(move |_| window.get());
    let stale = is_stale();
    let clock = use_clock();
    let running = StoredValue::new(0_u32);
    // Fetching is an act on the outside world.
    Effect::new(move |before: Option<Window>| {
        let (ids, window) = (ids.get(), window.get());
        history.attempt.track();
        let number = running.with_value(|it| it.wrapping_add(1));
        running.set_value(number);
        if stale.get() || ids.is_empty() {
            return window;
        }
        if before.is_some_and(|it| it != window) {
            history.remote.set(Remote::Loading);
        }
        let is_newest = move || running.try_get_value() == Some(number);
        say_when_slow(history, is_newest);
        let now = clock.now_untracked();
        leptos::task::spawn_local(async move {
            let answer = fetch(&ids, window, now, points).await;
            if is_newest() {
                let failed = answer.is_err();
                history.remote.update(|it| {
                    let before = std::mem::replace(it, Remote::Loading);
                    *it = before.after(answer, now);
                });
                plan_next(history, window, failed, is_newest);
            }
        });
        window
    });
    history
}

fn say_when_slow(history: History, is_newest: impl Fn() -> bool + 'static) {
    let speak = move || {
        let waits = |it: &Remote<Tracks>| matches!(it, Remote::Loading);
        if is_newest() && history.remote.try_with_untracked(waits) == Some(true) {
            history.remote.set(Remote::LoadingSlowly);
        }
    };
    set_timeout(speak, SLOW_AFTER);
}

fn plan_next(history: History, window: Window, failed: bool, is_newest: impl Fn() -> bool + 'static) {
    let refetch = Duration::from_millis(window.refetch_ms().unsigned_abs());
    let again = move || {
        if is_newest() {
            // The page may have been left since.
            let _ = history.attempt.try_update(|it| *it = it.wrapping_add(1));
        }
    };
    set_timeout(again, if failed { RETRY_AFTER } else { refetch });
}

async fn fetch(ids: &[SeriesId], window: Window, now: UnixMs, points: u32) -> Result<Tracks, ApiError> {
    let from = now.plus_ms(-window.span_ms());
    let mut tracks = BTreeMap::new();
    for some in ids.chunks(SERIES_PER_REQUEST) {
        let answer = api::series(some, from, now, points).await?;
        tracks.extend(answer.series.iter().map(named));
    }
    Ok(Arc::new(tracks))
}

fn named(columns: &SeriesColumns) -> (String, Track) {
    (columns.series.0.clone(), Track::from_columns(columns))
}

impl History {
    /// The series over time: the fetched one, grown by each `reading` since.
    #[must_use]
    pub fn track(self, series: SeriesId, reading: Signal<Reading>) -> Memo<Track> {
        let clock = use_clock();
        let fetched = Memo::new(move |_| {
            self.remote.with(|it| it.value().and_then(|all| all.get(&series.0).cloned()))
        });
        Memo::new(move |before: Option<&Track>| {
            let mut track = match (fetched.get(), before) {
                (Some(mut track), Some(before)) => {
                    track.grow_by(before);
                    track
                }
                (Some(track), None) => track,
                (None, before) => before.cloned().unwrap_or_default(),
            };
            if let Some((at, value)) = reading.get() {
                track.grow(at, value);
            }
            track.forget_before(clock.now_untracked().plus_ms(-self.window.get_untracked().span_ms()));
            track
        })
    }

    /// For a region's frame. A failure keeps what was there before.
    #[must_use]
    pub fn region(self) -> Signal<RegionState> {
        Signal::derive(move || {
            self.remote.with(|it| match it {
                Remote::Loading => RegionState::Loading,
                Remote::LoadingSlowly => RegionState::LoadingSlowly,
                Remote::Ready { .. } => RegionState::Ready,
                Remote::Failed { error, last } => RegionState::Failed {
                    words: error.words(),
                    has_last: last.is_some(),
                },
            })
        })
    }

    /// Tries again now.
    #[must_use]
    pub fn retry(self) -> Callback<()> {
        Callback::new(move |()| self.attempt.update(|it| *it = it.wrapping_add(1)))
    }

    /// How far back it looks.
    #[must_use]
    pub const fn window(self) -> Signal<Window> {
        self.window
    }
}

/// The readings of a series as the feed brings them.
#[must_use]
pub fn live_readings(series: SeriesId) -> Signal<Reading> {
    let stores = use_stores();
    Signal::derive(move || stores.readings.value(&series.0).map(|it| (it.observed_at, it.value)))
}
