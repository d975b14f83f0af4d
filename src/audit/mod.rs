//! Who did what, from what to what, and how far that is proved.

mod filters;
mod proof;
mod query;
mod row;
mod rows;

use leptos::prelude::*;
use watchfloor_wire::audit::AuditPage as Page;

use self::filters::Filters;
use self::proof::Proof;
use self::query::{export_address, query};
use self::rows::{Older, Rows};
use crate::api;
use crate::clock::use_clock;
use crate::remote::{Remote, fetched};
use crate::route::{AuditFilter, Route, use_route};
use crate::ui::{Age, Button, Region, RegionState};

/// After this long it is said that there may be newer rows, in milliseconds.
const LATE_AFTER_MS: i64 = 60_000;

/// The page of the audit.
#[component]
pub fn AuditPage() -> impl IntoView {
    let route = use_route();
    let filter = Memo::new(move |_| match route.get() {
        Route::Audit(filter) => filter,
        _ => AuditFilter::default(),
    });
    let asked = Memo::new(move |_| filter.with(query));
    let (newest, look) = fetched(
        move || asked.get(),
        |asked| async move {
            // What is wrong is said beside its field; until it is put right there is nothing to ask.
            match asked {
                Ok(query) => api::audit(&query, None).await.map(Some),
                Err(_) => Ok(None),
            }
        },
    );
    let problem = Signal::derive(move || asked.with(|it| it.clone().err()));
    let older = Older::new(asked);
    Effect::new(move |_| {
        // Another first page is another list: what was fetched after the one before does not join it.
        newest.track();
        older.forget();
    });
    view! {
        <div class="mon-page">
            <h1 class="mon-title">"Audit"</h1>
            <Filters filter=filter problem=problem/>
            <Found newest=newest look=look asked=asked older=older/>
        </div>
    }
}

#[component]
fn Found(
    newest: Signal<Remote<Option<Page>>>,
    look: Callback<()>,
    asked: Memo<query::Asked>,
    older: Older,
) -> impl IntoView {
    let state = Signal::derive(move || match newest.with(Remote::region) {
        // A filter of before says nothing about the rows of this one.
        RegionState::Ready if newest.with(|it| it.value().is_some_and(Option::is_none)) => {
            RegionState::NoPermission {
                words: "Put the filter right to see rows.".to_owned(),
            }
        }
        state => state,
    });
    let page = Memo::new(move |_| newest.with(|it| it.value().cloned().flatten()));
    // The proof is of all rows, whatever the filter: it stays where it is while that is put right.
    let proof = Memo::new(move |before: Option<&Option<_>>| {
        let found = page.with(|it| it.as_ref().map(|it| (it.proof.clone(), it.newest)));
        found.or_else(|| before.cloned().flatten())
    });
    let end = move || view! { <Tools newest=newest look=look asked=asked/> };
    view! {
        {move || proof.get().map(|(proof, newest)| view! { <Proof proof=proof newest=newest/> })}
        <Region title="Rows" aside="newest first, times in UTC" state=state on_retry=look end=end>
            <Rows page=page older=older/>
        </Region>
    }
}

/// How old the rows are, looking again, and files of the rows that are meant.
#[component]
fn Tools(
    newest: Signal<Remote<Option<Page>>>,
    look: Callback<()>,
    asked: Memo<query::Asked>,
) -> impl IntoView {
    let clock = use_clock();
    let as_of = Memo::new(move |_| {
        newest.with(|it| match it {
            Remote::Ready { as_of, .. } => Some(*as_of),
            _ => None,
        })
    });
    let late = move |at| Signal::derive(move || clock.now().since_ms(at) > LATE_AFTER_MS);
    // Where there are no rows to be had there is no file of them either.
    let is_refused = Memo::new(move |_| {
        newest.with(|it| matches!(it.region(), RegionState::NoPermission { .. }))
    });
    let file = move |format: &'static str, words: &'static str| {
        let address = move || {
            let asked = asked.with(|it| it.as_ref().ok().map(|it| export_address(it, format)));
            asked.filter(|_| !is_refused.get())
        };
        view! { <a class="mon-audit-file" href=address download="">{words}</a> }
    };
    view! {
        {move || as_of.get().map(|at| view! {
            <span class="mon-audit-as-of">"Looked "<Age at=at late=late(at)/></span>
        })}
        <Button on_click=look>"Look again"</Button>
        {file("csv", "CSV")}
        {file("ndjson", "NDJSON")}
    }
}
