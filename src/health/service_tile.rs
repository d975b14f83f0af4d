//! A check as a tile.

use leptos::prelude::*;
use watchfloor_wire::check::Check;
use watchfloor_wire::entity::Kind;
use watchfloor_wire::freshness::{is_overdue, status_at};
use watchfloor_wire::id::CheckId;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use crate::charts::history::Reading;
use crate::charts::track::{Span, Track};
use crate::charts::{History, Sparkline};
use crate::clock::use_clock;
use crate::route::{Link, Route};
use crate::silences::{SilenceMark, use_mark};
use crate::store::use_stores;
use crate::ui::{Age, StatusIcon, StatusWord, format};

/// What every tile of a page shares.
#[derive(Clone, Copy)]
pub(super) struct TileContext {
    /// Where sparklines come from.
    pub(super) history: History,
    /// The time that sparklines show.
    pub(super) span: Memo<Span>,
    /// Whether the product's name is left out, because all tiles are of one product.
    pub(super) hides_product: bool,
}

/// The value's number and the small words after it.
fn value_words(check: &Check, status: Status) -> (String, String) {
    match (&check.value, status) {
        (_, Status::Maintenance) => ("Paused".to_owned(), String::new()),
        (Some(it), Status::Unknown) => (format::measurement(it).0, "last known".to_owned()),
        (Some(it), _) => format::measurement(it),
        (None, Status::Unknown) => (String::new(), format::NO_READING.to_owned()),
        (None, _) => (String::new(), String::new()),
    }
}

/// The tile as one sentence: `ChatPDD, API: down, p95 5.84 s`. Its age is left out, since it changes all the time.
fn sentence(check: &Check, product: &str, status: Status) -> String {
    let (number, note) = value_words(check, status);
    let value = [number, note]
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let joint = if value.is_empty() { "" } else { ", " };
    format!(
        "{product}, {}: {}{joint}{value}",
        check.name,
        status.word().to_ascii_lowercase()
    )
}

fn reading(check: &Check) -> Reading {
    let at = check.observed_at?;
    Some((at, check.value.as_ref().map(|it| it.value)))
}

/// A check as a tile that leads to its product. It reads its own check's signal and no other's.
#[component]
pub(super) fn ServiceTile(
    /// The check.
    id: CheckId,
    /// What all tiles share.
    context: TileContext,
) -> impl IntoView {
    let stores = use_stores();
    // A tile whose check has just gone is about to be taken away.
    stores
        .checks
        .get(id.as_str())
        .map(|check| tile(check, context))
}

fn tile(check: Signal<Check>, context: TileContext) -> AnyView {
    let clock = use_clock();
    let products = use_stores().products;
    let (id, product_id, series) =
        check.with_untracked(|it| (it.id.0.clone(), it.product.clone(), it.series.clone()));
    let status = Memo::new(move |_| {
        let now = clock.now();
        check.with(|it| status_at(it, now))
    });
    let to = Route::Product(product_id.clone());
    let product = Memo::new(move |_| {
        products
            .value(&product_id.0)
            .map_or_else(|| product_id.0.clone(), |it| it.name)
    });
    let name = Memo::new(move |_| check.with(|it| it.name.clone()));
    let value = Memo::new(move |_| check.with(|it| value_words(it, status.get())));
    let spoken = Memo::new(move |_| check.with(|it| sentence(it, &product.get(), status.get())));
    let reason = Memo::new(move |_| check.with(|it| it.reason.clone()));
    let note_words = Memo::new(move |_| value.get().1);
    let note = move || {
        let words = note_words.get();
        let has_words = !words.is_empty();
        has_words.then(|| view! { " " <span class="mon-value-note">{words}</span> })
    };
    let owner = move || {
        if context.hides_product {
            reason.get()
        } else {
            product.get()
        }
    };
    let track = series.map(|it| {
        context
            .history
            .track(it, Signal::derive(move || check.with(reading)))
    });
    let mark = use_mark(Kind::Check, &id);
    view! {
        <div class="mon-tile" data-check=id data-status=move || status.get().slug() title=move || reason.get()>
            <Link to=to class="mon-cover-link">
                <span class="mon-hidden-text">{move || spoken.get()}</span>
                <span class="mon-tile-row" aria-hidden="true">
                    <StatusIcon status=status size=14 />
                    <span class="mon-tile-name mon-clip">{move || name.get()}</span>
                    <StatusWord status=status />
                </span>
                <span class="mon-tile-row" aria-hidden="true">
                    <span class="mon-tile-owner mon-clip">{owner}</span>
                    <span class="mon-value">
                        {move || value.get().0} {note}
                    </span>
                </span>
                {foot(check, status, track, context.span)}
                <SilenceMark mark=mark/>
            </Link>
        </div>
    }
    .into_any()
}

fn foot(
    check: Signal<Check>,
    status: Memo<Status>,
    track: Option<Memo<Track>>,
    span: Memo<Span>,
) -> AnyView {
    let clock = use_clock();
    let observed_at = Memo::new(move |_| check.with(|it| it.observed_at));
    let late = Memo::new(move |_| {
        let now = clock.now();
        check.with(|it| is_overdue(it, now))
    });
    let has_reading = Memo::new(move |_| observed_at.get().is_some());
    let at = Signal::derive(move || observed_at.get().unwrap_or(UnixMs(0)));
    let age = move || {
        if has_reading.get() {
            view! { <Age at=at late=late /> }.into_any()
        } else {
            view! { <span class="mon-age">"not read yet"</span> }.into_any()
        }
    };
    view! {
        <span class="mon-tile-row" aria-hidden="true">
            {match track {
                Some(track) => view! { <Sparkline track=track span=span status=status /> }.into_any(),
                None => view! { <span></span> }.into_any(),
            }}
            {age}
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::ProductId;
    use watchfloor_wire::series::{Measurement, Statistic, Unit};

    use super::*;

    fn check() -> Check {
        Check {
            id: CheckId::from("chatpdd.api"),
            product: ProductId::from("chatpdd"),
            name: "API".to_owned(),
            status: Status::Down,
            reason: String::new(),
            since: UnixMs(0),
            observed_at: Some(UnixMs(5)),
            valid_until: Some(UnixMs(9)),
            interval_ms: 1,
            value: Some(Measurement {
                value: 5_840.0,
                unit: Unit::Ms,
                statistic: Some(Statistic::P95),
                label: None,
            }),
            series: None,
            last_known: None,
        }
    }

    #[test]
    fn a_tile_reads_as_one_sentence() {
        assert_eq!(
            sentence(&check(), "ChatPDD", Status::Down),
            "ChatPDD, API: down, 5.84 s p95"
        );
    }

    #[test]
    fn an_overdue_value_is_only_last_known() {
        assert_eq!(
            value_words(&check(), Status::Unknown),
            ("5.84 s".to_owned(), "last known".to_owned())
        );
    }

    #[test]
    fn a_missing_value_is_never_zero() {
        let it = Check {
            value: None,
            ..check()
        };
        assert_eq!(value_words(&it, Status::Unknown).1, "no reading");
        assert_eq!(sentence(&it, "ChatPDD", Status::Ok), "ChatPDD, API: ok");
    }
}
