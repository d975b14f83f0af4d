//! The page of silences: what is muted now and will be, the form for another one, and what was.

use leptos::prelude::*;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::silence::{Silence, SilenceState};

use super::form::SilenceForm;
use super::list::SilenceRow;
use crate::api;
use crate::clock::use_clock;
use crate::rank::{Rank, sort_by_rank};
use crate::route::{Link, Route};
use crate::store::use_stores;
use crate::ui::{Empty, Page, Region, RegionState, older};

/// The page of silences and maintenance windows.
#[component]
pub fn SilencesPage(
    /// The incident that the form begins with.
    about: Option<IncidentId>,
) -> impl IntoView {
    let stores = use_stores();
    let state = Signal::derive(move || {
        if stores.is_loaded() {
            RegionState::Ready
        } else {
            RegionState::Loading
        }
    });
    let active = in_state(SilenceState::Active);
    let pending = in_state(SilenceState::Pending);
    let ended = in_state(SilenceState::Ended);
    view! {
        <div class="mon-page">
            <div class="mon-page-head">
                <h1 class="mon-title">"Silences"</h1>
                <span class="mon-meta">"Times in UTC. Nothing is hidden by a silence: people are only not told."</span>
            </div>
            <Region title="Active" aside=counted(active) state=state>
                <Rows ids=active nothing="Nothing is muted now."/>
            </Region>
            <Region title=title(about) class="mon-panel" state=state end=move || back(about)>
                {move || view! { <SilenceForm about=known(about)/> }}
            </Region>
            <Region title="Coming" aside=counted(pending) state=state>
                <Rows ids=pending nothing="None is planned."/>
            </Region>
            <Region title="Ended in the last day" aside=counted(ended) state=state>
                <Rows ids=ended nothing="None ended in the last day."/>
            </Region>
            <Older/>
        </div>
    }
}

fn title(about: Option<IncidentId>) -> String {
    about.map_or_else(
        || "Silence something".to_owned(),
        |id| format!("Silence what {id} is about"),
    )
}

fn back(about: Option<IncidentId>) -> AnyView {
    about
        .map(|id| view! { <Link to=Route::Incident(id)>{format!("Back to {id}")}</Link> })
        .into_any()
}

/// The incident as it is known when the form is made; the form owns what is typed from then on.
fn known(about: Option<IncidentId>) -> Option<Incident> {
    let id = about?.0.to_string();
    use_stores().incidents.with_untracked(&id, Clone::clone)
}

fn counted(ids: Memo<Vec<String>>) -> Signal<String> {
    Signal::derive(move || ids.with(|ids| ids.len().to_string()))
}

/// The silences that stand so now: those that change next come first, and what ended last.
fn in_state(state: SilenceState) -> Memo<Vec<String>> {
    let (stores, clock) = (use_stores(), use_clock());
    Memo::new(move |_| {
        let now = clock.now();
        let mut all = stores.silences.all();
        all.retain(|it| it.state_at(now) == state);
        sort_by_rank(&mut all, |it| place(it, state));
        all.into_iter().map(|it| it.id.0.to_string()).collect()
    })
}

fn place(it: &Silence, state: SilenceState) -> Rank {
    let first = match state {
        SilenceState::Active => it.expires_at.0,
        SilenceState::Pending => it.starts_at.0,
        SilenceState::Ended => -it.ended_at.unwrap_or(it.expires_at).0,
    };
    Rank::of([first, i64::try_from(it.id.0).unwrap_or(i64::MAX)])
}

#[component]
fn Rows(ids: Memo<Vec<String>>, nothing: &'static str) -> impl IntoView {
    let stores = use_stores();
    let none = Memo::new(move |_| ids.with(Vec::is_empty));
    view! {
        <div class="mon-silences">
            {move || none.get().then(|| view! { <Empty text=nothing/> })}
            <ul>
                <For
                    each=move || ids.get()
                    key=Clone::clone
                    children=move |id| {
                        stores.silences.get(&id).map(|it| view! { <SilenceRow silence=it/> })
                    }
                />
            </ul>
        </div>
    }
}

/// Silences that have left the snapshot, a page at a time.
#[component]
fn Older() -> impl IntoView {
    let stores = use_stores();
    let fetch = async |before| {
        let page = api::silences(before).await;
        page.map_err(|error| error.words()).map(|it| Page {
            rows: it.silences,
            next_before: it.next_before,
        })
    };
    // What the snapshot has is listed above already.
    let rows = move |all: &[Silence]| {
        let known = stores.silences.ids();
        let unknown = all
            .iter()
            .filter(|it| !known.contains(&it.id.0.to_string()));
        let rows = unknown
            .cloned()
            .map(|it| view! { <SilenceRow silence=Signal::stored(it)/> })
            .collect_view();
        view! {
            <div class="mon-silences">
                <ul>{rows}</ul>
            </div>
        }
        .into_any()
    };
    older(fetch, rows, "These are all silences.")
}
