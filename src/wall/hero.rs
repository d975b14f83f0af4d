//! The most urgent incident on a board: what, how bad, and the time left to answer.

use leptos::prelude::*;
use watchfloor_wire::entity::Kind;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::product::ChartSpec;

use crate::charts::{BoardChart, Window, use_history};
use crate::clock::use_clock;
use crate::incidents::{Due, DueClock, due};
use crate::silences::{SilenceMark, use_mark};
use crate::store::use_stores;
use crate::ui::{PriorityBadge, format, minute_of_day};

/// How many characters of a title fit into one line beside priority and value.
const TITLE_LINE_CHARS: usize = 18;
/// Points of the chart.
const POINTS: u32 = 240;

/// What stands above the clock.
fn label(incident: &Incident, due: Due) -> String {
    match due {
        Due::Left(_) => "respond in".to_owned(),
        Due::Late(_) => "late by".to_owned(),
        Due::Held(_) => incident
            .lease
            .as_ref()
            .map_or_else(String::new, |it| format!("{} has it, for", it.owner_name)),
        Due::Over => "resolved".to_owned(),
    }
}

/// The next incident in short: `P2 OpenAI is slow: Priya Raman has it`.
fn second(open: &[Incident]) -> String {
    open.get(1).map_or_else(String::new, |it| {
        let who = it.lease.as_ref().map_or_else(
            || "not acknowledged".to_owned(),
            |lease| format!("{} has it", lease.owner_name),
        );
        let more = open.len().saturating_sub(2);
        let rest = if more > 0 {
            format!(" · {more} more")
        } else {
            String::new()
        };
        format!("{} {}: {who}{rest}", it.priority, it.title)
    })
}

/// The most urgent open incident.
#[component]
pub(super) fn Hero(
    /// Its number.
    id: String,
    /// All open ones, the most urgent first.
    open: Memo<Vec<Incident>>,
) -> impl IntoView {
    let incident = use_stores().incidents.get(&id)?;
    let clock = use_clock();
    let now_due = Memo::new(move |_| {
        let now = clock.now();
        incident.with(|it| due(it, now))
    });
    let is_loud = Memo::new(move |_| incident.with(|it| it.status == IncidentStatus::Triggered));
    let mark = use_mark(Kind::Incident, &id);
    let state = move || if is_loud.get() { "running" } else { "answered" };
    let words = Memo::new(move |_| incident.with(|it| label(it, now_due.get())));
    Some(
        view! {
            <section class="mon-wall-side">
                <article class="mon-wall-hero" data-incident=id data-state=state>
                    {head(incident, is_loud)}
                    <p class="mon-wall-hero-label">{move || words.get()} " " <SilenceMark mark=mark/></p>
                    <DueClock incident=incident size="board" />
                    {chart(incident)}
                </article>
                {next(incident, open)}
            </section>
        }
        .into_any(),
    )
}

fn head(incident: Signal<Incident>, is_loud: Memo<bool>) -> AnyView {
    let alerts = use_stores().alerts;
    let value = Memo::new(move |_| {
        let fingerprint = incident.with(|it| it.alerts.first().cloned())?;
        let said = alerts
            .value(&fingerprint.0)?
            .value
            .map(|it| format::measurement(&it).0)?;
        // Many titles carry the value; saying it twice would cost the title its end.
        (!incident.with(|it| it.title.contains(&said))).then_some(said)
    });
    let priority = Signal::derive(move || incident.with(|it| it.priority));
    let title = Memo::new(move |_| incident.with(|it| it.title.clone()));
    view! {
        <div class="mon-wall-hero-head">
            <PriorityBadge priority=priority loud=is_loud />
            <span class="mon-wall-hero-title" data-long=move || title.with(|it| is_long(it)).then_some("")>
                {move || title.get()}
            </span>
            <span class="mon-wall-hero-value">{move || value.get()}</span>
        </div>
    }
    .into_any()
}

/// Whether a title needs two lines: its end says what is wrong and must not be cut off.
fn is_long(title: &str) -> bool {
    title.chars().count() > TITLE_LINE_CHARS
}

fn chart(incident: Signal<Incident>) -> AnyView {
    let products = use_stores().products;
    let spec = Memo::new(move |_| {
        let (product, series) = incident.with(|it| (it.product.clone(), it.series.clone()));
        let charts = products.value(&product.0)?.charts;
        let spec: ChartSpec = charts
            .into_iter()
            .find(|it| Some(&it.series) == series.as_ref())?;
        Some((product, spec))
    });
    let ids = Memo::new(move |_| {
        spec.get()
            .map(|it| it.1.series)
            .into_iter()
            .collect::<Vec<_>>()
    });
    let history = use_history(ids.into(), Signal::stored(Window::Hour), POINTS);
    let drawn = move || {
        spec.get()
            .map(|(product, spec)| view! { <BoardChart spec product history /> })
    };
    view! { <div class="mon-wall-chart">{drawn}</div> }.into_any()
}

fn next(incident: Signal<Incident>, open: Memo<Vec<Incident>>) -> AnyView {
    let step = Memo::new(move |_| {
        incident.with(|it| {
            let waits = it.status == IncidentStatus::Triggered;
            it.next_step()
                .filter(|_| waits)
                .map(|step| (step.name.clone(), minute_of_day(step.due_at)))
        })
    });
    let note =
        Memo::new(move |_| incident.with(|it| it.lease.as_ref().map(|lease| lease.note.clone())));
    let other = Memo::new(move |_| open.with(|all| second(all)));
    let first_line = move || match (step.get(), note.get()) {
        (Some((name, at)), _) => {
            view! { <p class="mon-clip">"Next: " {name} " " <b>{at}</b></p> }.into_any()
        }
        (None, Some(note)) => view! { <p class="mon-clip">{note}</p> }.into_any(),
        (None, None) => view! { <p class="mon-clip">"Nobody else is paged"</p> }.into_any(),
    };
    view! {
        <div class="mon-wall-next">
            {first_line}
            {move || {
                let words = other.get();
                (!words.is_empty()).then(|| view! { <p class="mon-wall-small mon-clip">{words}</p> })
            }}
        </div>
    }
    .into_any()
}
