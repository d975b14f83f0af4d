//! A chart of one series: title, value, plot, sentence and table.

use leptos::ev;
use leptos::html::Canvas;
use leptos::prelude::*;
use watchfloor_wire::id::{ProductId, SeriesId};
use watchfloor_wire::product::ChartSpec;

use super::history::History;
use super::model::{Model, model};
use super::plot;
use super::point_table::point_table;
use super::scale::ScaleKind;
use crate::ui::StatusIcon;

/// A chart of one series with its levels, deploys and gaps.
#[component]
pub fn MetricChart(
    /// What to draw.
    spec: ChartSpec,
    /// Whose deploys are marked.
    product: ProductId,
    /// Where its points come from.
    history: History,
    /// Series drawn thin behind it.
    #[prop(optional)]
    others: Vec<SeriesId>,
    /// Larger, with more words.
    #[prop(optional)]
    detail: bool,
) -> impl IntoView {
    let model = model(spec, product, history, others, detail);
    let (as_table, set_as_table) = signal(false);
    let toggle = Callback::new(move |()| set_as_table.update(|it| *it = !*it));
    view! {
        <figure class="mon-chart" data-size=detail.then_some("detail")>
            {head(model, as_table, toggle)}
            {plot_view(model, toggle, false)}
            {move || as_table.get().then(|| table(model))}
        </figure>
    }
    .into_any()
}

/// The plot alone, for a wall.
#[component]
pub(crate) fn BoardChart(
    /// What to draw.
    spec: ChartSpec,
    /// Whose deploys are marked.
    product: ProductId,
    /// Where its points come from.
    history: History,
) -> impl IntoView {
    let model = model(spec, product, history, Vec::new(), false);
    plot_view(model, Callback::new(|()| ()), true)
}

fn head(model: Model, as_table: ReadSignal<bool>, toggle: Callback<()>) -> AnyView {
    let (title, note) = model
        .spec
        .with_value(|it| (it.title.clone(), it.note.clone()));
    let status = Signal::derive(move || model.status());
    let is_log = move || model.detail && model.scale.get().kind() == ScaleKind::Log;
    let said = Memo::new(move |_| model.said());
    view! {
        <figcaption class="mon-chart-head">
            <StatusIcon status=status size=13 />
            <span class="mon-chart-title">{title}</span>
            <span class="mon-chart-value" data-status=move || status.get().slug()>{move || said.get()}</span>
            <span class="mon-chart-note mon-clip">
                {note} {move || is_log().then_some(" · log scale")}
            </span>
            <button
                type="button"
                class="mon-chart-tool"
                aria-pressed=move || as_table.get().to_string()
                on:click=move |_| toggle.run(())
            >
                {move || if as_table.get() { "Hide table" } else { "Show as table" }}
            </button>
        </figcaption>
    }
    .into_any()
}

fn table(model: Model) -> AnyView {
    let span = model.span.get();
    model.track.with(|track| {
        model
            .spec
            .with_value(|spec| point_table(&spec.title, track, span, spec.unit))
    })
}

fn plot_view(model: Model, toggle: Callback<()>, is_board: bool) -> AnyView {
    let canvas = NodeRef::<Canvas>::new();
    let failed = plot::keep_painted(canvas, model.drawing, is_board);
    let spoken = Memo::new(move |_| model.sentence());
    let is_empty = Memo::new(move |_| model.drawing.with(|it| it.lines.is_empty()));
    let on_move = move |event: ev::PointerEvent| {
        let Some(element) = canvas.get_untracked() else {
            return;
        };
        let width = f64::from(element.client_width().max(1));
        model.point_at(f64::from(event.offset_x()) / width);
    };
    let missing = move || {
        let words = if failed.get() {
            "This chart cannot be drawn. Show it as a table."
        } else {
            "no data in this time"
        };
        (failed.get() || is_empty.get())
            .then(|| view! { <p class="mon-plot-none"><span>{words}</span></p> })
    };
    view! {
        <div
            class="mon-plot"
            data-size=model.detail.then_some("detail")
            tabindex="0"
            role="img"
            aria-label=move || spoken.get()
            on:keydown=move |event| on_key(model, &event, toggle)
            on:blur=move |_| model.cursor.set(None)
        >
            <div class="mon-plot-box">
                <canvas
                    class="mon-plot-canvas"
                    node_ref=canvas
                    on:pointermove=on_move
                    on:pointerleave=move |_| model.cursor.set(None)
                ></canvas>
                {plot::word_views(model.words)}
                {missing}
                {move || model.tip().map(cursor_view)}
            </div>
        </div>
        <span class="mon-hidden-text" role="status">{move || spoken_tip(model)}</span>
    }
    .into_any()
}

fn spoken_tip(model: Model) -> String {
    model
        .tip()
        .map_or_else(String::new, |(_, _, time, said)| format!("{time}: {said}"))
}

fn cursor_view((x, y, time, said): (f64, f64, String, String)) -> AnyView {
    let (left, height) = (format!("{x:.4}"), format!("{y:.4}"));
    view! {
        <span class="mon-plot-cursor" style:--x=left.clone()></span>
        <span class="mon-plot-cursor-dot" style:--x=left.clone() style:--y=height.clone()></span>
        <span class="mon-plot-tip" data-flip=(x > 0.7).then_some("") style:--x=left style:--y=height>
            {time} " · " <b>{said}</b>
        </span>
    }
    .into_any()
}

fn on_key(model: Model, event: &ev::KeyboardEvent, toggle: Callback<()>) {
    match event.key().as_str() {
        "ArrowLeft" => model.step(false),
        "ArrowRight" => model.step(true),
        "Escape" => model.cursor.set(None),
        "t" if !(event.ctrl_key() || event.meta_key() || event.alt_key()) => toggle.run(()),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}
