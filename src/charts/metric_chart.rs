//! A chart of one series: title, value, plot, sentence and table.

use leptos::ev;
use leptos::html::Canvas;
use leptos::prelude::*;
use watchfloor_wire::deploy::DeployKind;
use watchfloor_wire::id::{ProductId, SeriesId};
use watchfloor_wire::product::ChartSpec;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::drawing::{Content, Drawing, draw};
use super::history::{History, live_readings};
use super::judge::{judge, newest, sentence};
use super::plot::{self, DeployMark, Words};
use super::point_table::point_table;
use super::scale::{Scale, ScaleKind};
use super::ticks::place;
use super::track::{Span, Track};
use crate::clock::use_clock;
use crate::store::use_stores;
use crate::ui::{StatusIcon, format, minute_of_day, second_of_day};

/// Points are thinned for this many columns; a chart is rarely wider.
const COLUMNS: u32 = 900;

/// What a chart shows, all derived. A copy is the same chart.
#[derive(Clone, Copy)]
struct Model {
    spec: StoredValue<ChartSpec>,
    track: Memo<Track>,
    span: Memo<Span>,
    scale: Memo<Scale>,
    drawing: Memo<Drawing>,
    words: Memo<Words>,
    is_current: Memo<bool>,
    cursor: RwSignal<Option<UnixMs>>,
    detail: bool,
}


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
            {plot_view(model, toggle)}
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
    plot_view(model, Callback::new(|()| ()))
}

fn model(spec: ChartSpec, product: ProductId, history: History, others: Vec<SeriesId>, detail: bool) -> Model {
    let clock = use_clock();
    let readings = use_stores().readings;
    let series = spec.series.clone();
    let track = history.track(series.clone(), live_readings(series.clone()));
    let others: Vec<Memo<Track>> = others
        .into_iter()
        .map(|id| history.track(id.clone(), live_readings(id)))
        .collect();
    let others = StoredValue::new(others);
    let span = Memo::new(move |_| {
        let window = history.window().get();
        let to = window.end(clock.now());
        Span { from: to.plus_ms(-window.span_ms()), to }
    });
    let spec = StoredValue::new(spec);
    let scale = Memo::new(move |before: Option<&Scale>| scale_of(spec, track, span.get(), others).hold(before));
    let deploys = deploy_marks(product, span);
    let drawing = Memo::new(move |_| {
        let others: Vec<Track> = others.with_value(|all| all.iter().map(Get::get).collect());
        let instants: Vec<UnixMs> = deploys.with(|all| all.iter().map(|it| it.0).collect());
        let (track, scale) = (track.get(), scale.get());
        spec.with_value(|spec| {
            draw(Content {
                track: &track,
                others: &others,
                levels: &spec.levels,
                deploys: &instants,
                span: span.get(),
                scale: &scale,
                columns: COLUMNS,
            })
        })
    });
    let words = Memo::new(move |_| {
        let (scale, drawing, deploys) = (scale.get(), drawing.get(), deploys.get());
        spec.with_value(|spec| plot::words(spec, &scale, span.get(), &drawing, &deploys, detail))
    });
    let is_current = Memo::new(move |_| {
        readings.value(&series.0).is_some_and(|it| it.value.is_some() && clock.now() <= it.valid_until)
    });
    Model { spec, track, span, scale, drawing, words, is_current, cursor: RwSignal::new(None), detail }
}

fn scale_of(spec: StoredValue<ChartSpec>, track: Memo<Track>, span: Span, others: StoredValue<Vec<Memo<Track>>>) -> Scale {
    let mut extents: Vec<(f64, f64)> = others.with_value(|all| {
        all.iter().filter_map(|it| it.with(|track| track.extent(span))).collect()
    });
    extents.extend(track.with(|it| it.extent(span)));
    let values = extents.into_iter().flat_map(|(low, high)| [low, high]);
    spec.with_value(|it| Scale::fit(values, &it.levels))
}

fn deploy_marks(product: ProductId, span: Memo<Span>) -> Memo<Vec<DeployMark>> {
    let deploys = use_stores().deploys;
    Memo::new(move |_| {
        let from = span.get().from;
        deploys
            .all()
            .into_iter()
            .filter(|it| it.product == product && it.at >= from)
            .map(|it| {
                let back = if it.kind == DeployKind::Rollback { "back to " } else { "" };
                (it.at, format!("{back}{}", it.version))
            })
            .collect()
    })
}

impl Model {
    fn status(self) -> Status {
        if !self.is_current.get() {
            return Status::Unknown;
        }
        let value = self.track.with(newest);
        value.map_or(Status::Unknown, |(_, value)| self.spec.with_value(|it| judge(value, &it.levels)))
    }

    fn said(self) -> String {
        let value = self.track.with(newest);
        match value {
            Some((_, value)) if self.is_current.get() => self.spec.with_value(|it| format::value(value, it.unit)),
            Some((at, _)) => format!("no data since {}", second_of_day(at)),
            None => format::NO_READING.to_owned(),
        }
    }

    fn sentence(self) -> String {
        let (span, is_current) = (self.span.get(), self.is_current.get());
        self.track.with(|track| self.spec.with_value(|spec| sentence(spec, track, span, is_current)))
    }

    /// Moves the cursor to the value that is nearest to a place on the time axis.
    fn point_at(self, share: f64) {
        let span = self.span.get_untracked();
        let nearest = self.track.with_untracked(|track| {
            track
                .points()
                .filter(|it| it.value.is_some() && it.at >= span.from)
                .min_by(|a, b| (place(a.at, span) - share).abs().total_cmp(&(place(b.at, span) - share).abs()))
                .map(|it| it.at)
        });
        self.cursor.set(nearest);
    }

    /// Moves the cursor by one value.
    fn step(self, forward: bool) {
        let now = self.cursor.get_untracked();
        let next = self.track.with_untracked(|track| {
            let mut known = track.points().filter(|it| it.value.is_some()).map(|it| it.at);
            match (now, forward) {
                (None, _) => known.next_back(),
                (Some(at), true) => known.find(|it| *it > at).or(Some(at)),
                (Some(at), false) => known.rfind(|it| *it < at).or(Some(at)),
            }
        });
        self.cursor.set(next);
    }

    /// The cursor's place and words.
    fn tip(self) -> Option<(f64, f64, String, String)> {
        let at = self.cursor.get()?;
        let value = self.track.with(|track| track.points().rev().find(|it| it.at == at).and_then(|it| it.value))?;
        let (x, y) = (place(at, self.span.get()), self.scale.get().height(value));
        let said = self.spec.with_value(|it| format::value(value, it.unit));
        Some((x, y, minute_of_day(at), said))
    }
}

fn head(model: Model, as_table: ReadSignal<bool>, toggle: Callback<()>) -> AnyView {
    let (title, note) = model.spec.with_value(|it| (it.title.clone(), it.note.clone()));
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
    model.track.with(|track| model.spec.with_value(|spec| point_table(&spec.title, track, span, spec.unit)))
}

fn plot_view(model: Model, toggle: Callback<()>) -> AnyView {
    let canvas = NodeRef::<Canvas>::new();
    let failed = plot::keep_painted(canvas, model.drawing);
    let spoken = Memo::new(move |_| model.sentence());
    let is_empty = Memo::new(move |_| model.drawing.with(|it| it.lines.is_empty()));
    let on_move = move |event: ev::PointerEvent| {
        let Some(element) = canvas.get_untracked() else { return };
        let width = f64::from(element.client_width().max(1));
        model.point_at(f64::from(event.offset_x()) / width);
    };
    let missing = move || {
        let words = if failed.get() { "This chart cannot be drawn. Show it as a table." } else { "no data in this time" };
        (failed.get() || is_empty.get()).then(|| view! { <p class="mon-plot-none"><span>{words}</span></p> })
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
    model.tip().map_or_else(String::new, |(_, _, time, said)| format!("{time}: {said}"))
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
