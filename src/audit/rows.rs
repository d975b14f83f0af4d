//! The rows: the newest page, and older ones on request.

use leptos::prelude::*;
use watchfloor_wire::audit::{AuditEntry, AuditPage};

use super::query::Asked;
use super::row::Row;
use crate::api;
use crate::ui::{Button, Empty};

/// The page holds so many rows at most.
const ROWS_MAX: usize = 2_000;

/// What was fetched behind the newest page.
#[derive(Clone, Copy)]
pub(super) struct Older {
    asked: Memo<Asked>,
    entries: RwSignal<Vec<AuditEntry>>,
    /// Where the next page begins; `None` before the first was fetched.
    next: RwSignal<Option<Option<u64>>>,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<String>>,
    /// Counts lists, so that an answer for one of before is not taken.
    list: StoredValue<u64>,
}

impl Older {
    pub(super) fn new(asked: Memo<Asked>) -> Self {
        Self {
            asked,
            entries: RwSignal::new(Vec::new()),
            next: RwSignal::new(None),
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
            list: StoredValue::new(0),
        }
    }

    /// Another list begins.
    pub(super) fn forget(self) {
        self.list.update_value(|it| *it += 1);
        self.entries.set(Vec::new());
        self.next.set(None);
        self.busy.set(false);
        self.failure.set(None);
    }

    fn fetch(self, before: u64) {
        let Ok(query) = self.asked.get_untracked() else {
            return;
        };
        let mine = self.list.get_value();
        self.busy.set(true);
        self.failure.set(None);
        leptos::task::spawn_local(async move {
            let answer = api::audit(&query, Some(before)).await;
            // The page may have been left, or another list begun.
            if self.list.try_get_value() != Some(mine) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(page) => {
                    self.entries.update(|all| all.extend(page.entries));
                    self.next.set(Some(page.next_before));
                }
                Err(error) => self.failure.set(Some(error.words())),
            }
        });
    }
}

/// Rows, newest first.
#[component]
pub(super) fn Rows(page: Memo<Option<AuditPage>>, older: Older) -> impl IntoView {
    let all = Memo::new(move |_| {
        let mut all = page.with(|it| it.as_ref().map(|it| it.entries.clone()).unwrap_or_default());
        older.entries.with(|more| all.extend(more.iter().cloned()));
        all
    });
    let next = Memo::new(move |_| {
        let first = page.with(|it| it.as_ref().and_then(|it| it.next_before));
        older.next.get().unwrap_or(first)
    });
    let none = Memo::new(move |_| all.with(Vec::is_empty));
    let nothing = move || {
        let text = match (
            next.get(),
            page.with(|it| it.as_ref().is_some_and(|it| it.newest == 0)),
        ) {
            (_, true) => "Nobody did anything yet.",
            (Some(_), _) => "None of the newest rows matches; older ones were not looked at.",
            (None, _) => "No row matches this filter.",
        };
        view! { <Empty text=text/> }
    };
    view! {
        {move || none.get().then(nothing)}
        <ol class="mon-audit">
            <For each=move || all.get() key=|it| it.row children=|it| view! { <Row entry=it/> }/>
        </ol>
        <Foot all=all next=next older=older/>
    }
}

#[component]
fn Foot(all: Memo<Vec<AuditEntry>>, next: Memo<Option<u64>>, older: Older) -> impl IntoView {
    let full = Memo::new(move |_| all.with(Vec::len) >= ROWS_MAX);
    let more = move |before: u64| {
        view! {
            <Button busy=older.busy on_click=move |()| older.fetch(before)>"Show older rows"</Button>
        }
    };
    view! {
        <div class="mon-audit-foot">
            {move || match (next.get(), full.get()) {
                (None, _) => ().into_any(),
                (Some(_), true) => {
                    view! { <p class="mon-meta">"This page holds 2,000 rows. Narrow the filter, or take the file."</p> }
                        .into_any()
                }
                (Some(before), false) => more(before).into_any(),
            }}
            <p class="mon-audit-failure" role="status">{move || older.failure.get()}</p>
        </div>
    }
}
