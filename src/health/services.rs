//! The services of all products, or of one, worst first.

use leptos::prelude::*;
use watchfloor_wire::id::{CheckId, ProductId, SeriesId};
use watchfloor_wire::status::Status;
use watchfloor_wire::time::MINUTE_MS;

use super::board::{Board, CheckRow};
use super::overview::held_order;
use super::service_tile::{ServiceTile, TileContext};
use crate::charts::track::Span;
use crate::charts::{Window, use_history};
use crate::clock::use_clock;
use crate::rank::{Rank, sort_by_rank};
use crate::store::use_stores;
use crate::ui::format::count_of;
use crate::ui::{Button, ButtonKind, Portion, Region, RegionState, ShowMore, StatusIcon};

/// So many tiles stand at first; healthy ones beyond it are summed up in the last place.
const TILES_AT_FIRST: usize = 12;
/// So many dots stand for the healthy ones that are summed up.
const DOTS_MAX: usize = 24;
/// Points of a sparkline.
const SPARK_POINTS: u32 = 60;

/// Which of the checks, worst first, get a tile, when not all are shown: everything that is not well, and healthy
/// ones as long as there is room. `None` when all have room.
fn folded_at(rows: &[&CheckRow]) -> Option<usize> {
    if rows.len() <= TILES_AT_FIRST {
        return None;
    }
    let unwell = rows.iter().filter(|it| it.status != Status::Ok).count();
    let shown = unwell.max(TILES_AT_FIRST - 1);
    (rows.len() > shown + 1).then_some(shown)
}

/// Tiles of services.
#[component]
pub(super) fn Services(
    /// How everything is.
    board: Memo<Board>,
    /// Only this product's; `None` for all.
    only: Signal<Option<ProductId>>,
    /// Whether tiles leave out their product's name.
    #[prop(optional)]
    hides_product: bool,
) -> impl IntoView {
    let stores = use_stores();
    let show_all = RwSignal::new(false);
    let rows = Memo::new(move |_| {
        let only = only.get();
        let is_wanted = |it: &&CheckRow| only.as_ref().is_none_or(|id| it.product == *id);
        board.with(|it| {
            it.checks
                .iter()
                .filter(is_wanted)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let fold = Memo::new(move |_| rows.with(|all| folded_at(&all.iter().collect::<Vec<_>>())));
    let aside = Signal::derive(move || format!("{}, worst first", rows.with(Vec::len)));
    let state = Signal::derive(move || {
        if stores.is_loaded() {
            RegionState::Ready
        } else {
            RegionState::Loading
        }
    });
    view! {
        <Region title="Services" aside=aside state=state end=move || legend(rows)>
            {tiles(rows, fold, show_all, hides_product)}
        </Region>
    }
    .into_any()
}

fn legend(rows: Memo<Vec<CheckRow>>) -> AnyView {
    let item = move |status: Status| {
        let count = Memo::new(move |_| {
            rows.with(|all| all.iter().filter(|it| it.status == status).count())
        });
        move || {
            (count.get() > 0).then(|| {
                view! {
                    <span class="mon-legend-item" data-status=status.slug()>
                        <StatusIcon status=status size=11 />
                        <b>{count.get()}</b>
                        {status.word()}
                    </span>
                }
            })
        }
    };
    view! { <span class="mon-legend">{Status::WORST_FIRST.map(item).into_iter().collect_view()}</span> }.into_any()
}

fn tiles(
    rows: Memo<Vec<CheckRow>>,
    fold: Memo<Option<usize>>,
    show_all: RwSignal<bool>,
    hides_product: bool,
) -> AnyView {
    let context = tile_context(rows, hides_product);
    let wanted = Memo::new(move |_| {
        let shown = if show_all.get() { None } else { fold.get() };
        rows.with(|all| {
            all.iter()
                .take(shown.unwrap_or(usize::MAX))
                .map(|it| it.id.0.clone())
                .collect()
        })
    });
    let is_held = RwSignal::new(false);
    let order = held_order(wanted, is_held.into());
    let is_empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let ids = Memo::new(move |_| order.with(|it| it.ids.clone()));
    let portion = Portion::of(ids, Signal::stored(String::new()), TILES_AT_FIRST);
    view! {
        <div
            class="mon-tiles"
            on:pointerenter=move |_| is_held.set(true)
            on:pointerleave=move |_| is_held.set(false)
            on:focusin=move |_| is_held.set(true)
            on:focusout=move |_| is_held.set(false)
        >
            <For each=move || portion.rows.get() key=Clone::clone let(id)>
                <ServiceTile id=CheckId(id) context=context />
            </For>
            {move || fold.get().map(|shown| more(rows, shown, show_all))}
        </div>
        <ShowMore portion=portion/>
        {move || is_empty.get().then(|| view! {
            <p class="mon-empty">"No services yet. Add a check to the product's configuration."</p>
        })}
    }
    .into_any()
}

/// The last place: how many healthy ones are not drawn, or the way back.
fn more(rows: Memo<Vec<CheckRow>>, shown: usize, show_all: RwSignal<bool>) -> AnyView {
    let total = rows.with(Vec::len);
    let hidden = total.saturating_sub(shown);
    let toggle = Callback::new(move |()| show_all.update(|it| *it = !*it));
    let words = move || {
        if show_all.get() {
            "Show fewer".to_owned()
        } else {
            format!("Show all {total}")
        }
    };
    let said = move || {
        if show_all.get() {
            "All services are shown".to_owned()
        } else {
            format!(
                "{}, all OK",
                count_of(hidden, "more service", "more services")
            )
        }
    };
    let dots = (0..hidden.min(DOTS_MAX))
        .map(|_| view! { <StatusIcon status=Status::Ok size=11 /> })
        .collect_view();
    view! {
        <div class="mon-tiles-more">
            <span class="mon-tiles-more-dots" aria-hidden="true">{dots}</span>
            <span>{said}</span>
            <Button kind=ButtonKind::Quiet on_click=toggle>{words}</Button>
        </div>
    }
    .into_any()
}

fn tile_context(rows: Memo<Vec<CheckRow>>, hides_product: bool) -> TileContext {
    let clock = use_clock();
    let checks = use_stores().checks;
    let ids = Memo::new(move |_| {
        let mut ids: Vec<SeriesId> = rows.with(|all| {
            all.iter()
                .filter_map(|it| checks.with_untracked(&it.id.0, |check| check.series.clone())?)
                .collect()
        });
        // The order of tiles changes; what is asked for does not.
        sort_by_rank(&mut ids, |it| Rank::default().then(it.as_str()));
        ids
    });
    // Sparklines move once a minute; their dot moves with each value.
    let span = Memo::new(move |_| {
        let to =
            watchfloor_wire::time::UnixMs((clock.now().0.div_euclid(MINUTE_MS) + 1) * MINUTE_MS);
        Span {
            from: to.plus_ms(-Window::Hour.span_ms()),
            to,
        }
    });
    let history = use_history(ids.into(), Signal::stored(Window::Hour), SPARK_POINTS);
    TileContext {
        history,
        span,
        hides_product,
    }
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::time::UnixMs;

    use super::*;

    fn rows(unwell: usize, well: usize) -> Vec<CheckRow> {
        let row = |status| CheckRow {
            id: CheckId::from("p.c"),
            product: ProductId::from("p"),
            status,
            since: UnixMs(0),
        };
        let mut all = vec![row(Status::Down); unwell];
        all.extend(vec![row(Status::Ok); well]);
        all
    }

    fn fold(unwell: usize, well: usize) -> Option<usize> {
        let all = rows(unwell, well);
        folded_at(&all.iter().collect::<Vec<_>>())
    }

    #[test]
    fn twelve_have_room_and_more_are_summed_up() {
        assert_eq!(fold(6, 6), None);
        assert_eq!(fold(6, 15), Some(11));
    }

    #[test]
    fn nothing_unwell_is_ever_hidden() {
        assert_eq!(fold(30, 10), Some(30));
        assert_eq!(fold(30, 1), None);
        assert_eq!(fold(30, 0), None);
    }
}
