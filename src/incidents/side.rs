//! Beside an incident: its clock, what can be done, and who is told next.

use leptos::prelude::*;
use watchfloor_wire::incident::{EscalationStep, Incident, IncidentStatus};
use watchfloor_wire::permits::Action;

use super::acknowledge::AcknowledgeForm;
use super::actions::{NoteForm, is_possible, refusal};
use super::due::elapsed_share;
use super::held::Held;
use super::row::{DueClock, clock_label};
use crate::clock::use_clock;
use crate::ui::{Button, ButtonKind, Dialog, Empty, Kbd, format, second_of_day};

/// The column of an incident's page where people act.
#[component]
pub(super) fn Side(incident: Signal<Incident>) -> impl IntoView {
    let status = Memo::new(move |_| incident.with(|it| it.status));
    let resolvable = is_possible(incident, Action::Resolve);
    view! {
        <div class="mon-incident-side">
            <section class="mon-panel" aria-label="Answer">
                {move || match status.get() {
                    IncidentStatus::Triggered => view! {
                        <Clock incident=incident/>
                        <AcknowledgeForm incident=incident/>
                    }.into_any(),
                    IncidentStatus::Acknowledged => view! {
                        <Clock incident=incident/>
                        <Held incident=incident/>
                    }.into_any(),
                    IncidentStatus::Resolved => view! { <Ended incident=incident/> }.into_any(),
                }}
            </section>
            {move || resolvable.get().then(|| view! {
                <section class="mon-panel" aria-label="Resolve">
                    <NoteForm
                        incident=incident
                        action=Action::Resolve
                        control="incident-resolve"
                        label="It is over"
                        placeholder="What ended it?"
                        button="Resolve"
                    />
                </section>
            })}
            <Ladder incident=incident/>
        </div>
    }
}

#[component]
fn Clock(incident: Signal<Incident>) -> impl IntoView {
    let clock = use_clock();
    let label = Memo::new(move |_| {
        let now = clock.now();
        incident.with(|it| clock_label(it, now))
    });
    let share = move || {
        let now = clock.now();
        format!("{:.3}", incident.with(|it| elapsed_share(it, now)))
    };
    let answered = move || {
        incident
            .with(|it| it.status != IncidentStatus::Triggered)
            .then_some("answered")
    };
    let opened = Memo::new(move |_| {
        let now = clock.now();
        incident.with(|it| {
            format!(
                "opened {} ago",
                format::span_fine(now.since_ms(it.opened_at))
            )
        })
    });
    view! {
        <p class="mon-meta">{move || label.get()}</p>
        <div class="mon-acknowledge-clock">
            <DueClock incident=incident size="incident"/>
            <p class="mon-meta">
                {move || incident.with(|it| format!("due {}", second_of_day(it.respond_by)))}
                <br/>
                {move || opened.get()}
            </p>
        </div>
        <div class="mon-progress" data-state=answered style:--share=share></div>
    }
}

#[component]
fn Ended(incident: Signal<Incident>) -> impl IntoView {
    let words = move || {
        incident.with(|it| {
            let Some(end) = &it.resolution else {
                return "Resolved.".to_owned();
            };
            let at = second_of_day(end.at);
            let lasted = format::span_fine(end.at.since_ms(it.opened_at).max(0));
            match &end.by_name {
                Some(name) => format!("{name} resolved it at {at} UTC, after {lasted}."),
                None => format!("It ended by itself at {at} UTC, after {lasted}."),
            }
        })
    };
    let note = move || {
        let note = incident.with(|it| it.resolution.as_ref().map(|end| end.note.clone()));
        note.filter(|it| !it.is_empty())
            .map(|note| view! { <p class="mon-lease-note">{note}</p> })
    };
    view! {
        <div class="mon-lease">
            <p><b>"Resolved"</b></p>
            <p class="mon-meta">{words}</p>
            {note}
        </div>
    }
}

/// Who is told when nobody answers, and the button that tells the next one now.
#[component]
fn Ladder(incident: Signal<Incident>) -> impl IntoView {
    let steps = Memo::new(move |_| incident.with(|it| it.escalation.clone()));
    let paused = Memo::new(move |_| incident.with(|it| it.status != IncidentStatus::Triggered));
    let next = Memo::new(move |_| incident.with(|it| it.next_step().map(who)));
    let open = RwSignal::new(false);
    let rows = move || {
        let next_at = steps.with(|all| all.iter().position(|it| it.taken_at.is_none()));
        steps.with(|all| {
            all.iter()
                .enumerate()
                .map(|(at, it)| step(at, it, next_at == Some(at) && !paused.get()))
                .collect_view()
        })
    };
    let note = move || match (paused.get(), next.with(Option::is_some)) {
        (true, _) => "paused",
        (false, true) => "times in UTC",
        (false, false) => "all steps taken",
    };
    let close = Callback::new(move |()| open.set(false));
    let none = move || steps.with(Vec::is_empty);
    view! {
        <section class="mon-panel" aria-label="Escalation">
            <header class="mon-panel-head">
                <h2>"Escalation"</h2>
                <span class="mon-panel-note">{move || (!none()).then(note)}</span>
            </header>
            {move || none().then(|| view! { <Empty text="No policy, nobody is paged."/> })}
            <ol class="mon-ladder">{rows}</ol>
            {move || next.get().map(|_| view! { <EscalateButton incident=incident open=open/> })}
            <Dialog open=open title="Escalate now">
                <p>{move || question(incident, next)}</p>
                <NoteForm
                    incident=incident
                    action=Action::Escalate
                    control="incident-escalate"
                    label="Note"
                    button="Escalate"
                    kind=ButtonKind::Primary
                    on_done=close
                />
            </Dialog>
        </section>
    }
}

#[component]
fn EscalateButton(incident: Signal<Incident>, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <span data-key="e" on:click=move |_| {
            if refusal_now(incident).is_none() {
                open.set(true);
            }
        }>
            <Button disabled_reason=refusal(incident, Action::Escalate)>
                "Escalate now"
                <Kbd key="E"/>
            </Button>
        </span>
    }
}

fn refusal_now(incident: Signal<Incident>) -> Option<String> {
    refusal(incident, Action::Escalate).get_untracked()
}

fn question(incident: Signal<Incident>, next: Memo<Option<String>>) -> String {
    let number = incident.with(|it| it.id.to_string());
    let title = incident.with(|it| it.title.clone());
    let who = next.get().unwrap_or_default();
    format!("{who} is told at once about {number}, {title}.")
}

fn who(step: &EscalationStep) -> String {
    format!("{} {}", step.name, contact(step))
        .trim_end()
        .to_owned()
}

/// Whom a step asks. Of a rotation that is known once the step is taken.
fn contact(step: &EscalationStep) -> &str {
    match step.on_call {
        Some(_) if step.taken_at.is_none() => "whoever is on call",
        _ => &step.contact,
    }
}

fn step(at: usize, it: &EscalationStep, is_next: bool) -> AnyView {
    let state = match (it.taken_at, is_next) {
        (Some(_), _) => "done",
        (None, true) => "next",
        (None, false) => "later",
    };
    let when = it.taken_at.map_or_else(
        || second_of_day(it.due_at),
        |taken_at| format!("told {}", second_of_day(taken_at)),
    );
    view! {
        <li class="mon-ladder-step" data-state=state>
            <span class="mon-ladder-number">{at + 1}</span>
            <span>
                {it.name.clone()} " " <span class="mon-ladder-who">{contact(it).to_owned()}</span>
            </span>
            <span class="mon-ladder-at">{when}</span>
        </li>
    }
    .into_any()
}
