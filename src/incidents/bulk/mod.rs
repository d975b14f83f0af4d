//! One action for many incidents: choosing them ([`selection`]), one note ([`request`]), and what became of each
//! ([`outcome`]).

mod outcome;
mod request;
mod selection;

use leptos::prelude::*;
use watchfloor_wire::bulk::{BulkAnswer, BulkItem, MAX_BULK};
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::Action;
use watchfloor_wire::time::{HOUR_MS, MINUTE_MS};

use self::outcome::{Came, Outcome, came};
use self::request::{BulkDraft, Told, validate};
pub use self::selection::Selection;
use super::actions::on_submit;
use super::policy_of;
use crate::api;
use crate::clock::use_clock;
use crate::sending::{Notice, Sender};
use crate::session::may;
use crate::store::use_stores;
use crate::ui::{Button, ButtonKind, Dialog, Field, Kbd, Segmented, TextArea, format};

/// The spans on offer for many at once, in milliseconds.
const SPANS_MS: [i64; 4] = [30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 8 * HOUR_MS];

/// What stands at the foot of the list while something is chosen, or was just done.
#[component]
pub(super) fn BulkBar(selection: Selection, shown: Memo<Vec<u64>>) -> impl IntoView {
    let stores = use_stores();
    let open = RwSignal::new(false);
    let action = RwSignal::new(Action::Acknowledge);
    // The versions are those that were on the screen when the form was opened.
    let items = RwSignal::new(Vec::<BulkItem>::new());
    let outcome = RwSignal::new(None::<Came>);
    let may = may(Action::Acknowledge);
    let refused = Signal::derive(move || may.get().err().map(|it| it.text().to_owned()));
    let begin = Callback::new(move |wanted: Action| {
        if may.get_untracked().is_ok() && selection.has_any() {
            action.set(wanted);
            items.set(selection.items(stores));
            open.set(true);
        }
    });
    let all = move |()| selection.set(shown.get_untracked());
    view! {
        <div class="mon-bulk" data-shown=move || (selection.len() > 0).then_some("")>
            <b>{move || format!("{} selected", selection.len())}</b>
            <span data-key="A" on:click=move |_| begin.run(Action::Acknowledge)>
                <Button kind=ButtonKind::Primary disabled_reason=refused>
                    "Acknowledge"
                    <Kbd key="⇧ A"/>
                </Button>
            </span>
            <Button disabled_reason=refused on_click=move |()| begin.run(Action::Resolve)>"Resolve"</Button>
            <Button on_click=all>{move || all_words(shown.with(Vec::len))}</Button>
            <Button on_click=move |()| selection.set(Vec::new())>"Clear"</Button>
        </div>
        <Outcome outcome=outcome/>
        {move || {
            let title = match action.get() {
                Action::Acknowledge => "Acknowledge the selected incidents",
                _ => "Resolve the selected incidents",
            };
            view! {
                <Dialog open=open title=title>
                    <BulkForm action=action.get_untracked() items=items selection=selection outcome=outcome open=open/>
                </Dialog>
            }
        }}
    }
}

fn all_words(count: usize) -> String {
    if count > MAX_BULK {
        return format!("Select the first {MAX_BULK} of {count}");
    }
    format!("Select all {count}")
}

fn button_words(action: Action, count: usize) -> String {
    let what = format::count_of(count, "incident", "incidents");
    let verb = if action == Action::Acknowledge {
        "Acknowledge"
    } else {
        "Resolve"
    };
    format!("{verb} {what}")
}

/// For how long all of them are held.
#[component]
fn HoldFor(span_ms: RwSignal<i64>) -> impl IntoView {
    let options = SPANS_MS.map(|it| (it, format::span(it))).to_vec();
    view! {
        <div class="mon-field">
            <span class="mon-label" aria-hidden="true">"Hold for"</span>
            <Segmented legend="Hold for" options=options selected=span_ms kind="choice"/>
            <p class="mon-hint">"A rise of the severity ends it earlier."</p>
        </div>
    }
}

/// Whether the channels are told; nothing where nobody could be. What waits to ask for an answer is withdrawn either way.
#[component]
fn Tell(items: RwSignal<Vec<BulkItem>>, notify: RwSignal<Option<bool>>) -> impl IntoView {
    let stores = use_stores();
    let told = Memo::new(move |_| {
        items.with(|items| {
            Told::count(items.iter().map(|item| {
                let tells = |it: &Incident| policy_of(stores, it).tells(it.priority);
                let id = item.id.0.to_string();
                stores.incidents.with_untracked(&id, tells).flatten()
            }))
        })
    });
    let can = Memo::new(move |_| told.with(|it| it.is_possible()));
    let hint = move || match notify.get() {
        None => told.get().words(),
        Some(true) => "The channels are told that you have them.".to_owned(),
        Some(false) => "The channels are not told, and the timelines say so.".to_owned(),
    };
    move || {
        let options = vec![
            (None, "As their products say".to_owned()),
            (Some(true), "Yes".to_owned()),
            (Some(false), "No".to_owned()),
        ];
        can.get().then(|| view! {
            <div class="mon-field">
                <span class="mon-label" aria-hidden="true">"Tell the channels"</span>
                <Segmented legend="Tell the channels" options=options selected=notify kind="choice"/>
                <p class="mon-hint">{hint}</p>
            </div>
        })
    }
}

/// One note for all of them.
#[component]
fn BulkForm(
    action: Action,
    items: RwSignal<Vec<BulkItem>>,
    selection: Selection,
    outcome: RwSignal<Option<Came>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let clock = use_clock();
    let sender = Sender::new();
    let note = RwSignal::new(String::new());
    let span_ms = RwSignal::new(HOUR_MS);
    let notify = RwSignal::new(None);
    let tried = RwSignal::new(false);
    let request = move || {
        let draft = BulkDraft {
            note: note.get(),
            lease_ms: span_ms.get(),
            notify: notify.get(),
        };
        validate(action, items.get(), &draft)
    };
    let error = Signal::derive(move || {
        let problems = request().err().filter(|_| tried.get())?;
        problems.into_iter().next().map(|it| it.text)
    });
    let send = move || {
        tried.set(true);
        let Ok(request) = untrack(request) else {
            return;
        };
        sender.send(
            async move |key: String| api::act_on_many(&request, &key).await,
            move |answer: BulkAnswer| {
                let it = came(action, &answer, clock.now_untracked());
                selection.set(it.left.iter().map(|it| it.id.0).collect());
                let _ = outcome.try_set(Some(it));
                let _ = open.try_set(false);
            },
        );
    };
    let (submit, on_key) = on_submit(send);
    let locked = sender.is_locked();
    let hold = (action == Action::Acknowledge).then(|| {
        view! {
            <HoldFor span_ms=span_ms/>
            <Tell items=items notify=notify/>
        }
    });
    let words = move || button_words(action, items.with(Vec::len));
    view! {
        <form class="mon-form" novalidate on:submit=submit on:keydown=on_key>
            <Field control="bulk-note" label="Note" aside="required" hint="The same for all of them." error=error>
                <TextArea control="bulk-note" text=note locked=locked error=error/>
            </Field>
            {hold}
            <Notice state=sender.state/>
            <div class="mon-buttons">
                <Button kind=ButtonKind::Primary submit=true busy=locked>
                    {words}
                    <Kbd key="Ctrl ↵"/>
                </Button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_request_takes_is_said_before_it_is_sent() {
        assert_eq!(all_words(12), "Select all 12");
        assert_eq!(all_words(512), "Select the first 200 of 512");
    }
}
