//! Which board is shown. Pure.

use watchfloor_wire::status::Status;
use watchfloor_wire::time::{MINUTE_MS, UnixMs};

use crate::feed::FeedState;
use crate::health::Board;

/// From this silence on, the board is given up for the one that says so.
const NO_DATA_AFTER_MS: i64 = MINUTE_MS;
/// The night board's hours, where the screen hangs.
const NIGHT_FROM_HOUR: u32 = 19;
const NIGHT_UNTIL_HOUR: u32 = 7;

/// A board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Products and the most urgent incident.
    Day,
    /// Dark: all is well and live, and it is night.
    Night,
    /// Nothing is current.
    NoData,
}

/// What decides it.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// Whether a snapshot was read.
    pub is_loaded: bool,
    /// Whether the feed has been silent for 25 s.
    pub is_stale: bool,
    /// For how long the feed has been silent; `None` when it never spoke.
    pub silent_ms: Option<i64>,
    /// Whether the gateway no longer checks or evaluates, though it talks.
    pub is_pipeline_late: bool,
    /// Whether all is well and no incident is open.
    pub is_all_ok: bool,
    /// The hour where the screen hangs.
    pub hour: u32,
}

/// The board to show.
#[must_use]
pub fn mode(around: &Surroundings) -> Mode {
    let is_night = around.hour >= NIGHT_FROM_HOUR || around.hour < NIGHT_UNTIL_HOUR;
    if around.is_stale && around.silent_ms.is_none_or(|ms| ms >= NO_DATA_AFTER_MS) {
        Mode::NoData
    } else if around.is_loaded
        && !around.is_stale
        && !around.is_pipeline_late
        && around.is_all_ok
        && is_night
    {
        Mode::Night
    } else {
        Mode::Day
    }
}

/// Whether every product is well; nothing watched is not well.
#[must_use]
pub fn is_all_ok(board: &Board) -> bool {
    !board.products.is_empty() && board.products.iter().all(|it| it.status == Status::Ok)
}

/// When the newest frame came; `None` when the state does not say.
#[must_use]
pub fn last_frame_at(state: &FeedState) -> Option<UnixMs> {
    match state {
        FeedState::Live { last_frame_at, .. } | FeedState::Late { last_frame_at } => {
            Some(*last_frame_at)
        }
        FeedState::Reconnecting { last_frame_at, .. } => *last_frame_at,
        FeedState::NotLive { since, .. } => Some(*since),
        FeedState::Connecting | FeedState::Ended { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET_NIGHT: Surroundings = Surroundings {
        is_loaded: true,
        is_stale: false,
        is_pipeline_late: false,
        silent_ms: Some(400),
        is_all_ok: true,
        hour: 3,
    };

    #[test]
    fn the_night_board_needs_a_live_and_healthy_night() {
        assert_eq!(mode(&QUIET_NIGHT), Mode::Night);
        assert_eq!(
            mode(&Surroundings {
                hour: 7,
                ..QUIET_NIGHT
            }),
            Mode::Day
        );
        assert_eq!(
            mode(&Surroundings {
                hour: 19,
                ..QUIET_NIGHT
            }),
            Mode::Night
        );
        assert_eq!(
            mode(&Surroundings {
                is_all_ok: false,
                ..QUIET_NIGHT
            }),
            Mode::Day
        );
        assert_eq!(
            mode(&Surroundings {
                is_pipeline_late: true,
                ..QUIET_NIGHT
            }),
            Mode::Day
        );
        assert_eq!(
            mode(&Surroundings {
                is_loaded: false,
                ..QUIET_NIGHT
            }),
            Mode::Day
        );
        assert_eq!(
            mode(&Surroundings {
                is_stale: true,
                silent_ms: Some(25_000),
                ..QUIET_NIGHT
            }),
            Mode::Day
        );
    }

    #[test]
    fn a_minute_of_silence_gives_the_board_up() {
        let silent = Surroundings {
            is_stale: true,
            silent_ms: Some(60_000),
            ..QUIET_NIGHT
        };
        assert_eq!(mode(&silent), Mode::NoData);
        assert_eq!(
            mode(&Surroundings {
                silent_ms: None,
                ..silent
            }),
            Mode::NoData
        );
        assert_eq!(
            mode(&Surroundings {
                silent_ms: Some(59_999),
                ..silent
            }),
            Mode::Day
        );
    }

    #[test]
    fn nothing_watched_is_not_well() {
        assert!(!is_all_ok(&Board::default()));
    }
}
