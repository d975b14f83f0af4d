//! The charts of the worst product, with the others in grey behind it.

use leptos::prelude::*;
use watchfloor_wire::id::{ProductId, SeriesId};
use watchfloor_wire::product::{ChartKind, ChartSpec, Product};

use super::board::Board;
use crate::charts::{History, MetricChart, Window, use_history};
use crate::clock::use_clock;
use crate::rank::{Rank, sort_by_rank};
use crate::store::use_stores;
use crate::ui::{Empty, Region};

/// Points asked for each series.
const POINTS: u32 = 400;

/// A chart with the series of the other products of the same kind.
#[derive(Clone, Debug, PartialEq)]
struct Drawn {
    spec: ChartSpec,
    others: Vec<SeriesId>,
}

/// What is drawn for a product on the overview: its three charts, with the others' series of the same kind.
fn drawn(products: &[Product], shown: &ProductId) -> Vec<Drawn> {
    let Some(product) = products.iter().find(|it| it.id == *shown) else {
        return Vec::new();
    };
    let others_of = |spec: &ChartSpec| {
        products
            .iter()
            .filter(|it| it.id != *shown)
            .flat_map(|it| &it.charts)
            .filter(|it| it.kind == spec.kind && it.unit == spec.unit)
            .map(|it| it.series.clone())
            .collect()
    };
    product
        .charts
        .iter()
        .filter(|it| it.kind != ChartKind::Other)
        .map(|spec| Drawn {
            spec: spec.clone(),
            others: others_of(spec),
        })
        .collect()
}

/// The product whose charts are shown: the chosen one, else the worst that has any. It stays while it is not
/// better than the worst, so that charts do not change places with each other.
fn shown_product(
    board: &Board,
    products: &[Product],
    only: Option<ProductId>,
    before: Option<&ProductId>,
) -> Option<ProductId> {
    if only.is_some() {
        return only;
    }
    let has_charts = |id: &ProductId| {
        products
            .iter()
            .any(|it| it.id == *id && !it.charts.is_empty())
    };
    let mut drawable = board.products.iter().filter(|it| has_charts(&it.id));
    let worst = drawable.next()?;
    let kept = before
        .and_then(|id| board.product(id))
        .filter(|it| has_charts(&it.id) && it.status == worst.status);
    Some(kept.unwrap_or(worst).id.clone())
}

/// The overview's charts.
#[component]
pub(super) fn ChartRow(
    /// How everything is.
    board: Memo<Board>,
    /// How far back.
    window: Signal<Window>,
    /// The chosen product; `None` for the worst.
    only: Signal<Option<ProductId>>,
) -> impl IntoView {
    let stores = use_stores();
    let shown = Memo::new(move |before: Option<&Option<ProductId>>| {
        let products = stores.products.all();
        board.with(|it| shown_product(it, &products, only.get(), before.and_then(Option::as_ref)))
    });
    let charts = Memo::new(move |_| {
        let products = stores.products.all();
        shown
            .get()
            .map(|id| drawn(&products, &id))
            .unwrap_or_default()
    });
    let ids = Memo::new(move |_| {
        let mut ids: Vec<SeriesId> = charts
            .get()
            .into_iter()
            .flat_map(|it| std::iter::once(it.spec.series).chain(it.others))
            .collect();
        sort_by_rank(&mut ids, |it| Rank::default().then(it.as_str()));
        ids.dedup();
        ids
    });
    let history = use_history(ids.into(), window, POINTS);
    view! { <Row shown charts history /> }
}

#[component]
fn Row(
    shown: Memo<Option<ProductId>>,
    charts: Memo<Vec<Drawn>>,
    history: History,
) -> impl IntoView {
    let stores = use_stores();
    let name = Memo::new(move |_| {
        let id = shown.get()?;
        Some(stores.products.value(&id.0).map_or(id.0, |it| it.name))
    });
    let title = Signal::derive(move || {
        let name = name.get().unwrap_or_else(|| "Charts".to_owned());
        format!("{name}, last {}", history.window().get().words())
    });
    let has_others =
        Memo::new(move |_| charts.with(|all| all.iter().any(|it| !it.others.is_empty())));
    let aside = Signal::derive(move || {
        if has_others.get() {
            "This product is drawn in full, the others in grey".to_owned()
        } else {
            String::new()
        }
    });
    view! {
        <Region title=title aside=aside state=history.region() on_retry=history.retry() end=move || key(shown)>
            {move || grid(shown.get(), charts.get(), history)}
        </Region>
    }
    .into_any()
}

fn grid(shown: Option<ProductId>, charts: Vec<Drawn>, history: History) -> AnyView {
    let Some(product) = shown.filter(|_| !charts.is_empty()) else {
        return view! { <Empty text="No charts yet. Name series in the product's configuration." /> }.into_any();
    };
    let figures = charts
        .into_iter()
        .map(|it| view! { <MetricChart spec=it.spec others=it.others product=product.clone() history /> })
        .collect_view();
    view! { <div class="mon-charts">{figures}</div> }.into_any()
}

/// What the marks mean; a deploy's only when there is one to be seen.
fn key(shown: Memo<Option<ProductId>>) -> AnyView {
    let stores = use_stores();
    let clock = use_clock();
    let has_deploy = Memo::new(move |_| {
        let from = clock.now().plus_ms(-Window::Week.span_ms());
        let shown = shown.get();
        stores
            .deploys
            .all()
            .iter()
            .any(|it| Some(&it.product) == shown.as_ref() && it.at >= from)
    });
    view! {
        {move || has_deploy.get().then(|| view! { <span class="mon-key">{crate::charts::diamond()} "deploy"</span> })}
        <span class="mon-key">
            <span class="mon-key-hatch" aria-hidden="true"></span>
            "no data"
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::product::Levels;
    use watchfloor_wire::series::Unit;
    use watchfloor_wire::status::Status;
    use watchfloor_wire::time::UnixMs;

    use super::super::board::ProductRow;
    use super::*;

    fn product(id: &str, unit: Unit) -> Product {
        Product {
            id: ProductId::from(id),
            name: id.to_owned(),
            status: Status::Ok,
            reason: String::new(),
            since: UnixMs(0),
            maintenance_until: None,
            acknowledge: None,
            charts: vec![ChartSpec {
                kind: ChartKind::Latency,
                series: SeriesId::from(format!("{id}.api.latency")),
                title: "p95 latency".to_owned(),
                note: String::new(),
                unit,
                statistic: None,
                levels: Levels::default(),
            }],
        }
    }

    fn board(order: &[(&str, Status)]) -> Board {
        let row = |(id, status): &(&str, Status)| ProductRow {
            id: ProductId::from(*id),
            name: (*id).to_owned(),
            status: *status,
            reason: String::new(),
            since: UnixMs(0),
            maintenance_until: None,
            last_known: None,
            checks: 1,
        };
        Board {
            products: order.iter().map(row).collect(),
            checks: Vec::new(),
        }
    }

    #[test]
    fn only_like_is_drawn_with_like() {
        let products = [
            product("a", Unit::Ms),
            product("b", Unit::Ms),
            product("c", Unit::Count),
        ];
        let it = drawn(&products, &ProductId::from("a"));
        assert_eq!(it.len(), 1);
        assert_eq!(it[0].others, [SeriesId::from("b.api.latency")]);
    }

    #[test]
    fn charts_stay_while_another_product_is_only_as_bad() {
        let products = [product("a", Unit::Ms), product("b", Unit::Ms)];
        let it = board(&[("a", Status::Down), ("b", Status::Down)]);
        let b = ProductId::from("b");
        assert_eq!(
            shown_product(&it, &products, None, Some(&b)),
            Some(b.clone())
        );
        let it = board(&[("a", Status::Down), ("b", Status::Ok)]);
        assert_eq!(
            shown_product(&it, &products, None, Some(&b)),
            Some(ProductId::from("a"))
        );
    }
}
