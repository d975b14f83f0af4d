//! A chart as shapes with places from 0 to 1, before any canvas: x from the start of the span to its end, y from
//! the foot to the top. Every number in it is finite and within that range.

use watchfloor_wire::product::Levels;
use watchfloor_wire::time::UnixMs;

use super::scale::{Scale, ScaleKind};
use super::thin::thin;
use super::ticks::place;
use super::track::{Span, Track};

/// A place: x and y, each 0 to 1.
pub type Place = (f64, f64);

/// Which of the three levels a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelKind {
    /// Where a critical or high alert fires.
    Critical,
    /// Where a warning fires.
    Warning,
    /// The promise.
    Target,
}

impl LevelKind {
    /// Its word, also in attributes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Target => "target",
        }
    }
}

/// A level line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelLine {
    /// Which one.
    pub kind: LevelKind,
    /// Its value.
    pub value: f64,
    /// Its height.
    pub y: f64,
}

/// A chart's shapes, from the back to the front.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// Heights of the grid lines; the first is the foot.
    pub grid: Vec<f64>,
    /// The zone beyond critical, as two heights.
    pub critical_zone: Option<(f64, f64)>,
    /// The band where the target is missed but no rule fires, as two heights.
    pub missed_band: Option<(f64, f64)>,
    /// Lines to judge by.
    pub levels: Vec<LevelLine>,
    /// Where nothing is known, as two places on the time axis.
    pub gaps: Vec<(f64, f64)>,
    /// Deploys, as places on the time axis.
    pub deploys: Vec<f64>,
    /// Lines of other series.
    pub others: Vec<Vec<Place>>,
    /// The series itself.
    pub lines: Vec<Vec<Place>>,
    /// The dot at its end, when its newest value is current.
    pub end: Option<Place>,
}

/// What a drawing is made from.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// The series.
    pub track: &'a Track,
    /// Other series, drawn thin.
    pub others: &'a [Track],
    /// Lines to judge by.
    pub levels: &'a Levels,
    /// Instants of deploys.
    pub deploys: &'a [UnixMs],
    /// The time shown.
    pub span: Span,
    /// The axis.
    pub scale: &'a Scale,
    /// How many pixels across.
    pub columns: u32,
}

/// The levels with a value on the axis, gravest first.
#[must_use]
pub fn level_lines(levels: &Levels, scale: &Scale) -> Vec<LevelLine> {
    [
        (LevelKind::Critical, levels.critical),
        (LevelKind::Warning, levels.warning),
        (LevelKind::Target, levels.target),
    ]
    .into_iter()
    .filter_map(|(kind, value)| {
        let value = value.filter(|it| it.is_finite())?;
        Some(LevelLine { kind, value, y: scale.height(value) })
    })
    .collect()
}

/// The band between the target and the first rule; `None` when one of them is missing or they are the wrong way
/// round, and on linear axes, where the band says nothing that the lines do not.
#[must_use]
pub fn missed_band(levels: &Levels, scale: &Scale) -> Option<(f64, f64)> {
    let target = levels.target?;
    let rule = levels.warning.or(levels.critical)?;
    (scale.kind() == ScaleKind::Log && target < rule).then(|| (scale.height(target), scale.height(rule)))
}

/// Lays out a chart.
#[must_use]
pub fn draw(content: Content<'_>) -> Drawing {
    let Content { track, levels, span, scale, .. } = content;
    let pieces = track.pieces(span);
    let end = pieces
        .lines
        .last()
        .and_then(|line| line.last())
        .filter(|(at, _)| pieces.gaps.last().is_none_or(|gap| gap.from < *at))
        .map(|(at, value)| (place(*at, span), scale.height(*value)));
    let line_of = |line: &Vec<(UnixMs, f64)>| {
        let places: Vec<Place> = line
            .iter()
            .map(|(at, value)| (place(*at, span), scale.height(*value)))
            .collect();
        thin(&places, content.columns)
    };
    Drawing {
        grid: scale.ticks().iter().map(|tick| scale.height(*tick)).collect(),
        critical_zone: levels.critical.filter(|it| it.is_finite()).map(|level| {
            let y = scale.height(level);
            if levels.lower_is_worse { (0.0, y) } else { (y, 1.0) }
        }),
        missed_band: missed_band(levels, scale),
        levels: level_lines(levels, scale),
        gaps: pieces.gaps.iter().map(|gap| (place(gap.from, span), place(gap.to, span))).collect(),
        deploys: content
            .deploys
            .iter()
            .filter(|at| **at >= span.from && **at <= span.to)
            .map(|at| place(*at, span))
            .collect(),
        others: content
            .others
            .iter()
            .flat_map(|other| other.pieces(span).lines)
            .map(|line| line_of(&line))
            .collect(),
        lines: pieces.lines.iter().map(line_of).collect(),
        end,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use watchfloor_wire::id::SeriesId;
    use watchfloor_wire::series::SeriesColumns;

    use super::*;

    fn track(readings: &[(i64, f64)]) -> Track {
        Track::from_columns(&SeriesColumns {
            series: SeriesId::from("a.b.c"),
            step_ms: 10,
            at: readings.iter().map(|it| it.0).collect(),
            value: readings.iter().map(|it| Some(it.1)).collect(),
            thinned: false,
        })
    }

    fn drawn(readings: &[(i64, f64)], levels: &Levels, to: i64) -> Drawing {
        let span = Span { from: UnixMs(0), to: UnixMs(to) };
        let track = track(readings);
        let scale = Scale::fit(readings.iter().map(|it| it.1), levels);
        draw(Content {
            track: &track,
            others: &[],
            levels,
            deploys: &[UnixMs(-5), UnixMs(to / 2), UnixMs(to + 5)],
            span,
            scale: &scale,
            columns: 300,
        })
    }

    #[test]
    fn the_end_has_a_dot_only_while_it_is_current() {
        assert!(drawn(&[(0, 1.0), (20, 2.0)], &Levels::default(), 30).end.is_some());
        assert!(drawn(&[(0, 1.0), (20, 2.0)], &Levels::default(), 90).end.is_none());
    }

    #[test]
    fn deploys_outside_the_time_shown_are_left_out() {
        assert_eq!(drawn(&[(0, 1.0)], &Levels::default(), 100).deploys, [0.5]);
    }

    #[test]
    fn low_throughput_is_the_bad_zone() {
        let levels = Levels { critical: Some(20.0), lower_is_worse: true, ..Levels::default() };
        let zone = drawn(&[(0, 90.0)], &levels, 10).critical_zone;
        assert!(zone.is_some_and(|(low, high)| low == 0.0 && high < 0.5));
    }

    proptest! {
        #[test]
        fn all_places_are_on_the_canvas(
            readings in prop::collection::vec((0_i64..500, prop::num::f64::ANY), 0..50),
            target in prop::option::of(prop::num::f64::ANY),
            critical in prop::option::of(prop::num::f64::ANY),
        ) {
            let mut readings = readings;
            readings.sort_by_key(|it| it.0);
            let levels = Levels { target, critical, ..Levels::default() };
            let drawing = drawn(&readings, &levels, 400);
            let unit = 0.0..=1.0;
            for (x, y) in drawing.lines.iter().flatten().chain(&drawing.end) {
                prop_assert!(unit.contains(x) && unit.contains(y));
            }
            prop_assert!(drawing.grid.iter().all(|y| unit.contains(y)));
            prop_assert!(drawing.gaps.iter().all(|(from, to)| unit.contains(from) && unit.contains(to)));
        }
    }
}
