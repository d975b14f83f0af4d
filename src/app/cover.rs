//! The cover over a page that hangs. It waits in the compositor (`public/boot.css`), and every frame of the feed that
//! the program has dealt with starts its wait anew by changing the beat. Script has to run to keep it away, not to
//! bring it.

use leptos::prelude::*;
use watchfloor_wire::time::UnixMs;

use crate::clock::use_clock;
use crate::feed::use_feed;
use crate::store::use_stores;
use crate::wall::mode::last_frame_at;

/// The wait is begun anew at most this often, in milliseconds.
const BEAT_EVERY_MS: i64 = 250;

/// Whether the cover waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Beat {
    /// There is nothing to cover yet, or the page itself says that nothing is current.
    #[default]
    Off,
    /// It waits since this instant; `odd` changes with each new wait, because only another animation begins anew.
    Waiting { since: UnixMs, odd: bool },
}

impl Beat {
    /// For `data-beat`.
    const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Waiting { odd: false, .. } => "0",
            Self::Waiting { odd: true, .. } => "1",
        }
    }
}

/// What decides it.
#[derive(Clone, Copy, Debug)]
struct Surroundings {
    /// Whether anything was ever shown.
    is_loaded: bool,
    /// Whether the page says that nothing is current.
    is_stale: bool,
    /// When the newest frame came; `None` when the feed's state does not say.
    heard_at: Option<UnixMs>,
    now: UnixMs,
}

/// The next beat.
fn beat(before: Beat, around: Surroundings) -> Beat {
    if around.is_stale || !around.is_loaded {
        return Beat::Off;
    }
    match (before, around.heard_at) {
        (Beat::Off, heard_at) => Beat::Waiting {
            since: heard_at.unwrap_or(around.now),
            odd: false,
        },
        // Either way: the gateway's clock may have been set back.
        (Beat::Waiting { since, odd }, Some(at)) if at.since_ms(since).abs() >= BEAT_EVERY_MS => {
            Beat::Waiting {
                since: at,
                odd: !odd,
            }
        }
        (waiting, _) => waiting,
    }
}

/// Keeps the cover away as long as the page runs and frames come.
pub(super) fn keep_away() {
    let (feed, clock, stores) = (use_feed(), use_clock(), use_stores());
    Effect::new(move |before: Option<Beat>| {
        let before = before.unwrap_or_default();
        let next = feed.with(|state| {
            beat(
                before,
                Surroundings {
                    is_loaded: stores.is_loaded(),
                    is_stale: state.is_stale(),
                    heard_at: last_frame_at(state),
                    now: clock.now_untracked(),
                },
            )
        });
        if next.word() != before.word()
            && let Some(cover) = document().get_element_by_id("cover")
        {
            // An attribute's name that is valid once is valid always.
            let _ = cover.set_attribute("data-beat", next.word());
        }
        next
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVE: Surroundings = Surroundings {
        is_loaded: true,
        is_stale: false,
        heard_at: Some(UnixMs(1_000)),
        now: UnixMs(1_000),
    };

    fn heard(at: i64) -> Surroundings {
        Surroundings {
            heard_at: Some(UnixMs(at)),
            ..LIVE
        }
    }

    #[test]
    fn each_new_wait_is_another_animation_and_not_every_frame_is_one() {
        let first = beat(Beat::Off, LIVE);
        assert_eq!(first.word(), "0");
        assert_eq!(beat(first, heard(1_249)), first);
        let second = beat(first, heard(1_250));
        assert_eq!(second.word(), "1");
        assert_eq!(beat(second, heard(1_500)).word(), "0");
    }

    #[test]
    fn a_gateway_whose_clock_is_set_back_still_keeps_the_cover_away() {
        let first = beat(Beat::Off, heard(7_200_000));
        assert_eq!(beat(first, heard(3_600_000)).word(), "1");
    }

    #[test]
    fn silence_alone_starts_no_new_wait() {
        let first = beat(Beat::Off, LIVE);
        let later = Surroundings {
            now: UnixMs(20_000),
            ..LIVE
        };
        assert_eq!(beat(first, later), first);
        let connecting = Surroundings {
            heard_at: None,
            ..later
        };
        assert_eq!(beat(first, connecting), first);
    }

    #[test]
    fn the_first_state_is_covered_although_no_frame_came_yet() {
        let snapshot_only = Surroundings {
            heard_at: None,
            ..LIVE
        };
        assert_eq!(beat(Beat::Off, snapshot_only).word(), "0");
    }

    #[test]
    fn a_page_that_says_so_itself_and_an_empty_one_need_no_cover() {
        let waiting = beat(Beat::Off, LIVE);
        for around in [
            Surroundings {
                is_stale: true,
                ..LIVE
            },
            Surroundings {
                is_loaded: false,
                ..LIVE
            },
        ] {
            assert_eq!(beat(waiting, around), Beat::Off);
        }
    }
}
