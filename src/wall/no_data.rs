//! The board that says that nothing is current: for how long, since when, and what was last known.

use leptos::prelude::*;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::{SECOND_MS, UnixMs};

use super::Feed;
use crate::clock::use_clock;
use crate::feed::FeedState;
use crate::health::{Board, ProductRow};
use crate::store::use_stores;
use crate::ui::{StatusIcon, day_and_month, format, minute_of_day, second_of_day};

/// What the console is doing about it.
fn attempt(state: &FeedState, now: UnixMs) -> String {
    let wait = |at: UnixMs| at.since_ms(now).max(0) / SECOND_MS;
    match state {
        FeedState::NotLive {
            retry_at: Some(at), ..
        } if *at > now => {
            format!(
                "No answer from the gateway. Next attempt in {} s.",
                wait(*at)
            )
        }
        FeedState::Reconnecting {
            attempt, retry_at, ..
        } => {
            format!(
                "No answer from the gateway. Attempt {attempt}, next in {} s.",
                wait(*retry_at)
            )
        }
        FeedState::Ended { ending } => ending.reason().to_owned(),
        _ => "No answer from the gateway. Connecting.".to_owned(),
    }
}

/// What a product was when it was last known.
fn was(row: &ProductRow) -> (Status, String) {
    // By now every check is overdue on this page's clock, so what counts is the status before.
    let status = match row.status {
        Status::Unknown => row.last_known.unwrap_or(Status::Unknown),
        known => known,
    };
    let words = match status {
        Status::Maintenance => "was in Maintenance".to_owned(),
        other => format!("was {}", other.word()),
    };
    (status, words)
}

/// The whole board.
pub(super) fn no_data(board: Memo<Board>, feed: Feed, heard_at: Memo<Option<UnixMs>>) -> AnyView {
    let clock = use_clock();
    let silent_ms = Memo::new(move |_| heard_at.get().map(|at| clock.now().since_ms(at)));
    let last_known = move || {
        silent_ms.get().map_or_else(
            || "Never known".to_owned(),
            |ms| format!("Last known, {} ago", format::span_fine(ms)),
        )
    };
    let rows = Memo::new(move |_| {
        board.with(|it| it.products.iter().take(6).cloned().collect::<Vec<_>>())
    });
    view! {
        <div class="mon-no-data">
            {head()}
            {headline(feed, heard_at, silent_ms)}
            <p class="mon-no-data-last">{last_known}</p>
            <div class="mon-no-data-tiles">
                {move || rows.get().iter().map(tile).collect_view()}
            </div>
        </div>
    }
    .into_any()
}

fn head() -> AnyView {
    let clock = use_clock();
    let time = Memo::new(move |_| minute_of_day(clock.now()));
    let day = Memo::new(move |_| format!("{} · UTC", day_and_month(clock.now())));
    view! {
        <header class="mon-wall-head">
            <span class="mon-wall-time">{move || time.get()}</span>
            <span class="mon-wall-date">{move || day.get()}</span>
            <span class="mon-wall-feed" data-status="unknown">
                <StatusIcon status=Status::Unknown size=52 />
                "not live"
            </span>
        </header>
    }
    .into_any()
}

fn headline(feed: Feed, heard_at: Memo<Option<UnixMs>>, silent_ms: Memo<Option<i64>>) -> AnyView {
    let clock = use_clock();
    let stores = use_stores();
    let face = Memo::new(move |_| {
        silent_ms
            .get()
            .map_or_else(|| "--:--".to_owned(), format::clock)
    });
    let is_long = Memo::new(move |_| {
        silent_ms
            .get()
            .is_some_and(|ms| ms >= format::CLOCK_DIGITS_UNTIL_MS)
    });
    let last = Memo::new(move |_| {
        heard_at.get().map_or_else(
            || "No data since this page was opened".to_owned(),
            |at| format!("Last data {}", second_of_day(at)),
        )
    });
    let doing = Memo::new(move |_| feed.with(|it| attempt(it, clock.now())));
    let verdict = move || {
        if stores.is_loaded() {
            "This board is not current."
        } else {
            "There is no board yet."
        }
    };
    view! {
        <div class="mon-no-data-box" role="alert">
            <div>
                <p class="mon-no-data-title">"NO DATA FOR"</p>
                <p class="mon-no-data-clock" data-long=move || is_long.get().then_some("") aria-hidden="true">
                    {move || face.get()}
                </p>
            </div>
            <div class="mon-no-data-facts">
                <p>{move || last.get()}</p>
                <p>{verdict}</p>
                <p class="mon-wall-small" aria-live="off">{move || doing.get()}</p>
            </div>
        </div>
    }
    .into_any()
}

fn tile(row: &ProductRow) -> AnyView {
    let (status, words) = was(row);
    view! {
        <div class="mon-no-data-tile">
            <StatusIcon status=status size=52 />
            <b class="mon-clip">{row.name.clone()}</b>
            <span class="mon-clip">{words}</span>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::ProductId;

    use super::*;

    fn row(status: Status, last_known: Option<Status>) -> ProductRow {
        ProductRow {
            id: ProductId::from("p"),
            name: "P".to_owned(),
            status,
            reason: String::new(),
            since: UnixMs(0),
            maintenance_until: None,
            last_known,
            checks: 1,
        }
    }

    #[test]
    fn an_overdue_product_says_what_it_was() {
        assert_eq!(was(&row(Status::Unknown, Some(Status::Down))).1, "was Down");
        assert_eq!(was(&row(Status::Unknown, None)).1, "was Unknown");
        assert_eq!(was(&row(Status::Maintenance, None)).1, "was in Maintenance");
    }

    #[test]
    fn the_attempt_counts_down_and_never_below_zero() {
        let state = FeedState::Reconnecting {
            attempt: 7,
            retry_at: UnixMs(12_500),
            last_frame_at: None,
        };
        assert_eq!(
            attempt(&state, UnixMs(0)),
            "No answer from the gateway. Attempt 7, next in 12 s."
        );
        assert!(attempt(&state, UnixMs(99_000)).ends_with("next in 0 s."));
    }
}
