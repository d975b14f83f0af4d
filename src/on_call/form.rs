//! Taking somebody's place: in which rotation, who, from when, until when.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use watchfloor_wire::on_call::{OnCallBoard, OverrideAnswer};

use super::draft::{Draft, validate};
use super::now::when;
use crate::api;
use crate::clock::use_clock;
use crate::sending::{Notice, Problems, Sender};
use crate::ui::{Button, ButtonKind, Field, Moment, use_toasts};

/// The parts of a [`Draft`] as signals.
#[derive(Clone, Copy)]
struct Fields {
    rotation: RwSignal<String>,
    person: RwSignal<String>,
    starts: RwSignal<String>,
    ends: RwSignal<String>,
    reason: RwSignal<String>,
}

impl Fields {
    fn new(draft: Draft) -> Self {
        Self {
            rotation: RwSignal::new(draft.rotation),
            person: RwSignal::new(draft.person),
            starts: RwSignal::new(draft.starts),
            ends: RwSignal::new(draft.ends),
            reason: RwSignal::new(draft.reason),
        }
    }

    fn draft(self) -> Draft {
        Draft {
            rotation: self.rotation.get(),
            person: self.person.get(),
            starts: self.starts.get(),
            ends: self.ends.get(),
            reason: self.reason.get(),
        }
    }
}

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
    let fields = Fields::new(Draft {
        rotation: first.unwrap_or_default(),
        ..Draft::default()
    });
    let tried = RwSignal::new(false);
    let sender = Sender::new();
    let problems = Problems::new(tried, sender, move || {
        validate(&fields.draft(), clock.now())
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let now = clock.now_untracked();
        let Ok(request) = untrack(|| validate(&fields.draft(), now)) else {
            return;
        };
        sender.send(
            async move |key: String| api::make_override(&request, &key).await,
            move |answer: OverrideAnswer| {
                let until = when(answer.changed.ends_at, now);
                toasts.say(format!("{} until {until} UTC.", answer.changed.id));
                done();
            },
        );
    };
    let rotations = board.rotations.into_iter().map(|it| (it.id, it.name));
    let people = std::iter::once((String::new(), "Choose…".to_owned()));
    let people = people.chain(board.people.into_iter().map(|it| (it.id, it.name)));
    let wrong = |field: &'static str| problems.signal(field);
    let form = NodeRef::<leptos::html::Form>::new();
    begin(form);
    view! {
        <form class="mon-form" novalidate node_ref=form on:submit=submit>
            {choice("on-call-rotation", "Rotation", rotations.collect(), wrong("rotation"), fields.rotation)}
            {choice("on-call-person", "Who takes the turn", people.collect(), wrong("person"), fields.person)}
            <Moment control="on-call-from" label="From" aside="UTC; empty for now" value=fields.starts error=wrong("starts_at")/>
            <Moment control="on-call-until" label="Until" aside="UTC" value=fields.ends error=wrong("ends_at")/>
            <Field control="on-call-reason" label="Reason" aside="optional" error=wrong("reason")>
                <input
                    class="mon-input"
                    id="on-call-reason"
                    aria-describedby="on-call-reason-note"
                    on:input=move |event| fields.reason.set(event_target_value(&event))
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

fn choice(
    control: &'static str,
    label: &'static str,
    options: Vec<(String, String)>,
    error: Signal<Option<String>>,
    chosen: RwSignal<String>,
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
                on:change=move |event| chosen.set(event_target_value(&event))
            >
                {options.collect_view()}
            </select>
        </Field>
    }
    .into_any()
}
