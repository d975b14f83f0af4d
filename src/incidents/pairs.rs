//! What an incident has to do with others, what was learned from it, and its report.

use leptos::ev;
use leptos::prelude::*;
use watchfloor_wire::action::{LinkRequest, MAX_REVIEW_CHARS, MergeRequest, ReviewRequest};
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::permits::Action;
use watchfloor_wire::problem::FieldProblem;

use super::actions::{done_words, is_possible, refusal};
use super::sending::{Body, Sender};
use crate::api;
use crate::route::{Link, Route};
use crate::sending::Notice;
use crate::store::{Stores, use_stores};
use crate::ui::{Button, Field, use_toasts};

/// What the form about another incident stands for: merging with an open one, or a link to any.
///
/// # Errors
/// What is wrong with the number.
fn validate(
    action: Action,
    itself: IncidentId,
    number: &str,
    version: impl Fn(IncidentId) -> Option<u64>,
) -> Result<Body, FieldProblem> {
    let wrong = |text| FieldProblem::new("number", text);
    let id = IncidentId::parse(number.trim())
        .ok_or_else(|| wrong("Enter an incident's number, for example INC-12."))?;
    if id == itself {
        return Err(wrong("Enter another incident; this one is itself."));
    }
    if action == Action::Link {
        return Ok(Body::Link(LinkRequest {
            to: id,
            note: String::new(),
        }));
    }
    let version = version(id).ok_or_else(|| wrong("There is no open incident of this number."))?;
    Ok(Body::Merge(MergeRequest {
        into: id,
        version,
        note: String::new(),
    }))
}

/// The version of an open incident on the board.
fn open_version(stores: Stores, id: IncidentId) -> Option<u64> {
    let key = id.0.to_string();
    let found = stores.incidents.with_untracked(&key, |it: &Incident| {
        (it.status != IncidentStatus::Resolved).then_some(it.version)
    });
    found.flatten()
}

/// Links to what it has to do with, and the form for more; the report.
#[component]
pub(super) fn Others(incident: Signal<Incident>) -> impl IntoView {
    let merged = Memo::new(move |_| {
        incident.with(|it| it.resolution.as_ref().and_then(|end| end.merged_into))
    });
    let links = Memo::new(move |_| incident.with(|it| it.links.clone()));
    let id = incident.with_untracked(|it| it.id);
    let rows = move || {
        let all = links.get().into_iter();
        all.map(|id| view! { <li><Link to=Route::Incident(id)>{id.to_string()}</Link></li> })
            .collect_view()
    };
    let mergeable = is_possible(incident, Action::Merge);
    view! {
        <section class="mon-panel" aria-label="Other incidents">
            <header class="mon-panel-head">
                <h2>"Other incidents"</h2>
                <a class="mon-panel-note" href=api::export_address(id) download="">"Report as Markdown"</a>
            </header>
            {move || merged.get().map(|target| view! {
                <p>"Goes on in " <Link to=Route::Incident(target)>{target.to_string()}</Link> "."</p>
            })}
            <ul class="mon-links">{rows}</ul>
            <OtherForm incident=incident action=Action::Link words="Link"/>
            {move || mergeable.get().then(|| view! {
                <OtherForm incident=incident action=Action::Merge words="Merge into it"/>
            })}
        </section>
    }
}

#[component]
fn OtherForm(incident: Signal<Incident>, action: Action, words: &'static str) -> impl IntoView {
    let stores = use_stores();
    let sender = Sender::new();
    let toasts = use_toasts();
    let number = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let (control, label) = match action {
        Action::Merge => ("other-merge", "Is the same as"),
        _ => ("other-link", "Has to do with"),
    };
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let before = incident.get_untracked();
        let version = |id| open_version(stores, id);
        match number.with_untracked(|it| validate(action, before.id, it, version)) {
            Ok(body) => {
                problem.set(None);
                sender.send(&before, action, body, move || {
                    let _ = number.try_set(String::new());
                    toasts.say(done_words(action));
                });
            }
            Err(it) => problem.set(Some(it.text)),
        }
    };
    let locked = sender.is_locked();
    view! {
        <form class="mon-form mon-other" novalidate on:submit=send>
            <Field control=control label=label error=problem>
                <div class="mon-other-row">
                    <input
                        class="mon-input"
                        id=control
                        type="text"
                        placeholder="INC-…"
                        maxlength="24"
                        autocomplete="off"
                        aria-describedby=format!("{control}-note")
                        aria-invalid=move || problem.get().map(|_| "true")
                        prop:value=move || number.get()
                        prop:readOnly=move || locked.get()
                        on:input=move |event| number.set(event_target_value(&event))
                    />
                    <Button submit=true busy=locked disabled_reason=refusal(incident, action)>{words}</Button>
                </div>
            </Field>
            <Notice state=sender.state/>
        </form>
    }
}

/// Where it is written what was learned; the notes stand in the timeline.
#[component]
pub(super) fn Review(incident: Signal<Incident>) -> impl IntoView {
    let sender = Sender::new();
    let toasts = use_toasts();
    let note = RwSignal::new(String::new());
    let tried = RwSignal::new(false);
    let request = move || ReviewRequest {
        note: note.with(|it| it.trim().to_owned()),
    };
    let error = Signal::derive(move || {
        let problems = request().problems();
        problems
            .into_iter()
            .next()
            .map(|it| it.text)
            .filter(|_| tried.get())
    });
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if error.get_untracked().is_some() {
            return;
        }
        let body = Body::Review(untrack(request));
        let before = incident.get_untracked();
        sender.send(&before, Action::Review, body, move || {
            let _ = note.try_set(String::new());
            let _ = tried.try_set(false);
            toasts.say(done_words(Action::Review));
        });
    };
    let hint = Signal::derive(move || {
        let count = note.with(|it| it.trim().chars().count());
        format!("What happened, why, and what is different now. {count} of {MAX_REVIEW_CHARS}.")
    });
    let locked = sender.is_locked();
    view! {
        <section class="mon-panel" aria-label="What was learned">
            <form class="mon-form" novalidate on:submit=send>
                <Field control="incident-review" label="What was learned" hint=hint error=error>
                    <textarea
                        class="mon-textarea"
                        id="incident-review"
                        rows="5"
                        aria-describedby="incident-review-note"
                        aria-invalid=move || error.get().map(|_| "true")
                        prop:value=move || note.get()
                        prop:readOnly=move || locked.get()
                        on:input=move |event| note.set(event_target_value(&event))
                    ></textarea>
                </Field>
                <Notice state=sender.state/>
                <div class="mon-buttons">
                    <Button submit=true busy=locked disabled_reason=refusal(incident, Action::Review)>
                        "Write it down"
                    </Button>
                </div>
            </form>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_needs_an_open_incident_and_a_link_only_a_number() {
        let itself = IncidentId(1);
        let version = |id: IncidentId| (id.0 == 2).then_some(9);
        for number in ["", "x", "INC-", "1", "INC-1", "3"] {
            let found = validate(Action::Merge, itself, number, version);
            assert!(found.is_err(), "{number}");
        }
        let Ok(Body::Merge(body)) = validate(Action::Merge, itself, " INC-2 ", version) else {
            unreachable!("a merge was expected")
        };
        assert_eq!((body.into, body.version), (IncidentId(2), 9));
        assert!(validate(Action::Link, itself, "3", version).is_ok());
        assert!(validate(Action::Link, itself, "1", version).is_err());
    }
}
