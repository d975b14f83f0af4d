//! The words around a drawing, and the canvas between them.

use leptos::html::Canvas;
use leptos::prelude::*;
use watchfloor_wire::product::ChartSpec;
use watchfloor_wire::time::{DAY_MS, UnixMs};

use super::drawing::{Drawing, level_lines, missed_band};
use super::labels::spread;
use super::paint::paint;
use super::palette::Palette;
use super::scale::Scale;
use super::surface;
use super::ticks::{place, time_ticks};
use super::track::Span;
use crate::feed::is_stale;
use crate::ui::{day_and_month, format, minute_of_day};

/// Height of the plot's box in CSS pixels, and how far apart words must stand in it.
const BOX_HEIGHT_PX: f64 = 96.0;
const DETAIL_BOX_HEIGHT_PX: f64 = 160.0;
const WORDS_APART_PX: f64 = 15.0;
/// The band's words need this much of its height.
const BAND_WORDS_FROM: f64 = 0.17;
/// A gap's words need this much of the width.
const GAP_WORDS_FROM: f64 = 0.09;
/// A deploy's words stand at its right when it is this far left.
const DEPLOY_FLIPS_BELOW: f64 = 0.3;

/// A word at a place; which coordinate counts depends on what it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) shift_px: f64,
    pub(super) kind: &'static str,
    pub(super) text: String,
}

/// All words of a plot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Words {
    heights: Vec<Word>,
    times: Vec<Word>,
    levels: Vec<Word>,
    deploys: Vec<Word>,
    inside: Vec<Word>,
}

/// A deploy mark's instant and what it says.
pub(super) type DeployMark = (UnixMs, String);

/// The words of a chart.
pub(super) fn words(spec: &ChartSpec, scale: &Scale, span: Span, drawing: &Drawing, deploys: &[DeployMark], detail: bool) -> Words {
    Words {
        heights: height_words(spec, scale),
        times: time_words(span),
        levels: level_words(spec, scale, detail),
        deploys: deploy_words(span, deploys),
        inside: inside_words(spec, scale, drawing, detail),
    }
}

fn word(x: f64, y: f64, kind: &'static str, text: String) -> Word {
    Word { x, y, shift_px: 0.0, kind, text }
}

fn height_words(spec: &ChartSpec, scale: &Scale) -> Vec<Word> {
    let ticks = scale.ticks();
    let top = ticks.len().saturating_sub(1);
    ticks
        .iter()
        .enumerate()
        .map(|(number, tick)| word(0.0, scale.height(*tick), "", format::tick(*tick, spec.unit, number == top)))
        .collect()
}

fn time_words(span: Span) -> Vec<Word> {
    let is_long = span.to.since_ms(span.from) > DAY_MS;
    let ticks = time_ticks(span);
    let end = ticks.len().saturating_sub(1);
    ticks
        .iter()
        .enumerate()
        .map(|(number, tick)| {
            let kind = match number {
                0 => "start",
                it if it == end => "end",
                _ => "",
            };
            let text = if is_long { day_and_month(tick.at) } else { minute_of_day(tick.at) };
            word(tick.place, 0.0, kind, text)
        })
        .collect()
}

fn level_words(spec: &ChartSpec, scale: &Scale, detail: bool) -> Vec<Word> {
    let lines = level_lines(&spec.levels, scale);
    let height_px = if detail { DETAIL_BOX_HEIGHT_PX } else { BOX_HEIGHT_PX };
    let tops: Vec<f64> = lines.iter().map(|it| (1.0 - it.y) * height_px).collect();
    let shifts = spread(&tops, WORDS_APART_PX, height_px);
    lines
        .iter()
        .zip(shifts)
        .map(|(line, shift_px)| {
            let text = format!("{} {}", line.kind.word(), format::level(line.value, spec.unit));
            Word { shift_px, ..word(1.0, line.y, line.kind.word(), text) }
        })
        .collect()
}

/// Only the newest deploy is named: earlier ones keep their line, and words on words help nobody.
fn deploy_words(span: Span, deploys: &[DeployMark]) -> Vec<Word> {
    deploys
        .iter()
        .filter(|(at, _)| *at >= span.from && *at <= span.to)
        .max_by_key(|(at, _)| *at)
        .map(|(at, text)| {
            let x = place(*at, span);
            let kind = if x < DEPLOY_FLIPS_BELOW { "flip" } else { "" };
            word(x, 1.0, kind, format!("{text} {}", minute_of_day(*at)))
        })
        .into_iter()
        .collect()
}

fn inside_words(spec: &ChartSpec, scale: &Scale, drawing: &Drawing, detail: bool) -> Vec<Word> {
    let mut inside = Vec::new();
    let is_missing_all = drawing.lines.is_empty();
    if let Some((low, high)) = missed_band(&spec.levels, scale)
        && high - low >= BAND_WORDS_FROM
        && !is_missing_all
    {
        let text = "target missed, no rule fires".to_owned();
        inside.push(word(if detail { 0.4 } else { 0.55 }, f64::midpoint(low, high), "band", text));
    }
    if detail && !is_missing_all {
        let wide = drawing.gaps.iter().filter(|(from, to)| to - from >= GAP_WORDS_FROM);
        inside.extend(wide.map(|(from, to)| word(f64::midpoint(*from, *to), 1.0, "gap", "no data".to_owned())));
    }
    inside
}

/// Draws on the canvas in the next animation frame whenever the drawing, the size or the colours change. The
/// browser holds animation frames back while the page is hidden, so a hidden page draws nothing.
pub(super) fn keep_painted(canvas: NodeRef<Canvas>, drawing: Memo<Drawing>) -> ReadSignal<bool> {
    let generation = surface::use_surface(canvas);
    let stale = is_stale();
    let is_planned = StoredValue::new(false);
    let (failed, set_failed) = signal(false);
    // Drawing is an act on the document.
    Effect::new(move |_| {
        drawing.track();
        generation.track();
        stale.track();
        if canvas.get().is_none() || is_planned.get_value() {
            return;
        }
        is_planned.set_value(true);
        request_animation_frame(move || {
            // The chart may have been left before its frame came.
            if is_planned.try_update_value(|it| *it = false).is_none() {
                return;
            }
            let Some(element) = canvas.get_untracked() else { return };
            let ratio = surface::fit(&element);
            let palette = Palette::of(&element);
            let done = drawing.with_untracked(|it| paint(element, it, palette, ratio));
            if done.is_err() != failed.get_untracked() {
                set_failed.set(done.is_err());
            }
        });
    });
    failed
}

/// The words of a plot as elements, placed by custom properties.
pub(super) fn word_views(words: Memo<Words>) -> impl IntoView {
    let group = move |pick: fn(&Words) -> &Vec<Word>, class: &'static str| {
        let list = Memo::new(move |_| words.with(|it| pick(it).clone()));
        move || list.get().into_iter().map(|it| word_view(it, class)).collect_view()
    };
    view! {
        {group(|it| &it.heights, "mon-plot-text mon-plot-tick-y")}
        {group(|it| &it.times, "mon-plot-text mon-plot-tick-x")}
        {group(|it| &it.levels, "mon-plot-text mon-plot-level")}
        {group(|it| &it.deploys, "mon-plot-text mon-plot-deploy")}
        {group(|it| &it.inside, "mon-plot-text mon-plot-inside")}
    }
}

fn word_view(word: Word, class: &'static str) -> AnyView {
    let kind = (!word.kind.is_empty()).then_some(word.kind);
    let is_deploy = class.ends_with("deploy");
    view! {
        <span
            class=class
            data-kind=kind
            style:--x=format!("{:.4}", word.x)
            style:--y=format!("{:.4}", word.y)
            style:--shift=format!("{:.1}", word.shift_px)
        >
            {word.text}
            {is_deploy.then(diamond)}
        </span>
    }
    .into_any()
}

/// The mark of a deploy, in charts and in their key.
pub(crate) fn diamond() -> impl IntoView {
    view! {
        <svg viewBox="0 0 9 11" width="9" height="11" aria-hidden="true">
            <path d="M4.5 0L9 5.5L4.5 11L0 5.5z" fill="currentColor"></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::SeriesId;
    use watchfloor_wire::product::{ChartKind, Levels};
    use watchfloor_wire::series::Unit;
    use watchfloor_wire::time::HOUR_MS;

    use super::*;

    fn spec() -> ChartSpec {
        ChartSpec {
            kind: ChartKind::ErrorRatio,
            series: SeriesId::from("p.api.error_ratio"),
            title: "Error rate".to_owned(),
            note: String::new(),
            unit: Unit::Ratio,
            statistic: None,
            levels: Levels {
                target: Some(0.001),
                warning: Some(0.01),
                critical: Some(0.05),
                lower_is_worse: false,
            },
        }
    }

    #[test]
    fn levels_say_their_value_and_only_the_top_tick_its_unit() {
        let scale = Scale::fit([0.0005], &spec().levels);
        let levels: Vec<String> = level_words(&spec(), &scale, false).into_iter().map(|it| it.text).collect();
        assert_eq!(levels, ["critical 5 %", "warning 1 %", "target 0.1 %"]);
        let ticks: Vec<String> = height_words(&spec(), &scale).into_iter().map(|it| it.text).collect();
        assert_eq!(ticks, ["0.01", "0.1", "1", "10 %"]);
    }

    #[test]
    fn only_the_newest_deploy_is_named() {
        let to = UnixMs(1_794_925_928_000);
        let span = Span { from: to.plus_ms(-HOUR_MS), to };
        let marks = [
            (to.plus_ms(-HOUR_MS / 2), "v1".to_owned()),
            (to.plus_ms(-660_000), "v2.18.0".to_owned()),
        ];
        let named = deploy_words(span, &marks);
        assert_eq!(named.len(), 1);
        assert_eq!(named[0].text, "v2.18.0 14:21");
    }
}
