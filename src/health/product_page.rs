//! The page of one product: its services, charts, targets, incidents, deploys, errors and uptime.

use leptos::prelude::*;
use watchfloor_wire::id::{ProductId, SeriesId};
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::status::Status;

use super::board::{Board, use_board};
use super::product_card::lasted;
use super::recent::Deploys;
use super::services::Services;
use super::uptime_bars::UptimeTable;
use crate::charts::{History, MetricChart, Window, use_history};
use crate::clock::use_clock;
use crate::errors::ErrorList;
use crate::incidents::{IncidentRow, sort};
use crate::route::{Link, Route};
use crate::store::use_stores;
use crate::targets::TargetTable;
use crate::ui::{Empty, Region, RegionState, Segmented, StatusIcon, StatusWord};

/// Points asked for each series.
const POINTS: u32 = 500;
/// How many incidents and error groups stand in the side column.
const INCIDENTS_MAX: usize = 6;
const ERRORS_MAX: usize = 6;

/// The page of one product.
#[component]
pub fn ProductPage(
    /// The product.
    id: ProductId,
) -> impl IntoView {
    let stores = use_stores();
    let own = id.clone();
    let is_known = Memo::new(move |_| stores.products.value(&own.0).is_some());
    move || match (is_known.get(), stores.is_loaded()) {
        (true, _) => page(id.clone()),
        (false, false) => {
            view! { <div class="mon-page"><p class="mon-loading">"Loading…"</p></div> }.into_any()
        }
        (false, true) => unknown(&id),
    }
}

fn unknown(id: &ProductId) -> AnyView {
    let words = format!(
        "No product is called “{id}” here. It may have been taken out of the configuration."
    );
    view! {
        <div class="mon-page">
            <h1 class="mon-title">"Product not found"</h1>
            <Empty text=words>
                <Link to=Route::Overview>"Go to the overview"</Link>
            </Empty>
        </div>
    }
    .into_any()
}

fn page(id: ProductId) -> AnyView {
    let board = use_board();
    let window = RwSignal::new(Window::Hour);
    let only = Signal::stored(Some(id.clone()));
    view! {
        <div class="mon-page">
            {head(id.clone(), board, window)}
            <div class="mon-product-page">
                <div class="mon-column">
                    <Services board=board only=only hides_product=true />
                    {charts(id.clone(), window)}
                    <TargetTable product=id.clone() />
                </div>
                <div class="mon-column">
                    {incidents(id.clone())} <Deploys product=id.clone() /> {errors(id.clone())}
                </div>
            </div>
            <UptimeTable board=board only=id />
        </div>
    }
    .into_any()
}

fn head(id: ProductId, board: Memo<Board>, window: RwSignal<Window>) -> AnyView {
    let clock = use_clock();
    let row = Memo::new(move |_| board.with(|it| it.product(&id).cloned()));
    let status =
        Memo::new(move |_| row.with(|it| it.as_ref().map_or(Status::Unknown, |it| it.status)));
    let name = Memo::new(move |_| {
        row.with(|it| it.as_ref().map(|it| it.name.clone()).unwrap_or_default())
    });
    let reason = Memo::new(move |_| {
        row.with(|it| it.as_ref().map(|it| it.reason.clone()).unwrap_or_default())
    });
    let long = Memo::new(move |_| {
        let now = clock.now();
        row.with(|it| it.as_ref().map(|it| lasted(it, now)).unwrap_or_default())
    });
    let spans = Window::ALL.map(|it| (it, it.words().to_owned())).to_vec();
    view! {
        <div>
            <p class="mon-crumbs">
                <Link to=Route::Overview>"Overview"</Link>
                " / "
                {move || name.get()}
            </p>
            <header class="mon-page-head">
                <h1 class="mon-title" tabindex="-1">{move || name.get()}</h1>
                <div class="mon-page-tools">
                    <Segmented legend="Time shown by charts" options=spans selected=window />
                </div>
            </header>
            <p class="mon-verdict">
                <StatusIcon status=status size=15 />
                <StatusWord status=status />
                <span>{move || reason.get()}</span>
                <span class="mon-faint">{move || long.get()}</span>
            </p>
        </div>
    }
    .into_any()
}

fn charts(id: ProductId, window: RwSignal<Window>) -> AnyView {
    let stores = use_stores();
    let own = id.clone();
    let specs = Memo::new(move |_| {
        stores
            .products
            .value(&own.0)
            .map(|it| it.charts)
            .unwrap_or_default()
    });
    let ids = Memo::new(move |_| {
        specs.with(|all| {
            all.iter()
                .map(|it| it.series.clone())
                .collect::<Vec<SeriesId>>()
        })
    });
    let history = use_history(ids.into(), window.into(), POINTS);
    let title = Signal::derive(move || format!("Charts, last {}", window.get().words()));
    let state = Signal::derive(move || {
        // Without charts nothing is fetched, and nothing is awaited.
        if ids.with(Vec::is_empty) {
            RegionState::Ready
        } else {
            history.region().get()
        }
    });
    view! {
        <Region title=title state=state on_retry=history.retry()>
            {chart_grid(id.clone(), specs, history)}
        </Region>
    }
    .into_any()
}

fn chart_grid(
    id: ProductId,
    specs: Memo<Vec<watchfloor_wire::product::ChartSpec>>,
    history: History,
) -> AnyView {
    let figures = move || {
        let all = specs.get();
        if all.is_empty() {
            return view! { <Empty text="No charts yet. Name series in the product's configuration." /> }.into_any();
        }
        let all = all
            .into_iter()
            .map(|spec| view! { <MetricChart spec product=id.clone() history /> });
        view! { <div class="mon-charts" data-columns="2">{all.collect_view()}</div> }.into_any()
    };
    figures.into_any()
}

/// Open ones and those that ended within the day, in the order of the incidents' own page.
fn of_product(all: Vec<Incident>, id: &ProductId) -> Vec<Incident> {
    let mut own: Vec<Incident> = all.into_iter().filter(|it| it.product == *id).collect();
    sort(&mut own);
    own.truncate(INCIDENTS_MAX);
    own
}

fn incidents(id: ProductId) -> AnyView {
    let stores = use_stores();
    let rows = Memo::new(move |_| of_product(stores.incidents.all(), &id));
    let open = move || {
        rows.with(|all| {
            all.iter()
                .filter(|it| it.status != IncidentStatus::Resolved)
                .count()
        })
    };
    let aside = Signal::derive(move || format!("{} open", open()));
    let list = move || {
        let all = rows.get();
        if all.is_empty() {
            return view! { <Empty text="No incidents within the last day." /> }.into_any();
        }
        let items = all
            .into_iter()
            .map(|it| view! { <IncidentRow incident=Signal::stored(it) /> });
        view! { <ul class="mon-incidents mon-incident-short">{items.collect_view()}</ul> }
            .into_any()
    };
    let state = Signal::stored(RegionState::Ready);
    view! {
        <Region title="Incidents" aside=aside state=state end=|| view! { <Link to=Route::all_incidents()>"All"</Link> }>
            {list}
        </Region>
    }
    .into_any()
}

fn errors(id: ProductId) -> AnyView {
    let state = Signal::stored(RegionState::Ready);
    view! {
        <Region title="Errors" aside="newest first" state=state end=|| view! { <Link to=Route::Errors>"All"</Link> }>
            <ErrorList product=id.clone() most=ERRORS_MAX />
        </Region>
    }
    .into_any()
}
