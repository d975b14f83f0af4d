//! What a value means against its levels, and the sentence that says so.

use watchfloor_wire::product::{ChartSpec, Levels};
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::track::{Span, Track};
use crate::ui::format;

/// A change by less than this share of the older value is called steady.
const STEADY_SHARE: f64 = 0.1;

/// Whether `value` has reached `level` in the bad direction.
fn is_beyond(value: f64, level: f64, lower_is_worse: bool) -> bool {
    if lower_is_worse { value < level } else { value > level }
}

/// The status that the levels give a value.
#[must_use]
pub fn judge(value: f64, levels: &Levels) -> Status {
    let beyond = |level: Option<f64>| level.is_some_and(|it| is_beyond(value, it, levels.lower_is_worse));
    if beyond(levels.critical) {
        Status::Down
    } else if beyond(levels.warning) {
        Status::Degraded
    } else {
        Status::Ok
    }
}

/// The level that a value is beyond, with its word: the gravest one.
fn crossed(value: f64, levels: &Levels) -> Option<(&'static str, f64)> {
    [
        ("critical", levels.critical),
        ("warning", levels.warning),
        ("target", levels.target),
    ]
    .into_iter()
    .filter_map(|(word, level)| level.map(|it| (word, it)))
    .find(|(_, level)| is_beyond(value, *level, levels.lower_is_worse))
}

/// Since when the newest values are all beyond a level.
fn beyond_since(track: &Track, level: f64, lower_is_worse: bool) -> Option<UnixMs> {
    track
        .points()
        .rev()
        .take_while(|it| it.value.is_some_and(|value| is_beyond(value, level, lower_is_worse)))
        .last()
        .map(|it| it.at)
}

/// Whether the values rise or fall: the newest against the one a quarter of the span before it.
fn trend(track: &Track, span: Span) -> &'static str {
    let back = UnixMs(span.to.0 - span.to.since_ms(span.from) / 4);
    let newest = track.points().rev().find_map(|it| it.value);
    let before = track.points().rev().filter(|it| it.at <= back).find_map(|it| it.value);
    match (newest, before) {
        (Some(newest), Some(before)) if newest > before + before.abs() * STEADY_SHARE => ", rising",
        (Some(newest), Some(before)) if newest < before - before.abs() * STEADY_SHARE => ", falling",
        (Some(_), Some(_)) => ", steady",
        _ => "",
    }
}

/// One sentence for a chart: `Error rate 6.4 %, above critical 5 % for 8 min, rising`.
#[must_use]
pub fn sentence(spec: &ChartSpec, track: &Track, span: Span, is_current: bool) -> String {
    let Some((at, value)) = newest(track) else {
        return format!("{}: {} in this time", spec.title, format::NO_READING);
    };
    let said = format::value(value, spec.unit);
    if !is_current {
        let since = format::span_fine(span.to.since_ms(at));
        return format!("{}: no reading for {since}, last known {said}", spec.title);
    }
    let side = if spec.levels.lower_is_worse { "below" } else { "above" };
    let judged = crossed(value, &spec.levels).map_or_else(String::new, |(word, level)| {
        let since = beyond_since(track, level, spec.levels.lower_is_worse).unwrap_or(at);
        let long = format::span(at.since_ms(since));
        format!(", {side} {word} {} for {long}", format::level(level, spec.unit))
    });
    format!("{} {said}{judged}{}", spec.title, trend(track, span))
}

/// The newest value and its instant.
#[must_use]
pub fn newest(track: &Track) -> Option<(UnixMs, f64)> {
    track
        .points()
        .rev()
        .find_map(|it| it.value.map(|value| (it.at, value)))
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::SeriesId;
    use watchfloor_wire::product::ChartKind;
    use watchfloor_wire::series::{SeriesColumns, Unit};
    use watchfloor_wire::time::MINUTE_MS;

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

    fn track(values: &[f64]) -> Track {
        let minutes = 0..i64::try_from(values.len()).unwrap_or(0);
        Track::from_columns(&SeriesColumns {
            series: SeriesId::from("p.api.error_ratio"),
            step_ms: MINUTE_MS,
            at: minutes.map(|it| it * MINUTE_MS).collect(),
            value: values.iter().copied().map(Some).collect(),
            thinned: false,
        })
    }

    #[test]
    fn a_chart_speaks_in_one_sentence() {
        let mut values = vec![0.0005; 20];
        values.extend([0.06; 4]);
        values.push(0.064);
        let span = Span { from: UnixMs(0), to: UnixMs(24 * MINUTE_MS) };
        let words = sentence(&spec(), &track(&values), span, true);
        assert_eq!(words, "Error rate 6.4 %, above critical 5 % for 4 min, rising");
    }

    #[test]
    fn a_late_value_is_only_last_known() {
        let span = Span { from: UnixMs(0), to: UnixMs(5 * MINUTE_MS) };
        let words = sentence(&spec(), &track(&[0.0005, 0.0004]), span, false);
        assert_eq!(words, "Error rate: no reading for 4 min 0 s, last known 0.04 %");
    }

    #[test]
    fn a_level_is_crossed_only_beyond_it() {
        assert_eq!(judge(0.05, &spec().levels), Status::Degraded);
        assert_eq!(judge(0.051, &spec().levels), Status::Down);
        let low = Levels { critical: Some(20.0), lower_is_worse: true, ..Levels::default() };
        assert_eq!(judge(19.0, &low), Status::Down);
        assert_eq!(judge(20.0, &low), Status::Ok);
    }
}
