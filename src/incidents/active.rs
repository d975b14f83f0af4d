//! The open incidents beside the overview: the most urgent one with its clock, the others in short.

use leptos::prelude::*;
use watchfloor_wire::incident::{Incident, IncidentStatus};

use super::due::{elapsed_share, sort};
use super::row::{DueClock, clock_label, next_words, owner_words};
use crate::clock::use_clock;
use crate::route::{Link, Route, use_navigate};
use crate::store::use_stores;
use crate::ui::{Button, ButtonKind, Empty, Kbd, PriorityBadge, Region, RegionState, format};

/// How many incidents stand under the first one.
const ROWS_MAX: usize = 6;

/// The open incidents of all products.
#[component]
pub fn ActiveIncidents() -> impl IntoView {
    let stores = use_stores();
    let clock = use_clock();
    let open = Memo::new(move |_| {
        let mut all = stores.incidents.all();
        all.retain(|it| it.status != IncidentStatus::Resolved);
        sort(&mut all);
        all
    });
    let state = Signal::derive(move || {
        if stores.loaded.get() {
            RegionState::Ready
        } else {
            RegionState::Loading
        }
    });
    let aside = Signal::derive(move || open.with(|all| summary(all)));
    let last_ended = Memo::new(move |_| {
        let all = stores.incidents.all();
        all.iter()
            .filter_map(|it| it.resolution.as_ref().map(|end| end.at))
            .max()
    });
    let nothing = Signal::derive(move || match last_ended.get() {
        Some(at) => {
            let ago = format::span_fine(clock.now().since_ms(at));
            format!("No open incidents. Last one resolved {ago} ago.")
        }
        None => "No open incidents.".to_owned(),
    });
    let end = || view! { <Link to=Route::Incidents>"All"</Link> };
    view! {
        <Region title="Active incidents" aside=aside state=state end=end>
            <div class="mon-incidents">
                {move || {
                    let all = open.get();
                    let Some((first, others)) = all.split_first() else {
                        return view! { <Empty text=nothing/> }.into_any();
                    };
                    view! {
                        <Hero id=first.id.0.to_string()/>
                        <ul>{rows(others)}</ul>
                        {more(others.len())}
                    }
                        .into_any()
                }}
            </div>
        </Region>
    }
}

fn summary(open: &[Incident]) -> String {
    if open.is_empty() {
        return String::new();
    }
    let nobodys = open
        .iter()
        .filter(|it| it.status == IncidentStatus::Triggered)
        .count();
    format!("{} open, {nobodys} not acknowledged", open.len())
}

fn rows(incidents: &[Incident]) -> Vec<AnyView> {
    incidents.iter().take(ROWS_MAX).map(short_row).collect()
}

fn short_row(incident: &Incident) -> AnyView {
    let incident = incident.clone();
    let id = incident.id;
    let words = StoredValue::new(incident.clone());
    let clock = use_clock();
    let meta = Memo::new(move |_| {
        let now = clock.now();
        words.with_value(|it| {
            let span = format::clock(super::due(it, now).span_ms());
            let label = clock_label(it, now);
            let label = label.split(" · ").last().unwrap_or_default().to_lowercase();
            format!("{} · {label} {span}", owner_words(it))
        })
    });
    view! {
        <li data-incident=id.0>
            <Link to=Route::Incident(id) class="mon-incident-row" row=true>
                <span class="mon-incident-head">
                    <PriorityBadge
                        priority=incident.priority
                        loud=incident.status == IncidentStatus::Triggered
                    />
                    <span class="mon-incident-title">{incident.title}</span>
                </span>
                <span class="mon-meta">{move || meta.get()}</span>
            </Link>
        </li>
    }
    .into_any()
}

fn more(others: usize) -> Option<AnyView> {
    let hidden = others.checked_sub(ROWS_MAX).filter(|it| *it > 0)?;
    Some(
        view! {
            <p class="mon-incidents-hint">
                <Link to=Route::Incidents>{format!("{hidden} more")}</Link>
            </p>
        }
        .into_any(),
    )
}

/// The most urgent incident.
#[component]
fn Hero(id: String) -> impl IntoView {
    let stores = use_stores();
    let clock = use_clock();
    let navigate = use_navigate();
    let incident = stores.incidents.get(&id)?;
    let number = incident.with_untracked(|it| it.id);
    let label = Memo::new(move |_| {
        let now = clock.now();
        incident.with(|it| clock_label(it, now))
    });
    let share = move || {
        let now = clock.now();
        format!("{:.3}", incident.with(|it| elapsed_share(it, now)))
    };
    let triggered = Memo::new(move |_| incident.with(|it| it.status == IncidentStatus::Triggered));
    let kind = if triggered.get_untracked() {
        ButtonKind::Primary
    } else {
        ButtonKind::Secondary
    };
    let words = move || {
        incident.with(|it| {
            let next = next_words(it);
            if next.is_empty() {
                owner_words(it)
            } else {
                next
            }
        })
    };
    Some(view! {
        <div class="mon-incident-hero" data-incident=number.0>
            <div class="mon-incident-head">
                <PriorityBadge
                    priority=Signal::derive(move || incident.with(|it| it.priority))
                    loud=triggered
                />
                <Link to=Route::Incident(number) class="mon-incident-title" row=true>
                    {move || incident.with(|it| it.title.clone())}
                </Link>
                <span class="mon-incident-number">{number.to_string()}</span>
            </div>
            <div class="mon-incident-clock">
                <div>
                    <p class="mon-meta">{move || label.get()}</p>
                    <DueClock incident=incident/>
                </div>
                <span data-key="a" on:click=move |_| navigate(Route::Incident(number))>
                    <Button kind=kind>
                        {move || if triggered.get() { "Acknowledge" } else { "Open" }} <Kbd key="A"/>
                    </Button>
                </span>
            </div>
            <div
                class="mon-progress"
                data-state=move || (!triggered.get()).then_some("answered")
                style:--share=share
            ></div>
            <p class="mon-meta">{words}</p>
        </div>
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::due::tests::{held, incident};

    #[test]
    fn the_summary_counts_what_nobody_has() {
        assert_eq!(
            summary(&[incident(1, "P1"), held(2, "P2")]),
            "2 open, 1 not acknowledged"
        );
        assert_eq!(summary(&[]), "");
    }
}
