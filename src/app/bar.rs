//! The bar: name, pages, feed, clock, account.

use leptos::prelude::*;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::time::{HOUR_MS, SECOND_MS};

use super::account::AccountMenu;
use crate::clock::use_clock;
use crate::feed::{FeedNotice, FeedStatus, PipelineNote};
use crate::route::{Link, LogFilter, Route, use_route};
use crate::store::use_stores;
use crate::ui::{Glyph, GlyphShape, format, second_of_day};

/// The bar above every page.
#[component]
pub fn Bar() -> impl IntoView {
    view! {
        <header class="mon-bar">
            <div class="mon-bar-row">
                <Link to=Route::Overview class="mon-brand">
                    <Glyph shape=GlyphShape::Mark/>
                    <span class="mon-brand-name">"Watchfloor"</span>
                </Link>
                <Navigation/>
                <div class="mon-bar-end">
                    <PipelineNote/>
                    {super::chunk::on_call(use_stores())}
                    <FeedStatus/>
                    <BarClock/>
                    <AccountMenu/>
                </div>
            </div>
            <FeedNotice/>
        </header>
    }
}

#[component]
fn Navigation() -> impl IntoView {
    let stores = use_stores();
    let clock = use_clock();
    let open_incidents = Memo::new(move |_| {
        let open = |it: &Incident| (it.status != IncidentStatus::Resolved).then_some(());
        stores.incidents.pick(open).len()
    });
    let recent_errors = Memo::new(move |_| {
        let hour_ago = clock.now().plus_ms(-HOUR_MS);
        let ids = stores.errors.ids();
        let recent = |id: &String| {
            stores
                .errors
                .with_untracked(id, |it| it.last_seen_at >= hour_ago)
        };
        ids.iter().filter_map(recent).filter(|it| *it).count()
    });
    view! {
        <nav class="mon-nav" aria-label="Pages">
            <Item to=Route::Overview words="Overview"/>
            <Item to=Route::all_incidents() words="Incidents" count=open_incidents unit="open"/>
            <Item to=Route::Silences(None) words="Silences"/>
            <Item to=Route::Logs(LogFilter::default()) words="Logs"/>
            <Item to=Route::Errors words="Errors" count=recent_errors unit="in the last hour"/>
        </nav>
    }
}

#[component]
fn Item(
    to: Route,
    words: &'static str,
    #[prop(optional, into)] count: Option<Signal<usize>>,
    #[prop(optional)] unit: &'static str,
) -> impl IntoView {
    let route = use_route();
    let target = to.clone();
    let current = Signal::derive(move || route.with(|it| belongs(it, &target)));
    let badge = count.map(|count| {
        let shown = move || (count.get() > 0).then(|| count_badge(count.get(), unit));
        view! { {shown} }
    });
    view! {
        <Link to=to current=current>
            {words}
            {badge}
        </Link>
    }
}

fn count_badge(count: usize, unit: &'static str) -> impl IntoView {
    view! {
        <span class="mon-count">
            {count}
            <span class="mon-hidden-text">{format!(" {unit}")}</span>
        </span>
    }
}

/// Whether `page` is listed under `item` in the navigation.
fn belongs(page: &Route, item: &Route) -> bool {
    match (page, item) {
        (Route::Product(_), Route::Overview)
        | (Route::Incident(_) | Route::Incidents(_), Route::Incidents(_))
        | (Route::Silences(_), Route::Silences(_))
        | (Route::Logs(_), Route::Logs(_)) => true,
        _ => page == item,
    }
}

/// The gateway's time of day.
#[component]
fn BarClock() -> impl IntoView {
    let clock = use_clock();
    let text = move || second_of_day(clock.now());
    let offset = Memo::new(move |_| {
        let offset_ms = clock.offset_ms();
        (offset_ms.abs() > 2 * SECOND_MS).then(|| {
            let span = format::span(offset_ms.abs());
            format!("This device's clock is {span} off; the gateway's time is shown.")
        })
    });
    view! {
        <div class="mon-bar-clock" title=move || offset.get()>
            {text}
            " "
            <span>{move || if offset.get().is_some() { "UTC, gateway" } else { "UTC" }}</span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::id::{IncidentId, ProductId};

    #[test]
    fn a_page_of_one_thing_belongs_to_the_page_of_all() {
        assert!(belongs(
            &Route::Incident(IncidentId(1)),
            &Route::all_incidents()
        ));
        assert!(belongs(
            &Route::Product(ProductId::from("a")),
            &Route::Overview
        ));
        assert!(!belongs(&Route::Errors, &Route::all_incidents()));
    }
}
