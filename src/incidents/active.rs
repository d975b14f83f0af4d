//! The open incidents beside the overview: the most urgent one with its clock, the others in short.

use leptos::prelude::*;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::time::UnixMs;

use super::due::{Due, due, elapsed_share, rank};
use super::row::{DueClock, clock_label, incident_mark, next_words, owner_words};
use crate::clock::use_clock;
use crate::route::{Link, Route, use_navigate};
use crate::silences::SilenceMark;
use crate::store::use_stores;
use crate::ui::{Button, ButtonKind, Empty, Kbd, PriorityBadge, Region, RegionState, format};

/// How many incidents stand under the first one.
const ROWS_MAX: usize = 6;

/// The open incidents of all products.
#[component]
pub fn ActiveIncidents() -> impl IntoView {
    let stores = use_stores();
    // By number, so that a change of one incident neither makes its row anew nor takes the focus from it.
    let numbers = Memo::new(move |_| stores.incidents.ranked(|it| is_open(it).then(|| rank(it))));
    let nobodys = Memo::new(move |_| {
        stores
            .incidents
            .pick(|it| is_nobodys(it).then_some(()))
            .len()
    });
    let state = Signal::derive(move || {
        if stores.is_loaded() {
            RegionState::Ready
        } else {
            RegionState::Loading
        }
    });
    let aside = Signal::derive(move || summary(numbers.with(Vec::len), nobodys.get()));
    let first = Memo::new(move |_| numbers.with(|all| all.first().cloned()));
    let others = Memo::new(move |_| {
        numbers.with(|all| {
            all.iter()
                .skip(1)
                .take(ROWS_MAX)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let hidden = Memo::new(move |_| numbers.with(|all| all.len().saturating_sub(ROWS_MAX + 1)));
    let end = || view! { <Link to=Route::all_incidents()>"All"</Link> };
    view! {
        <Region title="Active incidents" aside=aside state=state end=end>
            <div class="mon-incidents">
                {move || match first.get() {
                    Some(id) => view! { <Hero id=id/> }.into_any(),
                    None => view! { <Nothing/> }.into_any(),
                }}
                <ul>
                    <For
                        each=move || others.get()
                        key=Clone::clone
                        children=move |id| {
                            stores.incidents.get(&id).map(|it| view! { <ShortRow incident=it/> })
                        }
                    />
                </ul>
                {move || more(hidden.get())}
            </div>
        </Region>
    }
}

/// Says that nothing is open, and since when.
#[component]
fn Nothing() -> impl IntoView {
    let stores = use_stores();
    let clock = use_clock();
    let last_ended = Memo::new(move |_| {
        let all = stores.incidents.all();
        all.iter()
            .filter_map(|it| it.resolution.as_ref().map(|end| end.at))
            .max()
    });
    let text = Signal::derive(move || match last_ended.get() {
        Some(at) => {
            let ago = format::span_fine(clock.now().since_ms(at).max(0));
            format!("No open incidents. Last one resolved {ago} ago.")
        }
        None => "No open incidents.".to_owned(),
    });
    view! { <Empty text=text/> }
}

fn is_open(incident: &Incident) -> bool {
    incident.status != IncidentStatus::Resolved
}

fn is_nobodys(incident: &Incident) -> bool {
    incident.status == IncidentStatus::Triggered
}

fn summary(open: usize, nobodys: usize) -> String {
    if open == 0 {
        return String::new();
    }
    format!("{open} open, {nobodys} not acknowledged")
}

#[component]
fn ShortRow(incident: Signal<Incident>) -> impl IntoView {
    let clock = use_clock();
    let id = incident.with_untracked(|it| it.id);
    let meta = Memo::new(move |_| {
        let now = clock.now();
        incident.with(|it| short_words(it, now))
    });
    let triggered =
        Signal::derive(move || incident.with(|it| it.status == IncidentStatus::Triggered));
    let mark = incident_mark(incident);
    view! {
        <li data-incident=id.0>
            <Link to=Route::Incident(id) class="mon-incident-row" row=true>
                <span class="mon-incident-head">
                    <PriorityBadge
                        priority=Signal::derive(move || incident.with(|it| it.priority))
                        loud=triggered
                    />
                    <span class="mon-incident-title">
                        {move || incident.with(|it| it.title.clone())}
                    </span>
                </span>
                <span class="mon-meta">{move || meta.get()} " " <SilenceMark mark=mark/></span>
            </Link>
        </li>
    }
}

/// Who has it and how long that lasts, in a line.
fn short_words(incident: &Incident, now: UnixMs) -> String {
    let owner = owner_words(incident);
    match due(incident, now) {
        Due::Left(ms) => format!("{owner} · respond in {}", format::clock(ms)),
        Due::Late(ms) => format!("{owner} · late by {}", format::clock(ms)),
        Due::Held(ms) => format!("{owner} · lease ends in {}", format::clock(ms)),
        Due::Over => owner,
    }
}

fn more(hidden: usize) -> Option<AnyView> {
    (hidden > 0).then(|| {
        view! {
            <p class="mon-list-hint">
                <Link to=Route::all_incidents()>{format!("{hidden} more")}</Link>
            </p>
        }
        .into_any()
    })
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
    let mark = incident_mark(incident);
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
            <SilenceMark mark=mark/>
            <div class="mon-incident-clock">
                <div>
                    <p class="mon-meta">{move || label.get()}</p>
                    <DueClock incident=incident/>
                </div>
                <span data-key="a" on:click=move |_| navigate(Route::Incident(number))>
                    {move || hero_button(triggered.get())}
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

fn hero_button(triggered: bool) -> AnyView {
    let (kind, words) = if triggered {
        (ButtonKind::Primary, "Acknowledge")
    } else {
        (ButtonKind::Secondary, "Open")
    };
    view! {
        <Button kind=kind>
            {words}
            <Kbd key="A"/>
        </Button>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::due::tests::{held, incident};

    #[test]
    fn a_row_says_how_long_its_lease_lasts() {
        assert_eq!(
            short_words(&held(1, "P2"), UnixMs(52_383_000)),
            "Priya Raman has it · lease ends in 10:00"
        );
    }

    #[test]
    fn the_summary_counts_what_nobody_has() {
        let all = [incident(1, "P1"), held(2, "P2")];
        let count = |is: fn(&Incident) -> bool| all.iter().filter(|it| is(it)).count();
        assert_eq!((count(is_open), count(is_nobodys)), (2, 1));
        assert_eq!(summary(2, 1), "2 open, 1 not acknowledged");
        assert_eq!(summary(0, 0), "");
    }
}
