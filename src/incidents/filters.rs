//! Choosing what the list shows. The filter stands in the address, so that it can be kept as a link and sent to
//! somebody else.

use leptos::prelude::*;
use watchfloor_wire::priority::Priority;

use crate::errors::ProductSelect;
use crate::route::{IncidentFilter, Link, OWNERS, Owner, Route, priority, use_replace};
use crate::ui::SearchBox;

/// Filters that are asked for often, as links.
fn kept() -> [(&'static str, IncidentFilter); 4] {
    let by_owner = |owner| IncidentFilter {
        owner: Some(owner),
        ..IncidentFilter::default()
    };
    [
        ("All", IncidentFilter::default()),
        ("Nobody has it", by_owner(Owner::Nobody)),
        ("Mine", by_owner(Owner::Me)),
        (
            "P0 and P1",
            IncidentFilter {
                priority: Some(Priority::P1),
                ..IncidentFilter::default()
            },
        ),
    ]
}

/// Links to filters, and the parts of the one in the address.
#[component]
pub(super) fn Filters(filter: Memo<IncidentFilter>) -> impl IntoView {
    let replace = use_replace();
    let change = Callback::new(move |next: IncidentFilter| {
        if filter.with_untracked(|it| *it != next) {
            replace(Route::Incidents(next));
        }
    });
    let links = kept()
        .into_iter()
        .map(|(words, it)| {
            let to = Route::Incidents(it.clone());
            let current = Signal::derive(move || filter.with(|now| *now == it));
            view! { <Link to=to class="mon-filter-link" current=current>{words}</Link> }
        })
        .collect_view();
    view! {
        <nav class="mon-filter-links" aria-label="Kept filters">{links}</nav>
        <div class="mon-incident-filters" role="search" aria-label="Filter incidents">
            <OwnerSelect filter=filter change=change/>
            <PrioritySelect filter=filter change=change/>
            <Product filter=filter change=change/>
            <TextField filter=filter change=change/>
        </div>
    }
}

#[component]
fn OwnerSelect(filter: Memo<IncidentFilter>, change: Callback<IncidentFilter>) -> impl IntoView {
    let options = OWNERS.map(|(owner, word)| {
        let words = match owner {
            Owner::Nobody => "Not acknowledged",
            Owner::Me => "Mine, or offered to me",
            Owner::Somebody => "Acknowledged",
        };
        let chosen = move || filter.with(|it| it.owner == Some(owner));
        view! { <option value=word prop:selected=chosen>{words}</option> }
    });
    let on_change = move |event| {
        let value = event_target_value(&event);
        let mut next = filter.get_untracked();
        let found = OWNERS.iter().find(|(_, word)| *word == value);
        next.owner = found.map(|(owner, _)| *owner);
        change.run(next);
    };
    view! {
        <select class="mon-select" aria-label="Owner" on:change=on_change>
            <option value="" prop:selected=move || filter.with(|it| it.owner.is_none())>"Any owner"</option>
            {options.collect_view()}
        </select>
    }
}

#[component]
fn PrioritySelect(filter: Memo<IncidentFilter>, change: Callback<IncidentFilter>) -> impl IntoView {
    let options = [Priority::P0, Priority::P1, Priority::P2].map(|it| {
        let words = if it == Priority::P0 {
            "P0".to_owned()
        } else {
            format!("{it} and more urgent")
        };
        let chosen = move || filter.with(|filter| filter.priority == Some(it));
        view! { <option value=it.to_string() prop:selected=chosen>{words}</option> }
    });
    let on_change = move |event| {
        let mut next = filter.get_untracked();
        next.priority = priority(&event_target_value(&event));
        change.run(next);
    };
    view! {
        <select class="mon-select" aria-label="Priority" on:change=on_change>
            <option value="" prop:selected=move || filter.with(|it| it.priority.is_none())>"Any priority"</option>
            {options.collect_view()}
        </select>
    }
}

#[component]
fn Product(filter: Memo<IncidentFilter>, change: Callback<IncidentFilter>) -> impl IntoView {
    let product = Memo::new(move |_| filter.with(|it| it.product.clone()));
    let choose = move |product| {
        let mut next = filter.get_untracked();
        next.product = product;
        change.run(next);
    };
    view! { <ProductSelect product=product on_choose=choose/> }
}

#[component]
fn TextField(filter: Memo<IncidentFilter>, change: Callback<IncidentFilter>) -> impl IntoView {
    let text = Memo::new(move |_| filter.with(|it| it.text.clone()));
    let on_text = Callback::new(move |text| {
        let mut next = filter.get_untracked();
        next.text = text;
        change.run(next);
    });
    view! { <SearchBox label="Text in the incident" placeholder="Title, number, note, name" text=text on_text=on_text/> }
}
