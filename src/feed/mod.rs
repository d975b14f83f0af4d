//! The live feed: the only WebSocket of the console.

use leptos::prelude::*;
use watchfloor_wire::feed::PipelineAges;
use watchfloor_wire::time::UnixMs;

/// How the feed is doing. All instants are by the gateway's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedState {
    /// The first connection is being made.
    Connecting,
    /// Frames arrive.
    Live {
        /// When the newest one came.
        last_frame_at: UnixMs,
    },
    /// Connected, but a ping is overdue.
    Late {
        /// When the newest frame came.
        last_frame_at: UnixMs,
    },
    /// Not connected; what is shown is not stale yet.
    Reconnecting {
        /// Attempts since it was last healthy.
        attempt: u32,
        /// When the next attempt begins; in the past while one is under way.
        retry_at: UnixMs,
        /// When the newest frame came; `None` when none ever did.
        last_frame_at: Option<UnixMs>,
    },
    /// No frame for 25 s: nothing on the page is current.
    NotLive {
        /// When the newest frame came.
        since: UnixMs,
        /// When the next attempt begins; `None` while one is under way.
        retry_at: Option<UnixMs>,
    },
    /// Over for good, until somebody acts.
    Ended {
        /// Why and what to do, in one sentence.
        reason: String,
    },
}

impl FeedState {
    /// The word for `data-feed-state` and `data-feed`.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live { .. } => "live",
            Self::Late { .. } => "late",
            Self::Reconnecting { .. } => "reconnecting",
            Self::NotLive { .. } => "stale",
            Self::Ended { .. } => "ended",
        }
    }

    /// Whether what is shown must not look current.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        matches!(self, Self::NotLive { .. } | Self::Ended { .. })
    }
}

#[derive(Clone, Copy)]
pub(crate) struct FeedSignals {
    pub(crate) state: RwSignal<FeedState>,
    pub(crate) pipeline: RwSignal<PipelineAges>,
    pub(crate) build: RwSignal<String>,
}

impl FeedSignals {
    pub(crate) fn new() -> Self {
        Self {
            state: RwSignal::new(FeedState::Connecting),
            pipeline: RwSignal::new(PipelineAges::default()),
            build: RwSignal::new(String::new()),
        }
    }
}

/// How the feed is doing; changes with each frame.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_feed() -> Signal<FeedState> {
    expect_context::<FeedSignals>().state.into()
}

/// Whether there was no frame for 25 s; changes only when the answer does.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn is_stale() -> Signal<bool> {
    let state = expect_context::<FeedSignals>().state;
    Memo::new(move |_| state.with(FeedState::is_stale)).into()
}

/// How long ago each stage of the gateway's pipeline last did its work, by the newest ping.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_pipeline() -> Signal<PipelineAges> {
    expect_context::<FeedSignals>().pipeline.into()
}
