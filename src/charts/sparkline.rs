//! A line without axes, for tiles and lists.

use std::fmt::Write;

use leptos::prelude::*;
use watchfloor_wire::status::Status;

use super::hatch::hatch;
use super::thin::thin;
use super::ticks::place;
use super::track::{Span, Track};

/// The drawing's own units; the style sheet decides how large they are.
const WIDTH: f64 = 124.0;
const HEIGHT: f64 = 22.0;
/// Room for the stroke and the dot.
const EDGE: f64 = 3.0;
/// A line whose values differ by less than this share of the largest one is drawn flat, not as mountains.
const FLAT_SHARE: f64 = 0.5;

/// The three paths of a sparkline, in the drawing's units.
#[derive(Clone, Debug, Default, PartialEq)]
struct Paths {
    line: String,
    gaps: String,
    dot: String,
}

fn x(share: f64) -> f64 {
    share * (WIDTH - 2.0 * EDGE) + EDGE
}

/// The height of a value between the smallest and largest one shown.
fn y(value: f64, (low, high): (f64, f64)) -> f64 {
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
    (1.0 - share) * (HEIGHT - 2.0 * EDGE) + EDGE
}

/// The range to draw in: wide enough that noise on a large value stays small.
fn range(low: f64, high: f64) -> (f64, f64) {
    let wanted = (high.abs() * FLAT_SHARE).max(f64::MIN_POSITIVE);
    let missing = (wanted - (high - low)).max(0.0);
    let (low, high) = (low - missing / 2.0, high + missing / 2.0);
    if low.is_finite() && high.is_finite() && low < high {
        (low, high)
    } else {
        (0.0, 1.0)
    }
}

fn paths(track: &Track, span: Span) -> Paths {
    let pieces = track.pieces(span);
    let (low, high) = track.extent(span).unwrap_or((0.0, 1.0));
    let range = range(low, high);
    let mut paths = Paths::default();
    for line in &pieces.lines {
        let places: Vec<(f64, f64)> = line
            .iter()
            .map(|(at, value)| (place(*at, span), *value))
            .collect();
        for (number, (at, value)) in thin(&places, 62).into_iter().enumerate() {
            // Writing into a string cannot fail.
            let _ = write!(
                paths.line,
                "{}{:.1} {:.1}",
                if number == 0 { 'M' } else { 'L' },
                x(at),
                y(value, range)
            );
        }
    }
    for gap in &pieces.gaps {
        push_hatch(
            &mut paths.gaps,
            x(place(gap.from, span)),
            x(place(gap.to, span)),
        );
    }
    let last = pieces.lines.last().and_then(|it| it.last());
    if let Some((at, value)) =
        last.filter(|(at, _)| pieces.gaps.last().is_none_or(|gap| gap.from < *at))
    {
        let _ = write!(
            paths.dot,
            "M{:.1} {:.1}h0",
            x(place(*at, span)),
            y(*value, range)
        );
    }
    paths
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "places lie within the drawing"
)]
fn push_hatch(out: &mut String, left: f64, right: f64) {
    for ((x1, y1), (x2, y2)) in hatch(left as i32, 1, right as i32, HEIGHT as i32 - 1, 6) {
        let _ = write!(out, "M{x1} {y1}L{x2} {y2}");
    }
}

/// A series without axes: its line, hatched gaps, and a dot at the end while it is current. Hidden from
/// assistive technology: the value and its age stand beside it.
#[component]
pub fn Sparkline(
    /// The series over time.
    #[prop(into)]
    track: Signal<Track>,
    /// The time shown.
    #[prop(into)]
    span: Signal<Span>,
    /// Colours the line.
    #[prop(into)]
    status: Signal<Status>,
) -> impl IntoView {
    let drawn = Memo::new(move |_| {
        let span = span.get();
        track.with(|it| paths(it, span))
    });
    let has_gaps = Memo::new(move |_| drawn.with(|it| !it.gaps.is_empty()));
    let part = move |pick: fn(&Paths) -> &String| move || drawn.with(|it| pick(it).clone());
    view! {
        <svg
            class="mon-spark"
            data-status=move || status.get().slug()
            viewBox="0 0 124 22"
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            {move || has_gaps.get().then(|| view! { <path class="mon-spark-gap" d=part(|it| &it.gaps)></path> })}
            <path d=part(|it| &it.line)></path>
            <path class="mon-spark-dot" d=part(|it| &it.dot)></path>
        </svg>
    }
}

/// Counts, one a minute, oldest first.
#[component]
pub fn CountSparkline(
    /// The counts.
    #[prop(into)]
    counts: Signal<Vec<u32>>,
) -> impl IntoView {
    let drawn = Memo::new(move |_| counts.with(|it| count_paths(it)));
    view! {
        <svg class="mon-spark" viewBox="0 0 124 22" preserveAspectRatio="none" aria-hidden="true">
            <path d=move || drawn.with(|it| it.0.clone())></path>
            <path class="mon-spark-dot" d=move || drawn.with(|it| it.1.clone())></path>
        </svg>
    }
}

#[expect(clippy::cast_precision_loss, reason = "a list of minutes is short")]
fn count_paths(counts: &[u32]) -> (String, String) {
    let highest = counts.iter().copied().max().unwrap_or(0).max(1);
    let range = (0.0, f64::from(highest));
    let steps = counts.len().saturating_sub(1).max(1) as f64;
    let (mut line, mut dot) = (String::new(), String::new());
    for (number, count) in counts.iter().enumerate() {
        let (left, top) = (x(number as f64 / steps), y(f64::from(*count), range));
        let _ = write!(
            line,
            "{}{left:.1} {top:.1}",
            if number == 0 { 'M' } else { 'L' }
        );
        if number + 1 == counts.len() {
            let _ = write!(dot, "M{left:.1} {top:.1}h0");
        }
    }
    (line, dot)
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::SeriesId;
    use watchfloor_wire::series::SeriesColumns;
    use watchfloor_wire::time::UnixMs;

    use super::*;

    fn track(values: &[f64]) -> Track {
        Track::from_columns(&SeriesColumns {
            series: SeriesId::from("a.b.c"),
            step_ms: 10,
            at: (0..).step_by(10).take(values.len()).collect(),
            value: values.iter().copied().map(Some).collect(),
            thinned: false,
        })
    }

    #[test]
    fn a_current_line_ends_in_a_dot() {
        let drawn = paths(
            &track(&[1.0, 2.0, 3.0]),
            Span {
                from: UnixMs(0),
                to: UnixMs(20),
            },
        );
        assert!(drawn.dot.starts_with("M121.0 "));
        assert!(drawn.gaps.is_empty());
    }

    #[test]
    fn a_late_line_ends_in_a_hatch() {
        let drawn = paths(
            &track(&[1.0, 2.0]),
            Span {
                from: UnixMs(0),
                to: UnixMs(90),
            },
        );
        assert!(drawn.dot.is_empty());
        assert!(!drawn.gaps.is_empty());
    }

    #[test]
    fn noise_on_a_large_value_stays_small() {
        let (low, high) = range(400.0, 412.0);
        assert!(high - low >= 206.0);
    }

    #[test]
    fn equal_values_have_a_height() {
        assert!(
            !paths(
                &track(&[0.0, 0.0]),
                Span {
                    from: UnixMs(0),
                    to: UnixMs(10)
                }
            )
            .line
            .contains("NaN")
        );
    }
}
