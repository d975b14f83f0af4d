//! Forms with a note: comment, release, escalate, resolve.

use leptos::ev;
use leptos::prelude::*;
use watchfloor_wire::action::{NoteRequest, note_problems};
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::{Action, permits};

use super::hand_over::Plain;
use super::sending::{Body, Sender};
use crate::sending::Notice;
use crate::session::may;
use crate::ui::{Button, ButtonKind, Field, use_toasts};

/// Why the action cannot be taken now; `None` when it can.
pub(super) fn refusal(incident: Signal<Incident>, action: Action) -> Signal<Option<String>> {
    let may = may(action);
    Signal::derive(move || {
        let by_status = incident.with(|it| permits(it.status, action));
        let refusal = may.get().and(by_status).err();
        refusal.map(|it| it.text().to_owned())
    })
}

/// Whether the action would do something to an incident of this status, whoever asks.
pub(super) fn is_possible(incident: Signal<Incident>, action: Action) -> Memo<bool> {
    Memo::new(move |_| incident.with(|it| permits(it.status, action).is_ok()))
}

/// Whether the keys send the form from inside a field.
fn sends(event: &ev::KeyboardEvent) -> bool {
    event.key() == "Enter" && (event.ctrl_key() || event.meta_key())
}

/// What a form does when it is submitted, and when Ctrl and Enter are pressed in one of its fields: the same.
pub(super) fn on_submit(
    send: impl Fn() + Copy + 'static,
) -> (
    impl Fn(ev::SubmitEvent) + Copy + 'static,
    impl Fn(ev::KeyboardEvent) + Copy + 'static,
) {
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if sends(&event) {
            event.prevent_default();
            send();
        }
    };
    (submit, on_key)
}

/// A note and a button. Only comments and ends need the note.
#[component]
pub(super) fn NoteForm(
    incident: Signal<Incident>,
    action: Action,
    /// The id of the field, unique on the page.
    control: &'static str,
    label: &'static str,
    #[prop(optional)] placeholder: &'static str,
    button: &'static str,
    #[prop(optional)] kind: ButtonKind,
    /// Runs when it was carried out.
    #[prop(optional, into)]
    on_done: Option<Callback<()>>,
) -> impl IntoView {
    let required = matches!(action, Action::Comment | Action::Resolve);
    let note = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let sender = Sender::new();
    let toasts = use_toasts();
    let problem = Signal::derive(move || {
        let problems = note.with(|it| note_problems(it, required));
        let first = tried.get().then(|| problems.into_iter().next()).flatten();
        first.map(|it| it.text)
    });
    let send = move || {
        tried.set(true);
        if problem.get_untracked().is_some() {
            return;
        }
        let body = Body::Note(NoteRequest {
            note: note.get_untracked().trim().to_owned(),
        });
        let before = incident.get_untracked();
        sender.send(&before, action, body, move || {
            let _ = note.try_set(String::new());
            let _ = tried.try_set(false);
            toasts.say(done_words(action));
            if let Some(on_done) = on_done {
                let _ = on_done.try_run(());
            }
        });
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if sends(&event) {
            event.prevent_default();
            send();
        }
    };
    let locked = sender.is_locked();
    view! {
        <form class="mon-form" novalidate on:submit=submit on:keydown=on_key>
            <NoteText control=control label=label placeholder=placeholder required=required note=note problem=problem locked=locked/>
            <Notice state=sender.state/>
            <div class="mon-buttons">
                <Button kind=kind submit=true busy=locked disabled_reason=refusal(incident, action)>
                    {button}
                </Button>
            </div>
        </form>
    }
}

/// The field of a note.
#[component]
fn NoteText(
    control: &'static str,
    label: &'static str,
    placeholder: &'static str,
    required: bool,
    note: RwSignal<String>,
    problem: Signal<Option<String>>,
    locked: Signal<bool>,
) -> impl IntoView {
    let aside = if required { "required" } else { "optional" };
    view! {
        <Field control=control label=label aside=aside error=problem>
            <textarea
                class="mon-textarea"
                id=control
                rows="2"
                placeholder=placeholder
                aria-describedby=format!("{control}-note")
                aria-invalid=move || problem.get().map(|_| "true")
                prop:value=move || note.get()
                prop:readOnly=move || locked.get()
                on:input=move |event| note.set(event_target_value(&event))
            ></textarea>
        </Field>
    }
}

/// What is said when an action was carried out.
pub(super) const fn done_words(action: Action) -> &'static str {
    match action {
        Action::Acknowledge => "Acknowledged.",
        Action::Undo => "Undone. It waits for an owner as before.",
        Action::Renew => "Held for longer.",
        Action::Release => "Released. It waits for an owner again.",
        Action::HandOver => "Offered. It stays with you until they accept.",
        Action::Accept => "Accepted. You have it now.",
        Action::Decline => "Declined. It stays where it is.",
        Action::Withdraw => "Taken back. You keep it.",
        Action::Comment => "Comment added.",
        Action::Assign => "Assigned.",
        Action::Escalate => "Escalated.",
        Action::Resolve => "Resolved.",
        Action::Merge => "Merged.",
        Action::Link => "Linked.",
        Action::Review => "Written down.",
    }
}

/// Gives the incident back without further questions.
#[component]
pub(super) fn ReleaseButton(incident: Signal<Incident>) -> impl IntoView {
    view! { <Plain incident=incident action=Action::Release words="Release"/> }
}
