//! Taking somebody's place: in which rotation, who, from when, until when.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use watchfloor_wire::on_call::OnCallBoard;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::time::UnixMs;

use super::draft::{Draft, validate};
use super::now::when;
use super::sender::{Order, Sender};
use crate::clock::use_clock;
use crate::sending::Notice;
use crate::ui::{Button, ButtonKind, Field, use_toasts};

/// The form. It owns its draft; what arrives meanwhile does not touch it.
#[component]
pub(super) fn OverrideForm(
    /// The rotations and people, as they were when the form was opened.
    board: OnCallBoard,
    /// Runs when the override was made.
    done: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let clock = use_clock();
    let toasts = use_toasts();
    let first = board.rotations.first().map(|it| it.id.clone());
    let draft = RwSignal::new(Draft {
        rotation: first.unwrap_or_default(),
        ..Draft::default()
    });
    let tried = RwSignal::new(false);
    let sender = Sender::new();
    let problems = Memo::new(move |_| {
        let own = draft.with(|it| validate(it, clock.now()).err());
        let mut found = own.filter(|_| tried.get()).unwrap_or_default();
        found.extend(sender.problems.get());
        found
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let now = clock.now_untracked();
        let Ok(request) = draft.with_untracked(|it| validate(it, now)) else {
            return;
        };
        sender.send(Order::Make(request), move |answer| {
            let until = when(answer.changed.ends_at, now);
            toasts.say(format!("{} until {until} UTC.", answer.changed.id));
            done();
        });
    };
    let rotations = board.rotations.into_iter().map(|it| (it.id, it.name));
    let people = std::iter::once((String::new(), "Choose…".to_owned()));
    let people = people.chain(board.people.into_iter().map(|it| (it.id, it.name)));
    let wrong = |field: &'static str| wrong(problems, field);
    let form = NodeRef::<leptos::html::Form>::new();
    begin(form);
    view! {
        <form class="mon-form" novalidate node_ref=form on:submit=submit>
            {choice("on-call-rotation", "Rotation", rotations.collect(), wrong("rotation"),
                move |id| draft.update(|it| it.rotation = id))}
            {choice("on-call-person", "Who takes the turn", people.collect(), wrong("person"),
                move |id| draft.update(|it| it.person = id))}
            {moment("on-call-from", "From", "UTC; empty for now", wrong("starts_at"),
                move |at| draft.update(|it| it.starts_at = at))}
            {moment("on-call-until", "Until", "UTC", wrong("ends_at"),
                move |at| draft.update(|it| it.ends_at = at))}
            <Field control="on-call-reason" label="Reason" aside="optional" error=wrong("reason")>
                <input
                    class="mon-input"
                    id="on-call-reason"
                    aria-describedby="on-call-reason-note"
                    on:input=move |event| draft.update(|it| it.reason = event_target_value(&event))
                />
            </Field>
            <Notice state=sender.state/>
            <Button kind=ButtonKind::Primary submit=true busy=sender.is_locked()>"Take the turn"</Button>
        </form>
    }
}

/// It begins with its first field: it opens where the button was that opened it, which had the focus.
fn begin(form: NodeRef<leptos::html::Form>) {
    Effect::new(move |_| {
        let first = form
            .get()
            .and_then(|it| it.query_selector("select").ok().flatten());
        if let Some(first) = first.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = first.focus();
        }
    });
}

/// What is wrong with a field; `None` when nothing is.
fn wrong(problems: Memo<Vec<FieldProblem>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || {
        problems.with(|all| {
            let first = all.iter().find(|it| it.field == field);
            first.map(|it| it.text.clone())
        })
    })
}

fn choice(
    control: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    error: Signal<Option<String>>,
    choose: impl Fn(String) + Send + 'static,
) -> AnyView {
    let options = options.into_iter();
    let options = options.map(|(id, name)| view! { <option value=id>{name}</option> });
    view! {
        <Field control=control label=label error=error>
            <select
                class="mon-input"
                id=control
                aria-describedby=format!("{control}-note")
                aria-invalid=move || error.get().map(|_| "true")
                on:change=move |event| choose(event_target_value(&event))
            >
                {options.collect_view()}
            </select>
        </Field>
    }
    .into_any()
}

/// A day and a time in UTC.
fn moment(
    control: &'static str,
    label: &'static str,
    aside: &'static str,
    error: Signal<Option<String>>,
    write: impl Fn(Option<UnixMs>) + Send + 'static,
) -> AnyView {
    view! {
        <Field control=control label=label aside=aside error=error>
            <input
                class="mon-input"
                id=control
                type="datetime-local"
                aria-describedby=format!("{control}-note")
                aria-invalid=move || error.get().map(|_| "true")
                on:input=move |event| write(written(&event))
            />
        </Field>
    }
    .into_any()
}

/// What the browser makes of such a field, as if it stood in UTC; `None` while it is empty or not whole.
fn written(event: &ev::Event) -> Option<UnixMs> {
    let input = event
        .target()?
        .dyn_into::<web_sys::HtmlInputElement>()
        .ok()?;
    let ms = input.value_as_number();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the browser's instants are whole milliseconds below 2^53"
    )]
    ms.is_finite().then_some(UnixMs(ms as i64))
}
