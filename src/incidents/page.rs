//! One incident.

use leptos::prelude::*;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentDetail, IncidentStatus};

use super::actions::{NoteForm, is_possible};
use super::pairs::{Others, Review};
use super::row::{incident_mark, is_web_address};
use super::side::Side;
use super::symptoms::Symptoms;
use super::timeline::Timeline;
use crate::alerts::AlertList;
use crate::api::{self, ApiError};
use crate::charts::SeriesChart;
use crate::errors::ErrorList;
use crate::remote::{Remote, fetched};
use crate::route::{Link, LogFilter, Route};
use crate::silences::SilenceMark;
use crate::store::use_stores;
use crate::ui::{Empty, Kbd, PriorityBadge, Region, RegionState, StatusIcon, StatusWord};
use watchfloor_wire::permits::Action;
use watchfloor_wire::status::Status;

/// The page of one incident, also of one that has left the snapshot.
#[component]
pub fn IncidentPage(
    /// The incident.
    id: IncidentId,
) -> impl IntoView {
    let stores = use_stores();
    let key = id.0.to_string();
    let live = Memo::new(move |_| stores.incidents.value(&key));
    let version = move || live.with(|it| it.as_ref().map(|it| (it.version, it.notified_at)));
    let (detail, retry) = fetched(version, move |_| api::incident(id));
    let incident = Memo::new(move |_| {
        let fetched = || detail.with(|it| it.value().map(|it| it.incident.clone()));
        live.get().or_else(fetched)
    });
    let known = Memo::new(move |_| incident.with(Option::is_some));
    view! {
        <div class="mon-page">
            <p class="mon-crumbs">
                <Link to=Route::all_incidents()>"Incidents"</Link>
                " / "
                {id.to_string()}
            </p>
            {move || {
                let first = known.get().then(|| incident.get_untracked()).flatten();
                match first {
                    Some(first) => {
                        // It cannot become unknown again, but while the page is left it may be gone.
                        let shown = Memo::new(move |before: Option<&Incident>| {
                            incident.get().or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
                        });
                        view! { <Content incident=shown detail=detail retry=retry/> }.into_any()
                    }
                    None => view! { <Missing id=id detail=detail retry=retry/> }.into_any(),
                }
            }}
        </div>
    }
}

/// While it is not known whether there is such an incident, and when there is none.
#[component]
fn Missing(
    id: IncidentId,
    detail: Signal<Remote<IncidentDetail>>,
    retry: Callback<()>,
) -> impl IntoView {
    let none = Memo::new(move |_| {
        detail.with(|it| {
            it.error()
                .and_then(ApiError::problem)
                .is_some_and(|it| it.status == 404)
        })
    });
    move || {
        if none.get() {
            let text = format!("There is no incident {id}.");
            return view! {
                <Empty text=text>
                    <Link to=Route::all_incidents()>"All incidents"</Link>
                </Empty>
            }
            .into_any();
        }
        let state = Signal::derive(move || detail.with(Remote::region));
        view! {
            <Region title=id.to_string() state=state on_retry=retry>
                ""
            </Region>
        }
        .into_any()
    }
}

#[component]
fn Content(
    #[prop(into)] incident: Signal<Incident>,
    detail: Signal<Remote<IncidentDetail>>,
    retry: Callback<()>,
) -> impl IntoView {
    let stores = use_stores();
    let product = Memo::new(move |_| incident.with(|it| it.product.clone()));
    let alerts = Signal::derive(move || {
        incident.with(|it| it.alerts.iter().map(|it| it.0.clone()).collect::<Vec<_>>())
    });
    let loaded = Signal::derive(move || {
        if stores.is_loaded() {
            RegionState::Ready
        } else {
            RegionState::Loading
        }
    });
    let state = Signal::derive(move || detail.with(Remote::region));
    let reviewable = is_possible(incident, Action::Review);
    let logs = Signal::derive(move || {
        Route::Logs(LogFilter {
            product: Some(product.get()),
            ..LogFilter::default()
        })
    });
    view! {
        <Head incident=incident/>
        <div class="mon-incident-page">
            <Side incident=incident/>
            <div class="mon-incident-main">
                <IncidentChart incident=incident/>
                <Region title="Timeline" aside="times in UTC" class="mon-panel" state=state on_retry=retry>
                    <Timeline detail=detail/>
                    <NoteForm
                        incident=incident
                        action=Action::Comment
                        control="incident-comment"
                        label="Comment"
                        placeholder="Write a comment. It does not acknowledge."
                        button="Comment"
                    />
                </Region>
                <Region title="Alerts" class="mon-panel" state=loaded>
                    <AlertList of=alerts/>
                </Region>
                <Symptoms incident=incident/>
                <Region title="Related errors" class="mon-panel" state=loaded end=move || related(logs)>
                    {move || view! { <ErrorList product=product.get() most=3/> }}
                </Region>
                <Runbook incident=incident/>
                <Others incident=incident/>
                {move || reviewable.get().then(|| view! { <Review incident=incident/> })}
            </div>
        </div>
    }
}

fn related(logs: Signal<Route>) -> AnyView {
    view! {
        <Link to=logs>"Log lines"</Link>
        <Link to=Route::Errors>"Open in Errors"</Link>
    }
    .into_any()
}

#[component]
fn Head(incident: Signal<Incident>) -> impl IntoView {
    let stores = use_stores();
    let triggered =
        Signal::derive(move || incident.with(|it| it.status == IncidentStatus::Triggered));
    let status = Signal::derive(move || {
        let open = incident.with(|it| it.status != IncidentStatus::Resolved);
        let by_severity = incident.with(|it| it.severity.status().unwrap_or(Status::Ok));
        if open { by_severity } else { Status::Ok }
    });
    let product = move || incident.with(|it| stores.product_name(&it.product.0));
    let to = Signal::derive(move || Route::Product(incident.with(|it| it.product.clone())));
    let mark = incident_mark(incident);
    let open = Memo::new(move |_| incident.with(|it| it.status != IncidentStatus::Resolved));
    let silence = Signal::derive(move || Route::Silences(Some(incident.with(|it| it.id))));
    view! {
        <div class="mon-page-head" data-incident=move || incident.with(|it| it.id.0)>
            <PriorityBadge
                priority=Signal::derive(move || incident.with(|it| it.priority))
                loud=triggered
                size="title"
            />
            <h1 class="mon-title">{move || incident.with(|it| it.title.clone())}</h1>
            <div class="mon-incident-verdict">
                <StatusIcon status=status/>
                <StatusWord status=status/>
                <span class="mon-meta">
                    {move || incident.with(|it| format!("{} · version {}", it.status.word(), it.version))}
                </span>
                <Link to=to>{product}</Link>
                <SilenceMark mark=mark/>
                {move || open.get().then(|| view! { <Link to=silence>"Silence…"</Link> })}
            </div>
        </div>
    }
}

#[component]
fn Runbook(incident: Signal<Incident>) -> impl IntoView {
    let address = Memo::new(move |_| {
        incident.with(|it| it.runbook_url.clone().filter(|it| is_web_address(it)))
    });
    move || {
        address.get().map(|address| {
            view! {
                <section class="mon-panel mon-section" aria-label="Runbook">
                    <header class="mon-section-head">
                        <h2 class="mon-section-title">"Runbook"</h2>
                    </header>
                    <a
                        class="mon-button"
                        href=address
                        target="_blank"
                        rel="noopener noreferrer"
                        data-key="r"
                    >
                        "Open runbook"
                        <Kbd key="R"/>
                    </a>
                </section>
            }
        })
    }
}

/// The chart that shows the incident best.
#[component]
fn IncidentChart(incident: Signal<Incident>) -> impl IntoView {
    let drawn =
        Memo::new(move |_| incident.with(|it| Some((it.product.clone(), it.series.clone()?))));
    move || {
        drawn.get().map(|(product, series)| {
            view! {
                <div data-span="all">
                    <SeriesChart product=product series=series/>
                </div>
            }
        })
    }
}
