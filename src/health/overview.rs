//! The overview: everything at a glance, worst first.

use leptos::prelude::*;
use watchfloor_wire::id::ProductId;

use super::board::{Board, use_board};
use super::product_card::ProductCard;
use super::services::Services;
use super::trends::{Wanted, trends};
use super::verdict::verdict;
use crate::charts::Window;
use crate::clock::use_clock;
use crate::feed::is_stale;
use crate::incidents::ActiveIncidents;
use crate::order::{Shown, next};
use crate::rank::{Rank, sort_by_rank};
use crate::store::use_stores;
use crate::ui::Segmented;

/// The overview page.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let board = use_board();
    let window = RwSignal::new(Window::Hour);
    let only = RwSignal::new(None::<ProductId>);
    view! {
        <div class="mon-page mon-overview">
            {head(board, window, only)}
            {products(board)}
            <div class="mon-board">
                <Services board=board only=only.into() />
                <ActiveIncidents />
            </div>
            {trends(Wanted { board, window: window.into(), only: only.into() })}
        </div>
    }
    .into_any()
}

fn head(
    board: Memo<Board>,
    window: RwSignal<Window>,
    only: RwSignal<Option<ProductId>>,
) -> AnyView {
    let stores = use_stores();
    let stale = is_stale();
    let title = Memo::new(move |_| board.with(|it| verdict(it, stores.is_loaded(), stale.get())));
    let spans = Window::ALL.map(|it| (it, it.words().to_owned())).to_vec();
    view! {
        <header class="mon-page-head">
            <h1 class="mon-title" tabindex="-1">{move || title.get()}</h1>
            <div class="mon-page-tools">
                {product_choice(only)} <Segmented legend="Time shown by charts" options=spans selected=window />
            </div>
        </header>
    }
    .into_any()
}

fn product_choice(only: RwSignal<Option<ProductId>>) -> AnyView {
    let stores = use_stores();
    let names = Memo::new(move |_| {
        let mut all: Vec<(String, String)> = stores
            .products
            .all()
            .into_iter()
            .map(|it| (it.id.0, it.name))
            .collect();
        sort_by_rank(&mut all, |it| Rank::default().then(&it.1));
        all
    });
    let choose = move |event| {
        let id = event_target_value(&event);
        only.set((!id.is_empty()).then_some(ProductId(id)));
    };
    let chosen = move |id: &str| only.with(|it| it.as_ref().is_some_and(|it| it.0 == id));
    view! {
        <select class="mon-select" aria-label="Products shown" on:change=choose>
            <option value="">"All products"</option>
            {move || {
                names
                    .get()
                    .into_iter()
                    .map(|(id, name)| {
                        let value = id.clone();
                        view! { <option value=value prop:selected=move || chosen(&id)>{name}</option> }
                    })
                    .collect_view()
            }}
        </select>
    }
    .into_any()
}

/// Ids in the order shown, held while the pointer or the focus is inside.
pub(super) fn held_order(wanted: Memo<Vec<String>>, is_held: Signal<bool>) -> Memo<Shown> {
    let clock = use_clock();
    Memo::new(move |shown: Option<&Shown>| next(shown, wanted.get(), clock.now(), is_held.get()))
}

fn products(board: Memo<Board>) -> AnyView {
    let wanted = Memo::new(move |_| {
        board.with(|it| it.products.iter().map(|row| row.id.0.clone()).collect())
    });
    let is_held = RwSignal::new(false);
    let order = held_order(wanted, is_held.into());
    view! {
        <section
            class="mon-products"
            aria-label="Products, worst first"
            on:pointerenter=move |_| is_held.set(true)
            on:pointerleave=move |_| is_held.set(false)
            on:focusin=move |_| is_held.set(true)
            on:focusout=move |_| is_held.set(false)
        >
            <For each=move || order.get().ids key=Clone::clone let(id)>
                <ProductCard id=ProductId(id) board=board />
            </For>
        </section>
    }
    .into_any()
}
