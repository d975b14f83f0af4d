//! The live feed: the only WebSocket of the console, and the only stream of events in its place.

pub mod backoff;
pub mod connection;
#[cfg(test)]
mod connection_properties;
#[cfg(test)]
mod connection_tests;
pub(crate) mod driver;
pub mod ending;
mod events;
pub mod freshness;
mod interruption;
mod line;
mod notice;
mod pipeline;
mod reload;
mod seconds;
mod shown;
mod socket;
mod status;
pub mod steps;
pub mod transit;
pub mod transport;
#[cfg(test)]
mod transport_tests;
mod wake;

pub use notice::FeedNotice;
pub use pipeline::{PipelineNote, is_pipeline_late};
pub use status::FeedStatus;

use std::rc::Rc;

use leptos::prelude::*;
use watchfloor_wire::feed::Cursor;
use watchfloor_wire::time::UnixMs;

use self::ending::Ending;
pub(crate) use self::pipeline::{Pipeline, use_pipeline};
use self::transport::Transport;
use crate::lasting::{forget_reader, lasting};

/// How the feed is doing. All instants are by the gateway's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedState {
    /// The first connection is being made.
    Connecting,
    /// Frames arrive.
    Live {
        /// When the newest one was sent.
        last_frame_at: UnixMs,
        /// Which way.
        by: Transport,
    },
    /// Connected, but a ping is overdue.
    Late {
        /// When the newest ping was sent.
        last_frame_at: UnixMs,
    },
    /// Not connected; what is shown is not stale yet.
    Reconnecting {
        /// Attempts since it was last healthy.
        attempt: u32,
        /// When the next attempt begins; in the past while one is under way.
        retry_at: UnixMs,
        /// When the newest frame was sent; `None` when none ever came.
        last_frame_at: Option<UnixMs>,
    },
    /// No ping for 25 s, or only ones that were sent longer ago: nothing on the page is current.
    NotLive {
        /// When what is shown was current, for all that is known.
        since: UnixMs,
        /// When the next attempt begins; `None` while one is under way.
        retry_at: Option<UnixMs>,
    },
    /// Over for good, until somebody acts.
    Ended {
        /// Why.
        ending: Ending,
    },
}

impl FeedState {
    /// The word for `data-feed-state`.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live { .. } => "live",
            Self::Late { .. } => "late",
            Self::Reconnecting { .. } => "reconnecting",
            Self::NotLive { .. } => "not-live",
            Self::Ended { .. } => "ended",
        }
    }

    /// Whether what is shown must not look current.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        matches!(self, Self::NotLive { .. } | Self::Ended { .. })
    }

    /// Whether people would see no difference. Instants are turned from one clock to the other each time
    /// anew, which moves them by a millisecond or two.
    fn shows_the_same(&self, other: &Self) -> bool {
        let near = |a: &UnixMs, b: &UnixMs| a.since_ms(*b).abs() <= 5;
        match (self, other) {
            (
                Self::Live {
                    last_frame_at: a,
                    by,
                },
                Self::Live {
                    last_frame_at: b,
                    by: before,
                },
            ) => by == before && near(a, b),
            (Self::Late { last_frame_at: a }, Self::Late { last_frame_at: b }) => near(a, b),
            (
                Self::NotLive {
                    since: a,
                    retry_at: None,
                },
                Self::NotLive {
                    since: b,
                    retry_at: None,
                },
            ) => near(a, b),
            (
                Self::NotLive {
                    since: a,
                    retry_at: Some(x),
                },
                Self::NotLive {
                    since: b,
                    retry_at: Some(y),
                },
            ) => near(a, b) && near(x, y),
            _ => self == other,
        }
    }
}

/// The feed, to be told what happens outside of it.
#[derive(Clone, Copy)]
pub(crate) struct Feed(StoredValue<Rc<driver::Driver>, LocalStorage>);

impl Feed {
    /// Starts the feed's timers and listeners; it connects once [`Self::start`] is called.
    pub(crate) fn new(around: driver::Surroundings) -> Self {
        let clock = around.clock;
        let driver = driver::Driver::new(around);
        wake::listen(clock, &driver);
        let ticked = Rc::clone(&driver);
        Effect::new(move |_| {
            clock.seconds().track();
            untrack(|| ticked.second());
        });
        Self(StoredValue::new_local(driver))
    }

    /// There may be a session now.
    pub(crate) fn start(self) {
        self.tell(connection::Event::Started);
    }

    /// The session is over, as some request found out.
    pub(crate) fn session_ended(self) {
        self.tell(connection::Event::SessionEnded);
    }

    /// Somebody signed out: nothing of what they saw stays.
    pub(crate) fn stop(self) {
        self.tell(connection::Event::Stopped);
        self.0.with_value(|driver| driver.forget());
    }

    /// Where the page's copy stands, and how many frames wait to be applied.
    pub(crate) fn position(self) -> (Option<Cursor>, usize) {
        self.0.with_value(|driver| driver.position())
    }

    fn tell(self, event: connection::Event) {
        self.0.with_value(|driver| driver.dispatch(event));
    }
}

#[derive(Clone, Copy)]
pub(crate) struct FeedSignals {
    pub(crate) state: RwSignal<FeedState>,
    pub(crate) pipeline: RwSignal<Pipeline>,
    pub(crate) build: RwSignal<String>,
}

impl FeedSignals {
    pub(crate) fn new() -> Self {
        Self {
            state: RwSignal::new(FeedState::Connecting),
            pipeline: RwSignal::new(Pipeline::default()),
            build: RwSignal::new(String::new()),
        }
    }
}

/// The build of the console that the gateway would serve now, for what lives as long as the page; empty until it said so.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_gateway_build() -> Signal<String> {
    expect_context::<FeedSignals>().build.into()
}

/// How the feed is doing; changes with each frame.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_feed() -> Signal<FeedState> {
    lasting(expect_context::<FeedSignals>().state)
}

/// Whether nothing on the page is current; changes only when the answer does.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn is_stale() -> Signal<bool> {
    let state = expect_context::<FeedSignals>().state;
    Memo::new(move |_| {
        forget_reader(&state);
        state.with(FeedState::is_stale)
    })
    .into()
}
