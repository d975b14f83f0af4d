//! All incidents: open ones first, then what ended, then older ones on request.

use leptos::prelude::*;
use watchfloor_wire::incident::{Incident, IncidentStatus};

use super::due::sort;
use super::row::IncidentRow;
use crate::alerts::AlertList;
use crate::api::{self, ApiError};
use crate::store::{Stores, use_stores};
use crate::ui::{Button, Empty, Region, RegionState};

/// The page of all incidents.
#[component]
pub fn IncidentsPage() -> impl IntoView {
    let stores = use_stores();
    let state = Signal::derive(move || {
        if stores.loaded.get() {
            RegionState::Ready
        } else {
            RegionState::Loading
        }
    });
    let open = ids(stores, |it| it.status != IncidentStatus::Resolved);
    let over = ids(stores, |it| it.status == IncidentStatus::Resolved);
    view! {
        <div class="mon-page">
            <div class="mon-page-head">
                <h1 class="mon-title">"Incidents"</h1>
            </div>
            <Region title="Open" aside=counted(open) state=state>
                <IncidentList ids=open nothing="No open incidents."/>
            </Region>
            <Region title="Firing alerts" state=state>
                <AlertList/>
            </Region>
            <Region title="Resolved in the last day" aside=counted(over) state=state>
                <IncidentList ids=over nothing="None was resolved in the last day."/>
            </Region>
            <Older/>
        </div>
    }
}

fn counted(ids: Memo<Vec<String>>) -> Signal<String> {
    Signal::derive(move || ids.with(|ids| ids.len().to_string()))
}

fn ids(
    stores: Stores,
    wanted: impl Fn(&Incident) -> bool + Send + Sync + 'static,
) -> Memo<Vec<String>> {
    Memo::new(move |_| {
        let mut all = stores.incidents.all();
        all.retain(&wanted);
        sort(&mut all);
        all.iter().map(|it| it.id.0.to_string()).collect()
    })
}

#[component]
fn IncidentList(ids: Memo<Vec<String>>, nothing: &'static str) -> impl IntoView {
    let stores = use_stores();
    let none = Memo::new(move |_| ids.with(Vec::is_empty));
    view! {
        <div class="mon-incidents mon-incident-list">
            {move || none.get().then(|| view! { <Empty text=nothing/> })}
            <ul>
                <For
                    each=move || ids.get()
                    key=Clone::clone
                    children=move |id| {
                        stores
                            .incidents
                            .get(&id)
                            .map(|incident| view! { <IncidentRow incident=incident/> })
                    }
                />
            </ul>
        </div>
    }
}

/// What has been fetched of older times.
#[derive(Clone, Default)]
struct Older {
    incidents: Vec<Incident>,
    next_before: Option<u64>,
    asked: bool,
    busy: bool,
    error: Option<ApiError>,
}

/// Incidents that have left the snapshot, a page at a time.
#[component]
fn Older() -> impl IntoView {
    let stores = use_stores();
    let older = RwSignal::new(Older::default());
    let load = move |()| {
        let before = older.with_untracked(|it| it.next_before);
        older.update(|it| it.busy = true);
        leptos::task::spawn_local(async move {
            let answer = api::incidents(before).await;
            let _ = older.try_update(|it| {
                it.busy = false;
                match answer {
                    Ok(page) => {
                        it.asked = true;
                        it.error = None;
                        it.next_before = page.next_before;
                        it.incidents.extend(page.incidents);
                    }
                    Err(error) => it.error = Some(error),
                }
            });
        });
    };
    // What the snapshot has is listed above already.
    let rows = move || {
        let known = stores.incidents.ids().get();
        older.with(|it| {
            it.incidents
                .iter()
                .filter(|it| !known.contains(&it.id.0.to_string()))
                .cloned()
                .map(|it| view! { <IncidentRow incident=Signal::stored(it)/> })
                .collect_view()
        })
    };
    let ended = move || older.with(|it| it.asked && it.next_before.is_none());
    let words = move || older.with(|it| it.error.as_ref().map(ApiError::words));
    let busy = Signal::derive(move || older.with(|it| it.busy));
    view! {
        <section class="mon-section" aria-label="Older">
            <div class="mon-incident-list">
                <ul class="mon-incidents" hidden=move || older.with(|it| it.incidents.is_empty())>
                    {rows}
                </ul>
            </div>
            <p class="mon-error" role="alert">{words}</p>
            {move || {
                if ended() {
                    view! { <p class="mon-meta">"These are all incidents."</p> }.into_any()
                } else {
                    view! { <Button busy=busy on_click=load>"Show older"</Button> }.into_any()
                }
            }}
        </section>
    }
}
