//! Alerts: rules that fire.

use leptos::prelude::*;
use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::id::ProductId;
use watchfloor_wire::priority::Severity;
use watchfloor_wire::status::Status;

use crate::rank::Rank;
use crate::route::{Link, Route};
use crate::store::use_stores;
use crate::ui::{Age, Empty, Portion, ShowMore, StatusIcon, format, second_of_day};

/// Alerts that fire or are about to, the worst first.
#[component]
pub fn AlertList(
    /// Only those of this product; all without it.
    #[prop(optional)]
    product: Option<ProductId>,
    /// Only those with these fingerprints; all without it.
    #[prop(optional, into)]
    of: Option<Signal<Vec<String>>>,
) -> impl IntoView {
    let stores = use_stores();
    // Those of one incident are shown on its own page.
    let leads = of.is_none();
    let ids = Memo::new(move |_| {
        let of = of.map(|it| it.get());
        stores.alerts.ranked(|it| {
            let is_shown = it.state != AlertState::Resolved
                && product.as_ref().is_none_or(|id| it.product == *id)
                && of.as_ref().is_none_or(|of| of.contains(&it.fingerprint.0));
            is_shown.then(|| rank(it))
        })
    });
    let none = Memo::new(move |_| ids.with(Vec::is_empty));
    let portion = Portion::of(ids, Signal::stored(String::new()), 0);
    view! {
        <div class="mon-error-list">
            {move || none.get().then(|| view! { <Empty text="No alert is firing."/> })}
            <For
                each=move || portion.rows.get()
                key=Clone::clone
                children=move |id| {
                    stores.alerts.get(&id).map(|alert| view! { <AlertRow alert=alert leads=leads/> })
                }
            />
        </div>
        <ShowMore portion=portion/>
    }
}

/// Firing before pending, the worst first, then the newest.
fn rank(it: &Alert) -> Rank {
    // What this build does not know must not be quiet.
    let severity = match it.severity {
        Severity::Unrecognised => Severity::Critical,
        known => known,
    };
    let is_pending = i64::from(it.state == AlertState::Pending);
    Rank::of([is_pending, severity as i64, -it.since.0])
}

#[component]
fn AlertRow(
    alert: Signal<Alert>,
    /// Whether it leads to its incident.
    leads: bool,
) -> impl IntoView {
    let stores = use_stores();
    let status =
        Signal::derive(move || alert.with(|it| it.severity.status().unwrap_or(Status::Ok)));
    let product = move || alert.with(|it| stores.product_name(&it.product.0));
    let incident = move || {
        alert.with(|it| it.incident).filter(|_| leads).map(|id| {
            view! { <Link to=Route::Incident(id)>{id.to_string()}</Link> }
        })
    };
    let since = Signal::derive(move || alert.with(|it| it.firing_since.unwrap_or(it.since)));
    view! {
        <div class="mon-error-row" data-alert=move || alert.with(|it| it.fingerprint.0.clone())>
            <span class="mon-error-title mon-legend-item">
                <StatusIcon status=status size=12/>
                {move || alert.with(|it| it.summary.clone())}
            </span>
            <Age at=since/>
            <span class="mon-error-count">{incident}</span>
            <span class="mon-error-note">
                {product} " · " {move || alert.with(|it| it.rule.clone())} " · "
                {move || alert.with(state_words)}
            </span>
        </div>
    }
}

/// How bad it is, and why it may not be as it looks; then who looks after it, and its labels.
fn state_words(alert: &Alert) -> String {
    let mut words = alert.severity.word().to_owned();
    if alert.state == AlertState::Pending {
        words += ", not long enough to fire yet";
    }
    if let Some(it) = alert.flapping {
        let within = format::span(it.within_ms);
        words += &format!(", flapping, {} changes in {within}", it.changes);
    }
    if let Some(at) = alert.no_data_since {
        words += &format!(", no data since {} UTC", second_of_day(at));
    }
    if let Some(owner) = &alert.owner {
        words += &format!(" · {owner}");
    }
    for (name, word) in &alert.labels {
        words += &format!(" · {name}={word}");
    }
    words
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::rank::sort_by_rank;
    use watchfloor_wire::alert::Flapping;
    use watchfloor_wire::time::UnixMs;

    fn alert(name: &str, severity: &str, state: &str) -> Alert {
        let json = format!(
            r#"{{"fingerprint":"{name}","product":"p","rule":"r","severity":"{severity}",
            "state":"{state}","summary":"s","since":0}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn an_alert_says_why_it_may_not_be_as_it_looks() {
        let mut it = alert("a", "high", "firing");
        assert_eq!(state_words(&it), "high");
        it.no_data_since = Some(UnixMs(60_000));
        it.owner = Some("Core team".to_owned());
        it.labels.insert("team".to_owned(), "core".to_owned());
        assert_eq!(
            state_words(&it),
            "high, no data since 00:01:00 UTC · Core team · team=core"
        );
        let mut it = alert("b", "warning", "firing");
        it.flapping = Some(Flapping {
            since: UnixMs(0),
            changes: 6,
            within_ms: 600_000,
        });
        assert_eq!(state_words(&it), "warning, flapping, 6 changes in 10 min");
    }

    #[test]
    fn firing_stands_before_pending_and_the_worst_first() {
        let mut all = vec![
            alert("a", "critical", "pending"),
            alert("b", "info", "firing"),
            alert("c", "from the future", "firing"),
            alert("d", "high", "firing"),
        ];
        sort_by_rank(&mut all, rank);
        let order: Vec<&str> = all.iter().map(|it| it.fingerprint.as_str()).collect();
        assert_eq!(order, ["c", "d", "b", "a"]);
    }
}
