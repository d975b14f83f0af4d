//! The day's board: products at the left, the most urgent incident at the right.

use leptos::prelude::*;
use watchfloor_wire::entity::Kind;
use watchfloor_wire::id::ProductId;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::{SECOND_MS, UnixMs};

use super::hero::Hero;
use crate::clock::use_clock;
use crate::feed::{FeedStatus, PipelineNote, is_stale};
use crate::health::{Board, ProductRow};
use crate::silences::{SilenceMark, use_mark};
use crate::store::use_stores;
use crate::ui::{StatusIcon, StatusWord, day_and_month, format, minute_of_day};

/// So many products fit at a size that is read from five metres. More of them take turns: nothing shrinks.
const TILES_MAX: usize = 5;
/// How long a page of the board stays.
const PAGE_MS: i64 = 15 * SECOND_MS;

/// The products of the page that is shown at `now`, worst first. The worst page comes twice as often as others.
fn page(ids: &[String], now: UnixMs) -> Vec<String> {
    let pages: Vec<&[String]> = ids.chunks(TILES_MAX).collect();
    if pages.len() <= 1 {
        return ids.to_vec();
    }
    // First, second, first, third, first, …
    let turn = usize::try_from(now.0.div_euclid(PAGE_MS)).unwrap_or(0) % (2 * (pages.len() - 1));
    let number = if turn.is_multiple_of(2) {
        0
    } else {
        turn / 2 + 1
    };
    pages.get(number).map_or_else(Vec::new, |it| it.to_vec())
}

/// The fact at a tile's right: how long, what, or until when.
fn fact(row: &ProductRow, now: UnixMs) -> String {
    let lasted = format::span(now.since_ms(row.since));
    match row.status {
        Status::Ok => String::new(),
        Status::Down => format!("for {lasted}"),
        Status::Unknown => format!("{lasted} ago"),
        Status::Maintenance => row.maintenance_until.map_or_else(
            || format!("for {lasted}"),
            |it| format!("to {}", minute_of_day(it)),
        ),
        // The check's name leads the reason; from five metres it is all that can be read.
        Status::Degraded => {
            let who = row.reason.split(':').next().unwrap_or_default();
            if who.chars().count() <= 18 && who.len() < row.reason.len() {
                who.to_owned()
            } else {
                format!("for {lasted}")
            }
        }
    }
}

/// The whole board.
pub(super) fn day(
    board: Memo<Board>,
    open: Memo<Vec<Incident>>,
    heard_at: Memo<Option<UnixMs>>,
) -> AnyView {
    let clock = use_clock();
    let ids = Memo::new(move |_| {
        let now = clock.now();
        let all: Vec<String> =
            board.with(|it| it.products.iter().map(|row| row.id.0.clone()).collect());
        page(&all, now)
    });
    let first = Memo::new(move |_| open.with(|all| all.first().map(|it| it.id.0.to_string())));
    view! {
        {head(heard_at)}
        <div class="mon-wall-body">
            <section class="mon-wall-tiles" aria-label="Products, worst first">
                <For each=move || ids.get() key=Clone::clone let(id)>
                    {tile(ProductId(id), board)}
                </For>
            </section>
            {move || match first.get() {
                Some(id) => view! { <Hero id=id open=open /> }.into_any(),
                None => calm(board),
            }}
        </div>
    }
    .into_any()
}

/// The bar of a board: the time, and whether it is live.
pub(super) fn head(heard_at: Memo<Option<UnixMs>>) -> AnyView {
    let clock = use_clock();
    let stale = is_stale();
    let time = Memo::new(move |_| minute_of_day(clock.now()));
    let day = Memo::new(move |_| format!("{} · UTC", day_and_month(clock.now())));
    let silent = Memo::new(move |_| {
        heard_at
            .get()
            .map(|at| format::clock(clock.now().since_ms(at)))
    });
    let feed = move || {
        if stale.get() {
            let long = silent.get().unwrap_or_default();
            view! {
                <span class="mon-wall-feed" data-status="unknown">
                    <StatusIcon status=Status::Unknown size=42 />
                    {format!("NO DATA FOR {long}")}
                </span>
            }
            .into_any()
        } else {
            view! { <span class="mon-wall-feed"><PipelineNote /><FeedStatus /></span> }.into_any()
        }
    };
    view! {
        <header class="mon-wall-head">
            <span class="mon-wall-time">{move || time.get()}</span>
            <span class="mon-wall-date">{move || day.get()}</span>
            {feed}
        </header>
    }
    .into_any()
}

fn tile(id: ProductId, board: Memo<Board>) -> AnyView {
    let clock = use_clock();
    let slug = id.0.clone();
    let mark = use_mark(Kind::Product, &slug);
    let row = Memo::new(move |_| board.with(|it| it.product(&id).cloned()));
    let status =
        Memo::new(move |_| row.with(|it| it.as_ref().map_or(Status::Unknown, |it| it.status)));
    let name = Memo::new(move |_| {
        row.with(|it| it.as_ref().map(|it| it.name.clone()).unwrap_or_default())
    });
    let said = Memo::new(move |_| {
        let now = clock.now();
        row.with(|it| it.as_ref().map(|it| fact(it, now)).unwrap_or_default())
    });
    view! {
        <article class="mon-wall-tile" data-product=slug data-status=move || status.get().slug()>
            <StatusIcon status=status size=86 />
            <h2 class="mon-wall-name mon-clip">{move || name.get()}</h2>
            <StatusWord status=status />
            <span class="mon-wall-fact mon-clip">{move || said.get()}</span>
            <SilenceMark mark=mark/>
        </article>
    }
    .into_any()
}

/// That there is no incident is a reading as well, and has its age.
const fn calm_title(is_loaded: bool, is_stale: bool) -> &'static str {
    match (is_loaded, is_stale) {
        (false, _) => "Waiting for readings",
        (true, true) => "Incidents not known",
        (true, false) => "No open incidents",
    }
}

/// Where the incident would stand, when there is none.
fn calm(board: Memo<Board>) -> AnyView {
    let stores = use_stores();
    let clock = use_clock();
    let since = Memo::new(move |_| {
        let all = stores.incidents.all();
        all.iter()
            .filter_map(|it| it.resolution.as_ref().map(|end| end.at))
            .max()
    });
    let words = Memo::new(move |_| match since.get() {
        Some(at) => format!("Last one resolved {}", format::ago(at, clock.now())),
        None => String::new(),
    });
    let counts = Memo::new(move |_| {
        board.with(|it| {
            format!(
                "{} of {} services OK",
                it.checks_in(Status::Ok),
                it.checks.len()
            )
        })
    });
    let stale = is_stale();
    let title = move || calm_title(stores.is_loaded(), stale.get());
    view! {
        <section class="mon-wall-calm">
            <b>{title}</b>
            <span>{move || counts.get()}</span>
            <span class="mon-wall-small">{move || words.get()}</span>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: Status, reason: &str) -> ProductRow {
        ProductRow {
            id: ProductId::from("p"),
            name: "P".to_owned(),
            status,
            reason: reason.to_owned(),
            since: UnixMs(0),
            maintenance_until: None,
            last_known: None,
            checks: 1,
        }
    }

    #[test]
    fn the_worst_page_comes_back_every_other_turn() {
        let ids: Vec<String> = (0..12).map(|it| it.to_string()).collect();
        let first = |turn: i64| page(&ids, UnixMs(turn * PAGE_MS))[0].clone();
        assert_eq!(
            [first(0), first(1), first(2), first(3), first(4)],
            ["0", "5", "0", "10", "0"]
        );
        assert_eq!(page(&ids[..5], UnixMs(99 * PAGE_MS)), ids[..5]);
    }

    #[test]
    fn a_silent_feed_does_not_say_that_nothing_is_open() {
        assert_eq!(calm_title(true, false), "No open incidents");
        assert_eq!(calm_title(true, true), "Incidents not known");
        assert_eq!(calm_title(false, true), "Waiting for readings");
    }

    #[test]
    fn a_degraded_tile_names_the_check() {
        assert_eq!(
            fact(&row(Status::Degraded, "OpenAI: p95 2.61 s"), UnixMs(60_000)),
            "OpenAI"
        );
        assert_eq!(
            fact(&row(Status::Degraded, "slow"), UnixMs(60_000)),
            "for 1 min"
        );
        assert_eq!(fact(&row(Status::Down, ""), UnixMs(420_000)), "for 7 min");
    }
}
