//! The feed's state as people see it in the bar.

use leptos::prelude::*;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::{HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};

use super::transport::Transport;
use super::{FeedState, use_feed};
use crate::clock::use_clock;
use crate::ui::StatusIcon;

/// Whether what is shown is current, in a shape and words.
#[component]
pub fn FeedStatus() -> impl IntoView {
    let state = use_feed();
    let clock = use_clock();
    let (fast, seconds) = (clock.fast(), clock.seconds());
    let slug = Memo::new(move |_| state.with(FeedState::slug));
    let text = Memo::new(move |_| {
        if slug.get() == "live" {
            // Three times a second at most, however often frames come: each new text is laid out and painted.
            let now = fast.get();
            return state.with_untracked(|state| words(state, now));
        }
        let now = seconds.get();
        state.with(|state| words(state, now))
    });
    let status = Signal::derive(move || state.with(shape));
    let title = Memo::new(move |_| state.with(explanation));
    view! {
        <div class="mon-feed" data-feed-state=move || slug.get() title=move || title.get()>
            <StatusIcon status=status size=14/>
            <span class="mon-feed-text">{move || text.get()}</span>
        </div>
    }
}

const fn shape(state: &FeedState) -> Status {
    match state {
        FeedState::Live { .. } => Status::Ok,
        FeedState::Late { .. } => Status::Degraded,
        FeedState::Connecting
        | FeedState::Reconnecting { .. }
        | FeedState::NotLive { .. }
        | FeedState::Ended { .. } => Status::Unknown,
    }
}

/// What stands in the bar at `now`.
fn words(state: &FeedState, now: UnixMs) -> String {
    match state {
        FeedState::Connecting => "connecting".to_owned(),
        FeedState::Live { last_frame_at, by } => {
            let way = match by {
                Transport::Socket => "",
                Transport::Events => " · by events",
            };
            format!("live · {}{way}", age(now.since_ms(*last_frame_at)))
        }
        FeedState::Late { last_frame_at } => {
            format!("late · {}", age(now.since_ms(*last_frame_at)))
        }
        FeedState::Reconnecting { retry_at, .. } => match retry_at.since_ms(now) {
            wait_ms if wait_ms > 0 => format!("reconnecting in {}", whole_seconds(wait_ms)),
            _ => "reconnecting".to_owned(),
        },
        FeedState::NotLive { since, .. } => {
            format!("not live for {}", clock_face(now.since_ms(*since)))
        }
        FeedState::Ended { .. } => "not live".to_owned(),
    }
}

fn explanation(state: &FeedState) -> String {
    match state {
        FeedState::Connecting => "The first connection is being made.".to_owned(),
        FeedState::Live {
            by: Transport::Socket,
            ..
        } => "Changes arrive as they happen.".to_owned(),
        FeedState::Live {
            by: Transport::Events,
            ..
        } => "Changes arrive as they happen, by server-sent events: something between this page and the gateway \
              lets no WebSocket through. It is tried again now and then."
            .to_owned(),
        FeedState::Late { .. } => {
            "What the gateway sends comes later than usual, or not at all.".to_owned()
        }
        FeedState::Reconnecting { attempt, .. } => {
            format!("The connection was lost. Attempt {attempt} to connect again.")
        }
        FeedState::NotLive { .. } => "Nothing on this page is current.".to_owned(),
        FeedState::Ended { ending } => ending.reason().to_owned(),
    }
}

fn age(ms: i64) -> String {
    let ms = ms.max(0);
    if ms < 10 * SECOND_MS {
        return format!("{}.{} s", ms / SECOND_MS, ms % SECOND_MS / 100);
    }
    format!("{} s", ms / SECOND_MS)
}

/// A wait rounds up: "in 0 s" would be a promise that is already broken.
fn whole_seconds(ms: i64) -> String {
    format!("{} s", (ms + SECOND_MS - 1) / SECOND_MS)
}

fn clock_face(ms: i64) -> String {
    let ms = ms.max(0);
    let (hours, minutes) = (ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS);
    if hours > 0 {
        return format!("{hours} h {minutes} min");
    }
    format!("{minutes:02}:{:02}", ms % MINUTE_MS / SECOND_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::ending::Ending;

    #[test]
    fn ages_below_ten_seconds_have_tenths() {
        let live = FeedState::Live {
            last_frame_at: UnixMs(1_000),
            by: Transport::Socket,
        };
        assert_eq!(words(&live, UnixMs(1_449)), "live · 0.4 s");
        assert_eq!(words(&live, UnixMs(10_999)), "live · 9.9 s");
        assert_eq!(words(&live, UnixMs(11_000)), "live · 10 s");
        assert_eq!(words(&live, UnixMs(900)), "live · 0.0 s");
    }

    #[test]
    fn a_feed_by_events_is_live_and_says_so() {
        let live = FeedState::Live {
            last_frame_at: UnixMs(1_000),
            by: Transport::Events,
        };
        assert_eq!(words(&live, UnixMs(1_449)), "live · 0.4 s · by events");
        assert!(explanation(&live).contains("no WebSocket"));
        assert_eq!(shape(&live), Status::Ok);
    }

    #[test]
    fn a_wait_rounds_up_and_then_is_over() {
        let waiting = FeedState::Reconnecting {
            attempt: 3,
            retry_at: UnixMs(7_000),
            last_frame_at: None,
        };
        assert_eq!(words(&waiting, UnixMs(1)), "reconnecting in 7 s");
        assert_eq!(words(&waiting, UnixMs(7_000)), "reconnecting");
    }

    #[test]
    fn an_outage_is_a_clock() {
        let gone = FeedState::NotLive {
            since: UnixMs(0),
            retry_at: None,
        };
        assert_eq!(words(&gone, UnixMs(161_000)), "not live for 02:41");
        assert_eq!(words(&gone, UnixMs(HOUR_MS)), "not live for 1 h 0 min");
    }

    #[test]
    fn only_a_live_feed_has_the_shape_of_ok() {
        assert_eq!(shape(&FeedState::Connecting), Status::Unknown);
        let ended = FeedState::Ended {
            ending: Ending::Version,
        };
        assert_eq!(shape(&ended), Status::Unknown);
    }
}
