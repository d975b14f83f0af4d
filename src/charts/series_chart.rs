//! One series on its own, for an incident's page.

use leptos::prelude::*;
use watchfloor_wire::id::{ProductId, SeriesId};
use watchfloor_wire::product::ChartSpec;

use super::history::use_history;
use super::metric_chart::MetricChart;
use super::window::Window;
use crate::store::use_stores;
use crate::ui::Empty;

/// How many points are asked for.
const POINTS: u32 = 600;

/// A large chart of the last hour of a series, with the levels that its product's configuration gives it.
#[component]
pub fn SeriesChart(
    /// The product it belongs to.
    product: ProductId,
    /// The series.
    series: SeriesId,
) -> impl IntoView {
    let stores = use_stores();
    let ids = vec![series.clone()];
    let history = use_history(Signal::stored(ids), Signal::stored(Window::Hour), POINTS);
    let spec = Memo::new({
        let product = product.clone();
        move |_| {
            let charts = stores.products.value(&product.0)?.charts;
            charts.into_iter().find(|it| it.series == series)
        }
    });
    move || chart(spec.get(), product.clone(), history)
}

fn chart(spec: Option<ChartSpec>, product: ProductId, history: super::History) -> AnyView {
    match spec {
        Some(spec) => view! { <MetricChart spec product history detail=true /> }.into_any(),
        None => view! { <Empty text="The product draws no chart of this value." /> }.into_any(),
    }
}
