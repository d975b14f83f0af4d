//! Handing an incident over: offering it, taking the offer back, and answering one.

use leptos::ev;
use leptos::prelude::*;
use watchfloor_wire::action::{AssignRequest, NoteRequest, note_problems};
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::Action;

use super::actions::{done_words, refusal};
use super::assignee::Assignee;
use super::sending::{Body, Sender};
use crate::sending::Notice;
use crate::ui::{Button, ButtonKind, Field, TextArea, use_toasts};

/// Why an offer to this account cannot be sent; `None` when it can.
fn problem(account: &str) -> Option<String> {
    account
        .is_empty()
        .then(|| "Choose who is to have it.".to_owned())
}

/// Offers it to somebody, or moves it there: what an owner and what an admin can do.
#[component]
pub(super) fn HandOver(
    incident: Signal<Incident>,
    /// [`Action::HandOver`] or [`Action::Assign`].
    action: Action,
) -> impl IntoView {
    let (title, hint, words) = match action {
        Action::Assign => (
            "Assign",
            "It goes there at once, asked or not.",
            "Assign it",
        ),
        _ => (
            "Hand over",
            "It stays with you until they accept.",
            "Offer it",
        ),
    };
    let sender = Sender::new();
    let toasts = use_toasts();
    let account = RwSignal::new(String::new());
    let note = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let error = Signal::derive(move || {
        let problem = account.with(|it| problem(it));
        problem.filter(|_| tried.get())
    });
    let long = Signal::derive(move || {
        let problems = note.with(|it| note_problems(it, false));
        problems.into_iter().next().map(|it| it.text)
    });
    let blocked = refusal(incident, action);
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if [error, long, blocked]
            .iter()
            .any(|it| it.get_untracked().is_some())
        {
            return;
        }
        let body = Body::To(AssignRequest {
            account: account.get_untracked(),
            note: note.get_untracked().trim().to_owned(),
        });
        let before = incident.get_untracked();
        sender.send(&before, action, body, move || {
            toasts.say(done_words(action));
        });
    };
    let locked = sender.is_locked();
    view! {
        <details class="mon-more">
            <summary>{title}</summary>
            <form class="mon-form" novalidate on:submit=send>
                <Field control="hand-over-to" label="To" hint=hint error=error>
                    <Assignee control="hand-over-to" chosen=account nobody="Choose…" locked=locked/>
                </Field>
                <Field control="hand-over-note" label="Note" aside="optional" error=long>
                    <TextArea control="hand-over-note" text=note locked=locked rows="2" error=long/>
                </Field>
                <Notice state=sender.state/>
                <div class="mon-buttons">
                    <Button submit=true busy=locked disabled_reason=blocked>{words}</Button>
                </div>
            </form>
        </details>
    }
}

/// Takes the offer back.
#[component]
pub(super) fn Withdraw(incident: Signal<Incident>) -> impl IntoView {
    view! { <Plain incident=incident action=Action::Withdraw words="Take the offer back"/> }
}

/// Takes what was offered, or leaves it with its owner.
#[component]
pub(super) fn Answer(incident: Signal<Incident>) -> impl IntoView {
    view! {
        <div class="mon-buttons">
            <Plain
                incident=incident
                action=Action::Accept
                words="Accept"
                kind=ButtonKind::Primary
            />
            <Plain incident=incident action=Action::Decline words="Decline"/>
        </div>
    }
}

/// A button that does something without further questions.
#[component]
pub(super) fn Plain(
    incident: Signal<Incident>,
    action: Action,
    words: &'static str,
    #[prop(optional)] kind: ButtonKind,
) -> impl IntoView {
    let sender = Sender::new();
    let toasts = use_toasts();
    let press = move |()| {
        let body = Body::Note(NoteRequest {
            note: String::new(),
        });
        let before = incident.get_untracked();
        sender.send(&before, action, body, move || {
            toasts.say(done_words(action));
        });
    };
    view! {
        <Notice state=sender.state/>
        <Button
            kind=kind
            busy=sender.is_locked()
            disabled_reason=refusal(incident, action)
            on_click=press
        >
            {words}
        </Button>
    }
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn an_offer_names_somebody() {
        assert!(problem("").is_some());
        assert_eq!(problem("omar"), None);
    }
}
