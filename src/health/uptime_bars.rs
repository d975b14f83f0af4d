//! 90 days as bars, and what is left of the promise. Taller is worse, so the row reads without colour.

use std::fmt::Write as _;

use leptos::prelude::*;
use watchfloor_wire::id::ProductId;
use watchfloor_wire::series::Unit;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::{DAY_MS, UnixMs};
use watchfloor_wire::uptime::{DayUptime, Uptime, ratio};

use super::board::{Board, ProductRow};
use crate::clock::use_clock;
use crate::store::use_stores;
use crate::ui::{StatusIcon, date_of_day, format};

/// How many days stand in a row.
const DAYS: i32 = 90;
/// The drawing's own units for one day, its bar, and the whole height.
const PITCH: f64 = 10.0;
const BAR: f64 = 7.0;
const HEIGHT: f64 = 20.0;
/// Unwatched time counts as missing data from this share of a day on.
const MISSING_SHARE: i64 = 2;

/// A day's bar.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bar {
    status: Status,
    /// 0 to 1 of the row's height.
    height: f64,
}

/// How a day is drawn. A day without any record, or mostly without, is unknown: never a good day.
fn bar(day: Option<&DayUptime>) -> Bar {
    let Some(day) = day else {
        return Bar {
            status: Status::Unknown,
            height: 0.6,
        };
    };
    let seen_ms = day.ok_ms + day.degraded_ms + day.down_ms;
    if day.down_ms > 0 {
        Bar {
            status: Status::Down,
            height: 1.0,
        }
    } else if day.degraded_ms > 0 {
        Bar {
            status: Status::Degraded,
            height: 0.8,
        }
    } else if day.maintenance_ms > 0 {
        Bar {
            status: Status::Maintenance,
            height: 0.6,
        }
    } else if day.unknown_ms > seen_ms * MISSING_SHARE || seen_ms == 0 {
        Bar {
            status: Status::Unknown,
            height: 0.6,
        }
    } else {
        Bar {
            status: Status::Ok,
            height: 0.6,
        }
    }
}

/// The day of an instant, counted from 1970.
fn day_of(at: UnixMs) -> i32 {
    i32::try_from(at.0.div_euclid(DAY_MS)).unwrap_or(i32::MAX)
}

/// The bars of the 90 days that end with `today`, oldest first.
fn bars(days: &[DayUptime], today: i32) -> Vec<Bar> {
    (today - DAYS + 1..=today)
        .map(|day| bar(days.iter().find(|it| it.day == day)))
        .collect()
}

/// Uptime over the newest `count` days that were watched, in words.
fn share(days: &[DayUptime], today: i32, count: i32) -> Option<f64> {
    ratio(
        days.iter()
            .filter(|it| it.day > today - count && it.day <= today)
            .copied(),
    )
}

/// What a row's drawing says aloud.
fn spoken(bars: &[Bar], today: i32) -> String {
    let count = |status| bars.iter().filter(|it| it.status == status).count();
    format!(
        "{} days to {}: {} with an outage, {} degraded, {} without data",
        bars.len(),
        date_of_day(today),
        count(Status::Down),
        count(Status::Degraded),
        count(Status::Unknown),
    )
}

/// Uptime of all products, in the order of the board.
#[component]
pub(super) fn UptimeTable(
    /// How everything is.
    board: Memo<Board>,
    /// Only this product's; `None` for all.
    #[prop(optional, into)]
    only: Option<ProductId>,
) -> impl IntoView {
    let wanted = Memo::new(move |_| {
        let is_wanted = |it: &&ProductRow| only.as_ref().is_none_or(|id| it.id == *id);
        board.with(|it| {
            it.products
                .iter()
                .filter(is_wanted)
                .map(|it| it.id.0.clone())
                .collect::<Vec<_>>()
        })
    });
    let uptimes = use_stores().uptime;
    let common = Memo::new(move |_| common_target(&uptimes.all()));
    let is_held = RwSignal::new(false);
    let order = super::overview::held_order(wanted, is_held.into());
    view! {
        <section
            class="mon-uptime"
            aria-labelledby="uptime-title"
            on:pointerenter=move |_| is_held.set(true)
            on:pointerleave=move |_| is_held.set(false)
        >
            <div class="mon-uptime-row mon-uptime-head">
                <h2 id="uptime-title">"Uptime"</h2>
                <span>"90 days, each bar is one day; taller is worse"</span>
                <span class="mon-uptime-number">"30 d"</span>
                <span class="mon-uptime-number">"90 d"</span>
                <span class="mon-uptime-number">{move || budget_title(common.get())}</span>
            </div>
            <For each=move || order.get().ids key=Clone::clone let(id)>
                {row(ProductId(id), board, common)}
            </For>
        </section>
    }
    .into_any()
}

fn row(id: ProductId, board: Memo<Board>, common: Memo<Option<f64>>) -> AnyView {
    let stores = use_stores();
    let clock = use_clock();
    let own = id.clone();
    let of_board = Memo::new(move |_| {
        board.with(|it| it.product(&own).map(|it| (it.name.clone(), it.status)))
    });
    let status = Memo::new(move |_| of_board.get().map_or(Status::Unknown, |it| it.1));
    let name = Memo::new(move |_| of_board.get().map(|it| it.0).unwrap_or_default());
    let uptime = Memo::new(move |_| stores.uptime.value(&id.0));
    let today = Memo::new(move |_| day_of(clock.now()));
    let over = move |count: i32| {
        Memo::new(move |_| uptime.with(|it| share(&it.as_ref()?.days, today.get(), count)))
    };
    let (month, quarter) = (over(30), over(DAYS));
    let is_missed = Memo::new(move |_| {
        uptime.with(|it| {
            it.as_ref()
                .is_some_and(|it| it.budget_left_ms.is_some_and(|ms| ms < 0))
        })
    });
    let words = |it: Option<f64>| it.map_or_else(|| "no data".to_owned(), format::uptime);
    let budget = move || {
        uptime.with(|it| {
            it.as_ref()
                .map(|it| budget_words(it, common.get()))
                .unwrap_or_default()
        })
    };
    view! {
        <div class="mon-uptime-row">
            <span class="mon-uptime-name">
                <StatusIcon status=status size=12 />
                <span class="mon-clip">{move || name.get()}</span>
            </span>
            {move || uptime.with(|it| drawing(it.as_ref().map_or(&[], |it| &it.days), today.get()))}
            <span class="mon-uptime-number" data-missed=move || is_missed.get().then_some("")>
                {move || words(month.get())}
            </span>
            <span class="mon-uptime-number" data-quiet="">{move || words(quarter.get())}</span>
            <span class="mon-uptime-number" data-quiet="" data-missed=move || is_missed.get().then_some("")>{budget}</span>
        </div>
    }
    .into_any()
}

/// The promise that all products make; `None` when they differ or make none.
fn common_target(all: &[Uptime]) -> Option<f64> {
    let mut targets = all.iter().filter_map(|it| it.target_ratio);
    let first = targets.next()?;
    targets
        .all(|it| it.to_bits() == first.to_bits())
        .then_some(first)
}

fn budget_title(common: Option<f64>) -> String {
    common.map_or_else(
        || "30 d budget".to_owned(),
        |it| format!("30 d budget at {}", format::level(it, Unit::Ratio)),
    )
}

/// What is left of the promise, and the promise where the title does not say it.
fn budget_words(uptime: &Uptime, common: Option<f64>) -> String {
    match (uptime.budget_left_ms, uptime.target_ratio) {
        (Some(left_ms), Some(target)) if common.is_none() => {
            format!(
                "{} at {}",
                format::budget(left_ms),
                format::level(target, Unit::Ratio)
            )
        }
        (Some(left_ms), _) => format::budget(left_ms),
        (None, Some(_)) => "no data".to_owned(),
        (None, None) => "no promise".to_owned(),
    }
}

/// The outlines of the bars of one status, in the drawing's units. One path for all of them: a page with an element
/// for each of 90 days of each product would be twice as large.
fn path(bars: &[Bar], status: Status) -> String {
    let mut path = String::new();
    let mut left = 0.0;
    for bar in bars {
        if bar.status == status {
            let tall = bar.height * HEIGHT;
            // Writing into a string cannot fail.
            let _ = write!(
                path,
                "M{left:.0} {:.0}h{BAR:.0}V{HEIGHT:.0}h-{BAR:.0}z",
                HEIGHT - tall
            );
        }
        left += PITCH;
    }
    path
}

fn drawing(days: &[DayUptime], today: i32) -> AnyView {
    let all = bars(days, today);
    let label = spoken(&all, today);
    let width = f64::from(DAYS) * PITCH;
    let paths = Status::WORST_FIRST
        .into_iter()
        .map(|status| (status, path(&all, status)))
        .filter(|(_, path)| !path.is_empty())
        .map(|(status, path)| view! { <path data-status=status.slug() d=path></path> })
        .collect_view();
    view! {
        <svg
            class="mon-uptime-bars"
            viewBox=format!("0 0 {width:.0} {HEIGHT:.0}")
            preserveAspectRatio="none"
            role="img"
            aria-label=label
        >
            {paths}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i32, ok_ms: i64, down_ms: i64, unknown_ms: i64) -> DayUptime {
        DayUptime {
            day,
            ok_ms,
            down_ms,
            unknown_ms,
            ..DayUptime::default()
        }
    }

    #[test]
    fn a_day_that_nobody_watched_is_unknown() {
        assert_eq!(bar(None).status, Status::Unknown);
        assert_eq!(bar(Some(&day(1, 0, 0, DAY_MS))).status, Status::Unknown);
        assert_eq!(bar(Some(&day(1, 1, 0, DAY_MS - 1))).status, Status::Unknown);
    }

    #[test]
    fn any_outage_is_the_tallest_bar() {
        assert_eq!(
            bar(Some(&day(1, DAY_MS - 1, 1, 0))),
            Bar {
                status: Status::Down,
                height: 1.0
            }
        );
    }

    #[test]
    fn a_row_ends_with_today_and_has_a_bar_for_missing_days() {
        let all = bars(&[day(100, 5, 0, 0), day(500, 5, 0, 0)], 500);
        assert_eq!(all.len(), 90);
        assert_eq!(all.last().map(|it| it.status), Some(Status::Ok));
        assert_eq!(all.first().map(|it| it.status), Some(Status::Unknown));
        assert!(spoken(&all, 500).contains("89 without data"));
    }

    #[test]
    fn bars_of_one_status_are_one_path_and_each_stands_on_its_day() {
        let all = bars(&[day(411, 5, 0, 0), day(413, 5, 1, 0)], 500);
        assert_eq!(path(&all, Status::Ok), "M0 8h7V20h-7z");
        assert_eq!(path(&all, Status::Down), "M20 0h7V20h-7z");
        assert_eq!(path(&all, Status::Maintenance), "");
        assert_eq!(path(&all, Status::Unknown).matches('M').count(), 88);
    }

    #[test]
    fn uptime_counts_only_the_days_asked_for() {
        let days = [day(1, 0, 10, 0), day(40, 9, 1, 0)];
        assert_eq!(share(&days, 40, 30), Some(0.9));
        assert_eq!(share(&[], 40, 30), None);
    }
}
