//! A product as a card: how it is, why, since when, and who has it.

use leptos::prelude::*;
use watchfloor_wire::entity::Kind;
use watchfloor_wire::id::ProductId;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::board::{Board, ProductRow};
use crate::clock::use_clock;
use crate::route::{Link, Route};
use crate::silences::{SilenceMark, use_mark};
use crate::store::use_stores;
use crate::ui::{StatusIcon, StatusWord, format, minute_of_day};

/// How long it has been so. Where a decision hangs on it, to the second.
pub(super) fn lasted(row: &ProductRow, now: UnixMs) -> String {
    let ms = now.since_ms(row.since);
    match row.status {
        Status::Down | Status::Unknown => format!("for {}", format::span_fine(ms)),
        _ => format!("for {}", format::span(ms)),
    }
}

/// What the card's lower right says: who has the worst incident, what it was, when work ends.
pub(super) fn owner(row: &ProductRow, incidents: &[Incident]) -> String {
    let worst = incidents
        .iter()
        .filter(|it| it.product == row.id && it.status != IncidentStatus::Resolved)
        .min_by_key(|it| (it.status == IncidentStatus::Acknowledged, it.priority));
    let until = row
        .maintenance_until
        .filter(|_| row.status == Status::Maintenance);
    match (row.status, worst) {
        (Status::Unknown, _) => row.last_known.map_or_else(
            || "never known".to_owned(),
            |it| format!("last known {}", it.word()),
        ),
        (Status::Maintenance, _) => {
            until.map_or_else(String::new, |it| format!("ends {}", minute_of_day(it)))
        }
        (_, Some(it)) => it.lease.as_ref().map_or_else(
            || format!("{} not acknowledged", it.priority),
            |lease| format!("{} has it", lease.owner_name),
        ),
        (_, None) => String::new(),
    }
}

/// A product as a card that leads to its page.
#[component]
pub fn ProductCard(
    /// The product.
    id: ProductId,
    /// How it is.
    board: Memo<Board>,
) -> impl IntoView {
    let clock = use_clock();
    let incidents = use_stores().incidents;
    let slug = id.0.clone();
    let to = Route::Product(id.clone());
    let row = Memo::new(move |_| board.with(|it| it.product(&id).cloned()));
    let status =
        Memo::new(move |_| row.with(|it| it.as_ref().map_or(Status::Unknown, |it| it.status)));
    let text = move |read: fn(&ProductRow) -> String| {
        Memo::new(move |_| row.with(|it| it.as_ref().map(read).unwrap_or_default()))
    };
    let (name, reason) = (text(|it| it.name.clone()), text(|it| it.reason.clone()));
    let long = Memo::new(move |_| {
        let now = clock.now();
        row.with(|it| it.as_ref().map(|it| lasted(it, now)).unwrap_or_default())
    });
    let who = Memo::new(move |_| {
        let all = incidents.all();
        row.with(|it| it.as_ref().map(|it| owner(it, &all)).unwrap_or_default())
    });
    let mark = use_mark(Kind::Product, &slug);
    view! {
        <Card to slug status>
            <span class="mon-product-head">
                <StatusIcon status=status size=17 />
                <span class="mon-product-name mon-clip">{move || name.get()}</span>
                <StatusWord status=status />
            </span>
            <span class="mon-product-reason mon-clip">{move || reason.get()}</span>
            <span class="mon-product-foot">
                <span class="mon-nowrap">{move || long.get()}</span>
                <span class="mon-clip">{move || who.get()}</span>
            </span>
            <SilenceMark mark=mark/>
        </Card>
    }
}

/// The card's frame: a link that carries the status for the style sheet and for tests.
#[component]
fn Card(to: Route, slug: String, status: Memo<Status>, children: Children) -> impl IntoView {
    view! {
        <div class="mon-product" data-product=slug data-status=move || status.get().slug()>
            <Link to=to class="mon-cover-link">
                {children()}
            </Link>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: Status) -> ProductRow {
        ProductRow {
            id: ProductId::from("p"),
            name: "P".to_owned(),
            status,
            reason: String::new(),
            since: UnixMs(0),
            maintenance_until: Some(UnixMs(1_794_927_600_000)),
            last_known: Some(Status::Ok),
            checks: 1,
        }
    }

    #[test]
    fn a_down_product_counts_seconds_and_a_slow_one_does_not() {
        assert_eq!(
            lasted(&row(Status::Down), UnixMs(468_000)),
            "for 7 min 48 s"
        );
        assert_eq!(lasted(&row(Status::Degraded), UnixMs(468_000)), "for 7 min");
    }

    #[test]
    fn the_corner_says_what_helps_most() {
        assert_eq!(owner(&row(Status::Unknown), &[]), "last known OK");
        assert_eq!(owner(&row(Status::Maintenance), &[]), "ends 15:00");
        assert_eq!(owner(&row(Status::Ok), &[]), "");
    }
}
