//! Targets (SLOs): what is promised, what is so, and whether it is kept.

use leptos::prelude::*;
use watchfloor_wire::id::ProductId;
use watchfloor_wire::status::Status;
use watchfloor_wire::target::{Target, Verdict};
use watchfloor_wire::time::UnixMs;

use crate::clock::use_clock;
use crate::rank::{Rank, sort_by_rank};
use crate::store::use_stores;
use crate::ui::{Empty, Region, RegionState, StatusIcon, format};

/// What a target's verdict is worth at `now`: past its time it is unknown, whatever it said.
#[must_use]
pub fn verdict_at(target: &Target, now: UnixMs) -> Verdict {
    if now > target.valid_until {
        Verdict::Unknown
    } else {
        target.verdict
    }
}

/// The shape beside a verdict.
const fn shape(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Met => Status::Ok,
        Verdict::Missed => Status::Degraded,
        Verdict::Unknown => Status::Unknown,
    }
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "Met",
        Verdict::Missed => "Missed",
        Verdict::Unknown => "Unknown",
    }
}

/// `p95 at most 500 ms over 24 h`.
fn promise(target: &Target) -> String {
    let statistic = format::statistic(target.statistic);
    let side = if target.at_least {
        "at least"
    } else {
        "at most"
    };
    let limit = format::level(target.threshold, target.unit);
    let words = format!(
        "{statistic} {side} {limit} over {}",
        format::span(target.window_ms)
    );
    words.trim_start().to_owned()
}

/// The targets of a product, those that are missed first.
#[component]
pub fn TargetTable(
    /// The product.
    product: ProductId,
) -> impl IntoView {
    let stores = use_stores();
    let clock = use_clock();
    let rows = Memo::new(move |_| {
        let now = clock.now();
        let mut own: Vec<(Verdict, Target)> = stores
            .targets
            .all()
            .into_iter()
            .filter(|it| it.product == product)
            .map(|it| (verdict_at(&it, now), it))
            .collect();
        sort_by_rank(&mut own, |(verdict, it)| {
            Rank::of([i64::from(shape(*verdict).rank())]).then(&it.name)
        });
        own
    });
    let missed = move || rows.with(|all| all.iter().filter(|it| it.0 == Verdict::Missed).count());
    let aside = Signal::derive(move || format!("{}, {} missed", rows.with(Vec::len), missed()));
    view! {
        <Region title="Targets" aside=aside state=Signal::stored(RegionState::Ready)>
            {move || table(rows.get())}
        </Region>
    }
    .into_any()
}

fn table(rows: Vec<(Verdict, Target)>) -> AnyView {
    if rows.is_empty() {
        return view! { <Empty text="No targets yet. Add one to the product's configuration." /> }
            .into_any();
    }
    view! {
        <div class="mon-card mon-card-body">
            <table class="mon-table">
                <thead>
                    <tr>
                        <th scope="col">"Target"</th>
                        <th scope="col">"Promise"</th>
                        <th scope="col" data-align="end">"Now"</th>
                        <th scope="col" data-align="end">"Verdict"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row((verdict, target): (Verdict, Target)) -> AnyView {
    let value = target.value.map_or_else(
        || format::NO_READING.to_owned(),
        |it| format::value(it, target.unit),
    );
    let said = promise(&target);
    view! {
        <tr>
            <td>{target.name}</td>
            <td class="mon-quiet">{said}</td>
            <td data-align="end">{value}</td>
            <td data-align="end">
                <StatusIcon status=shape(verdict) size=12 />
                {word(verdict)}
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::{SeriesId, TargetId};
    use watchfloor_wire::series::{Statistic, Unit};
    use watchfloor_wire::time::DAY_MS;

    use super::*;

    fn target() -> Target {
        Target {
            id: TargetId::from("p.response"),
            product: ProductId::from("p"),
            name: "API response".to_owned(),
            series: SeriesId::from("p.api.latency"),
            statistic: Statistic::P95,
            window_ms: DAY_MS,
            threshold: 500.0,
            unit: Unit::Ms,
            at_least: false,
            value: None,
            verdict: Verdict::Met,
            observed_at: UnixMs(0),
            valid_until: UnixMs(100),
        }
    }

    #[test]
    fn a_verdict_ends_with_its_validity() {
        assert_eq!(verdict_at(&target(), UnixMs(100)), Verdict::Met);
        assert_eq!(verdict_at(&target(), UnixMs(101)), Verdict::Unknown);
    }

    #[test]
    fn a_promise_reads_as_a_phrase() {
        assert_eq!(promise(&target()), "p95 at most 500 ms over 1 day");
        let success = Target {
            statistic: Statistic::Ratio,
            threshold: 0.999,
            unit: Unit::Ratio,
            at_least: true,
            ..target()
        };
        assert_eq!(promise(&success), "at least 99.9 % over 1 day");
    }
}
