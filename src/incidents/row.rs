//! An incident in one row, and its clock.

use leptos::prelude::*;
use watchfloor_wire::entity::Kind;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::time::UnixMs;

use super::bulk::Selection;
use super::due::{Due, due};
use crate::clock::use_clock;
use crate::route::{Link, Route, use_navigate};
use crate::silences::{Mark, SilenceMark, use_mark};
use crate::store::use_stores;
use crate::ui::{ClockFace, ClockState, PriorityBadge, format, minute_of_day};

/// The incident's clock: time left while nobody has it, else how long the lease lasts.
#[component]
pub fn DueClock(
    /// The incident.
    #[prop(into)]
    incident: Signal<Incident>,
    /// As in [`ClockFace`].
    #[prop(optional)]
    size: &'static str,
) -> impl IntoView {
    let clock = use_clock();
    let due = Memo::new(move |_| {
        let now = clock.now();
        incident.with(|it| due(it, now))
    });
    let state = Signal::derive(move || match due.get() {
        Due::Left(_) => ClockState::Running,
        Due::Late(_) => ClockState::Late,
        Due::Held(_) => ClockState::Answered,
        Due::Over => ClockState::Plain,
    });
    view! { <ClockFace span_ms=Signal::derive(move || due.get().span_ms()) state=state size=size/> }
}

/// What stands above or beside the clock.
pub(super) fn clock_label(incident: &Incident, now: UnixMs) -> String {
    let priority = incident.priority;
    match due(incident, now) {
        Due::Left(_) => format!("{priority} · respond in"),
        Due::Late(_) => format!("{priority} · late by"),
        Due::Held(_) => "Lease ends in".to_owned(),
        Due::Over => "Resolved".to_owned(),
    }
}

/// Who has it, or that nobody does.
pub(super) fn owner_words(incident: &Incident) -> String {
    match (incident.status, &incident.lease, &incident.resolution) {
        (IncidentStatus::Acknowledged, Some(lease), _) => lease.offer.as_ref().map_or_else(
            || format!("{} has it", lease.owner_name),
            |offer| format!("{} has it, offered to {}", lease.owner_name, offer.name),
        ),
        (IncidentStatus::Resolved, _, Some(end)) => match (end.merged_into, &end.by_name) {
            (Some(target), _) => format!("Merged into {target}"),
            (None, Some(name)) => format!("Resolved by {name}"),
            (None, None) => "Ended by itself".to_owned(),
        },
        (status, _, _) => status.word().to_owned(),
    }
}

/// What happens next if nobody does anything; empty when nothing will.
pub(super) fn next_words(incident: &Incident) -> String {
    if incident.status != IncidentStatus::Triggered {
        return String::new();
    }
    incident.next_step().map_or_else(String::new, |step| {
        let who = [step.name.as_str(), step.contact.as_str()]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        format!("Then {who} is paged, {}", minute_of_day(step.due_at))
    })
}

/// What mutes the incident now.
pub(super) fn incident_mark(incident: Signal<Incident>) -> Memo<Option<Mark>> {
    let id = incident.with_untracked(|it| it.id.0.to_string());
    use_mark(Kind::Incident, &id)
}

/// An incident in a list; the whole row leads to its page.
#[component]
pub fn IncidentRow(
    /// The incident.
    #[prop(into)]
    incident: Signal<Incident>,
    /// Where it can be chosen; without it there is nothing to choose.
    #[prop(optional)]
    selection: Option<Selection>,
) -> impl IntoView {
    let clock = use_clock();
    let stores = use_stores();
    let status = move || match incident.with(|it| it.status) {
        IncidentStatus::Triggered => "triggered",
        IncidentStatus::Acknowledged => "acknowledged",
        IncidentStatus::Resolved => "resolved",
    };
    let product = move || incident.with(|it| stores.product_name(&it.product.0));
    let over = Memo::new(move |_| incident.with(|it| it.status == IncidentStatus::Resolved));
    let ended = move || {
        let now = clock.now();
        incident.with(|it| it.resolution.as_ref().map(|end| format::ago(end.at, now)))
    };
    let loud = Signal::derive(move || incident.with(|it| it.status == IncidentStatus::Triggered));
    let mark = incident_mark(incident);
    view! {
        <li data-incident=move || incident.with(|it| it.id.0) data-status=status>
            {selection.map(|selection| pick(selection, incident))}
            <IncidentLink incident=incident>
                <PriorityBadge priority=Signal::derive(move || incident.with(|it| it.priority)) loud=loud/>
                <span class="mon-incident-title">{move || incident.with(|it| it.title.clone())}</span>
                <span class="mon-meta">
                    {product} " · " {move || incident.with(|it| it.id.to_string())}
                    " " <SilenceMark mark=mark/>
                </span>
                <span class="mon-meta">{move || incident.with(owner_words)}</span>
                {move || {
                    if over.get() {
                        view! { <span class="mon-meta">{ended}</span> }.into_any()
                    } else {
                        view! { <DueClock incident=incident/> }.into_any()
                    }
                }}
            </IncidentLink>
        </li>
    }
}

/// Chooses the row; `x` does the same for the row that has the focus, `a` opens its form and `r` its runbook.
fn pick(selection: Selection, incident: Signal<Incident>) -> AnyView {
    let navigate = use_navigate();
    let id = move || incident.with(|it| it.id);
    let runbook = move || {
        let url = incident.with(|it| it.runbook_url.clone());
        url.filter(|it| is_web_address(it)).map(|url| {
            view! {
                <a
                    class="mon-hidden-text"
                    tabindex="-1"
                    aria-hidden="true"
                    data-key="r"
                    href=url
                    target="_blank"
                    rel="noopener noreferrer"
                >
                    "Runbook"
                </a>
            }
        })
    };
    view! {
        <label class="mon-pick">
            <input
                type="checkbox"
                data-key="x"
                aria-label=move || format!("Select {}", id())
                prop:checked=move || selection.has(id())
                on:change=move |_| selection.toggle(id())
            />
        </label>
        <span
            class="mon-hidden-text"
            aria-hidden="true"
            data-key="a"
            on:click=move |_| navigate(Route::Incident(id()))
        ></span>
        {runbook}
    }
    .into_any()
}

/// Addresses of other kinds could run something when they are opened.
pub(super) fn is_web_address(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.starts_with("https:") || text.starts_with("http:")
}

#[component]
fn IncidentLink(incident: Signal<Incident>, children: Children) -> impl IntoView {
    let to = Signal::derive(move || Route::Incident(incident.with(|it| it.id)));
    view! {
        <Link to=to class="mon-incident-row" row=true>
            {children()}
        </Link>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::due::tests::{held, incident, resolved};
    use watchfloor_wire::incident::EscalationStep;

    #[test]
    fn only_web_addresses_become_links() {
        assert!(is_web_address("https://wiki/runbook"));
        assert!(!is_web_address("javascript:alert(1)"));
        assert!(!is_web_address(" data:text/html,x"));
    }

    #[test]
    fn the_owner_is_named_and_nobody_is_said() {
        assert_eq!(owner_words(&incident(1, "P1")), "Not acknowledged");
        assert_eq!(owner_words(&held(1, "P1")), "Priya Raman has it");
        assert_eq!(owner_words(&resolved(1, 0)), "Ended by itself");
    }

    #[test]
    fn the_next_step_is_announced_only_while_nobody_has_it() {
        let step = EscalationStep {
            name: "Team lead".to_owned(),
            contact: "Tomás Ferreira".to_owned(),
            on_call: None,
            due_at: UnixMs(52_760_000),
            taken_at: None,
        };
        let mut it = incident(1, "P1");
        it.escalation = vec![step.clone()];
        assert_eq!(
            next_words(&it),
            "Then Team lead Tomás Ferreira is paged, 14:39"
        );
        let mut it = held(1, "P1");
        it.escalation = vec![step];
        assert_eq!(next_words(&it), "");
    }

    #[test]
    fn a_late_answer_is_called_late() {
        let it = incident(1, "P1");
        assert_eq!(clock_label(&it, UnixMs(0)), "P1 · respond in");
        assert_eq!(clock_label(&it, UnixMs(10_001)), "P1 · late by");
    }
}
