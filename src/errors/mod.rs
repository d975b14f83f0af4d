//! Errors by group.

use leptos::prelude::*;
use watchfloor_wire::error_group::ErrorGroup;
use watchfloor_wire::id::ProductId;
use watchfloor_wire::time::MINUTE_MS;

use crate::charts::CountSparkline;
use crate::clock::use_clock;
use crate::rank::{Rank, sort_by_rank};
use crate::route::{Link, LogFilter, Route};
use crate::session::use_session;
use crate::store::use_stores;
use crate::ui::{Age, Empty, Region, RegionState, format};
use watchfloor_wire::entity::Kind;

/// How many groups the page lists at most.
const ROWS_MAX: usize = 200;

/// What those read who get no error texts: that there are none is not known to them.
const NEEDS_ROLE: &str = "Texts of errors need the viewer role.";

/// Whether who is signed in gets error texts.
fn may_read() -> Memo<bool> {
    let session = use_session();
    Memo::new(move |_| {
        session.with(|it| it.as_ref().is_none_or(|it| Kind::Error.visible_to(it.role)))
    })
}

/// The page of all error groups.
#[component]
pub fn ErrorsPage() -> impl IntoView {
    let stores = use_stores();
    let may_read = may_read();
    let product = RwSignal::new(None::<ProductId>);
    let state = Signal::derive(move || match (may_read.get(), stores.is_loaded()) {
        (false, _) => RegionState::NoPermission {
            words: NEEDS_ROLE.to_owned(),
        },
        (true, true) => RegionState::Ready,
        (true, false) => RegionState::Loading,
    });
    let aside = Signal::derive(move || {
        let count = stores.errors.len();
        format!(
            "{}, newest first",
            format::count_of(count, "group", "groups")
        )
    });
    view! {
        <div class="mon-page">
            <div class="mon-page-head">
                <h1 class="mon-title">"Errors"</h1>
                <div class="mon-page-tools">
                    <ProductSelect product=product on_choose=move |it| product.set(it)/>
                </div>
            </div>
            <Region title="Groups" aside=aside state=state>
                {move || match product.get() {
                    None => view! { <ErrorList most=ROWS_MAX/> }.into_any(),
                    Some(product) => view! { <ErrorList product=product most=ROWS_MAX/> }.into_any(),
                }}
            </Region>
        </div>
    }
}

/// Chooses one product, or all.
#[component]
pub fn ProductSelect(
    /// The product; `None` for all.
    #[prop(into)]
    product: Signal<Option<ProductId>>,
    /// Runs with the one that is chosen; `None` for all.
    #[prop(into)]
    on_choose: Callback<Option<ProductId>>,
) -> impl IntoView {
    let stores = use_stores();
    let value = move || product.with(|it| it.as_ref().map(|it| it.0.clone()));
    let choose = move |event| {
        let id = event_target_value(&event);
        on_choose.run((!id.is_empty()).then_some(ProductId(id)));
    };
    let options = move || {
        let all = stores.products.all();
        all.into_iter()
            .map(|it| {
                let id = it.id.clone();
                let chosen = move || product.with(|chosen| chosen.as_ref() == Some(&id));
                view! { <option value=it.id.0 prop:selected=chosen>{it.name}</option> }
            })
            .collect_view()
    };
    view! {
        <select
            class="mon-select"
            aria-label="Product"
            prop:value=move || value().unwrap_or_default()
            on:change=choose
        >
            <option value="">"All products"</option>
            {options}
        </select>
    }
}

/// Error groups, newest first.
#[component]
pub fn ErrorList(
    /// Only those of this product; all without it.
    #[prop(optional)]
    product: Option<ProductId>,
    /// How many at most.
    most: usize,
) -> impl IntoView {
    let stores = use_stores();
    let ids = Memo::new(move |_| {
        let mut all = stores.errors.all();
        all.retain(|it| {
            product
                .as_ref()
                .is_none_or(|product| it.product == *product)
        });
        sort_by_rank(&mut all, |it| Rank::of([-it.last_seen_at.0]).then(&it.id.0));
        all.truncate(most);
        all.into_iter().map(|it| it.id.0).collect::<Vec<_>>()
    });
    let none = Memo::new(move |_| ids.with(Vec::is_empty));
    let may_read = may_read();
    let why_none = Signal::derive(move || {
        let words = if may_read.get() {
            "No errors have come in."
        } else {
            NEEDS_ROLE
        };
        words.to_owned()
    });
    view! {
        <div class="mon-error-list">
            {move || none.get().then(|| view! { <Empty text=why_none/> })}
            <For
                each=move || ids.get()
                key=Clone::clone
                children=move |id| {
                    stores.errors.get(&id).map(|group| view! { <ErrorRow group=group/> })
                }
            />
        </div>
    }
}

#[component]
fn ErrorRow(group: Signal<ErrorGroup>) -> impl IntoView {
    let stores = use_stores();
    let clock = use_clock();
    let product = move || group.with(|it| stores.product_name(&it.product.0));
    let logs = Signal::derive(move || {
        group.with(|it| {
            Route::Logs(LogFilter {
                product: Some(it.product.clone()),
                ..LogFilter::default()
            })
        })
    });
    let last_seen = Signal::derive(move || group.with(|it| it.last_seen_at));
    let trend = Memo::new(move |_| {
        let now = clock.now();
        group.with(|it| trend_words(it, now.since_ms(it.last_seen_at)))
    });
    let counts = Signal::derive(move || group.with(|it| it.per_minute.clone()));
    let count =
        move || group.with(|it| format::grouped(i64::try_from(it.count).unwrap_or(i64::MAX)));
    view! {
        <div class="mon-error-row" data-error=move || group.with(|it| it.id.0.clone())>
            <Link to=logs class="mon-error-title" row=true>
                {move || group.with(|it| it.title.clone())}
            </Link>
            <CountSparkline counts=counts/>
            <span class="mon-error-count" title=move || trend.get()>{count}</span>
            <span class="mon-error-note">
                {product} {move || group.with(details)} " · " {move || trend.get()} " · last "
                <Age at=last_seen/>
            </span>
        </div>
    }
}

/// What stands behind the product's name.
fn details(group: &ErrorGroup) -> String {
    let mut parts = vec![String::new()];
    if !group.service.is_empty() {
        parts.push(group.service.clone());
    }
    if group.error_type != "error" && !group.title.starts_with(&group.error_type) {
        parts.push(group.error_type.clone());
    }
    if !group.category.is_empty() {
        parts.push(group.category.clone());
    }
    if !group.boundary.is_empty() {
        parts.push(format!("{} level", group.boundary));
    }
    if let Some(version) = &group.first_version {
        parts.push(format!("first seen in {version}"));
    }
    parts.join(" · ")
}

/// How often lately; the newest minute of `per_minute` is that of the last event, `age_ms` ago.
fn trend_words(group: &ErrorGroup, age_ms: i64) -> String {
    let minutes_ago = usize::try_from(age_ms / MINUTE_MS).unwrap_or(0);
    let kept = 10_usize.saturating_sub(minutes_ago);
    let lately: u64 = group
        .per_minute
        .iter()
        .rev()
        .take(kept)
        .map(|it| u64::from(*it))
        .sum();
    if lately == 0 {
        return "quiet for 10 min".to_owned();
    }
    format!("{lately} in 10 min")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn group(per_minute: &[u32]) -> ErrorGroup {
        let mut it: ErrorGroup = serde_json::from_str(
            r#"{"id":"e","product":"p","title":"PoolTimeout: no connection","error_type":"PoolTimeout",
            "count":7,"first_seen_at":0,"last_seen_at":0}"#,
        )
        .unwrap();
        it.per_minute = per_minute.to_vec();
        it
    }

    #[test]
    fn the_trend_ends_now_and_not_with_the_last_event() {
        let it = group(&[100, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(trend_words(&it, 0), "10 in 10 min");
        assert_eq!(trend_words(&it, 3 * MINUTE_MS), "7 in 10 min");
        assert_eq!(trend_words(&it, 60 * MINUTE_MS), "quiet for 10 min");
        assert_eq!(trend_words(&group(&[]), 0), "quiet for 10 min");
    }

    #[test]
    fn the_type_is_not_said_twice() {
        assert_eq!(details(&group(&[])), "");
    }
}
