//! All incidents: open ones first, then what ended, then older ones on request.

use leptos::prelude::*;
use watchfloor_wire::incident::{Incident, IncidentStatus};

use super::bulk::{BulkBar, Selection};
use super::due::rank;
use super::filter::shows;
use super::filters::Filters;
use super::opening::OpenIncident;
use super::row::IncidentRow;
use crate::alerts::AlertList;
use crate::api;
use crate::clock::use_clock;
use crate::order::{self, Shown};
use crate::route::{IncidentFilter, Link, Route, use_route};
use crate::session::use_session;
use crate::store::use_stores;
use crate::ui::{Empty, Page, Portion, Region, RegionState, ShowMore, older};

/// The page of all incidents.
#[component]
pub fn IncidentsPage() -> impl IntoView {
    let stores = use_stores();
    let state = Signal::derive(move || {
        if stores.is_loaded() {
            RegionState::Ready
        } else {
            RegionState::Loading
        }
    });
    let route = use_route();
    let filter = Memo::new(move |_| match route.get() {
        Route::Incidents(filter) => filter,
        _ => IncidentFilter::default(),
    });
    let held = RwSignal::new(false);
    let selection = Selection::new();
    let open = ids(filter, held, |it| it.status != IncidentStatus::Resolved);
    let over = ids(filter, held, |it| it.status == IncidentStatus::Resolved);
    let shown = Memo::new(move |_| {
        let numbers = |all: &Vec<String>| all.iter().filter_map(|it| it.parse().ok()).collect();
        open.with(numbers)
    });
    view! {
        <div class="mon-page">
            <div class="mon-page-head">
                <h1 class="mon-title">"Incidents"</h1>
                <div class="mon-page-tools"><OpenIncident/></div>
            </div>
            <Filters filter=filter/>
            <div
                on:pointerenter=move |_| held.set(true)
                on:pointerleave=move |_| held.set(false)
                on:focusin=move |_| held.set(true)
                on:focusout=move |_| held.set(false)
            >
                <Region title="Open" aside=counted(open) state=state>
                    <IncidentList ids=open filter=filter nothing="No open incidents." selection=selection/>
                </Region>
                <BulkBar selection=selection shown=shown/>
            </div>
            <Region title="Firing alerts" state=state>
                <AlertList/>
            </Region>
            <Region title="Resolved in the last day" aside=counted(over) state=state>
                <IncidentList ids=over filter=filter nothing="None was resolved in the last day."/>
            </Region>
            <Older/>
        </div>
    }
}

fn counted(ids: Memo<Vec<String>>) -> Signal<String> {
    Signal::derive(move || ids.with(|ids| ids.len().to_string()))
}

/// The ids of what the filter shows. While the pointer or the focus is in the list nothing changes its place, and
/// what is new joins at the end.
fn ids(
    filter: Memo<IncidentFilter>,
    held: RwSignal<bool>,
    wanted: impl Fn(&Incident) -> bool + Send + Sync + 'static,
) -> Memo<Vec<String>> {
    let (stores, clock, session) = (use_stores(), use_clock(), use_session());
    let found = Memo::new(move |_| {
        let me = session.with(|it| it.as_ref().map(|it| it.account.clone()));
        let names = stores.product_names();
        filter.with(|filter| {
            stores.incidents.ranked(|it| {
                let id = &it.product.0;
                let product = names.get(id).unwrap_or(id);
                let is_shown = wanted(it) && shows(filter, it, me.as_deref(), product);
                is_shown.then(|| rank(it))
            })
        })
    });
    let order = Memo::new(move |before: Option<&(IncidentFilter, Shown)>| {
        let filter = filter.get();
        // Another filter is another list: its order is not kept.
        let before = before.filter(|(old, _)| *old == filter).map(|(_, it)| it);
        let next = order::next(before, found.get(), clock.now(), held.get());
        (filter, next)
    });
    Memo::new(move |_| order.with(|(_, shown)| shown.ids.clone()))
}

#[component]
fn IncidentList(
    ids: Memo<Vec<String>>,
    filter: Memo<IncidentFilter>,
    nothing: &'static str,
    #[prop(optional, into)] selection: Option<Selection>,
) -> impl IntoView {
    let list = Signal::derive(move || Route::Incidents(filter.get()).path());
    let portion = Portion::of(ids, list, 0);
    let none = Memo::new(move |_| ids.with(Vec::is_empty));
    let is_filtered = move || filter.with(|it| *it != IncidentFilter::default());
    let empty = move || {
        if is_filtered() {
            return view! {
                <Empty text="No incident matches the filter.">
                    <Link to=Route::all_incidents()>"Clear the filter"</Link>
                </Empty>
            }
            .into_any();
        }
        view! { <Empty text=nothing/> }.into_any()
    };
    view! {
        <div class="mon-incidents mon-incident-list">
            {move || none.get().then(empty)}
            {move || {
                // Another list is another element: taking a hundred rows out of one takes as long as making ten.
                list.track();
                rows(portion, selection)
            }}
        </div>
        <ShowMore portion=portion/>
    }
}

fn rows(portion: Portion, selection: Option<Selection>) -> AnyView {
    let stores = use_stores();
    let row = move |id: String| {
        stores.incidents.get(&id).map(|incident| match selection {
            Some(selection) => {
                view! { <IncidentRow incident=incident selection=selection/> }.into_any()
            }
            None => view! { <IncidentRow incident=incident/> }.into_any(),
        })
    };
    view! {
        <ul>
            <For each=move || portion.rows.get() key=Clone::clone children=row/>
        </ul>
    }
    .into_any()
}

/// Incidents that have left the snapshot, a page at a time.
#[component]
fn Older() -> impl IntoView {
    let stores = use_stores();
    let fetch = async |before| {
        let page = api::incidents(before).await;
        page.map_err(|error| error.words()).map(|it| Page {
            rows: it.incidents,
            next_before: it.next_before,
        })
    };
    // What the snapshot has is listed above already.
    let rows = move |all: &[Incident]| {
        let known = stores.incidents.ids();
        let unknown = all
            .iter()
            .filter(|it| !known.contains(&it.id.0.to_string()));
        let rows = unknown
            .cloned()
            .map(|it| view! { <IncidentRow incident=Signal::stored(it)/> })
            .collect_view();
        view! {
            <div class="mon-incident-list">
                <ul class="mon-incidents" hidden=all.is_empty()>{rows}</ul>
            </div>
        }
        .into_any()
    };
    older(fetch, rows, "These are all incidents.")
}
