//! Marks of the time axis.

use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};

use super::track::Span;

/// Distances of round marks.
const STEPS_MS: [i64; 12] = [
    MINUTE_MS,
    2 * MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
];
/// At most this many round marks between the ends.
const BETWEEN_MAX: i64 = 4;
/// A round mark keeps this share of the axis away from both ends, which are always marked.
const KEPT_CLEAR: f64 = 0.2;

/// A mark: its place from 0 (start) to 1 (end), and its instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeTick {
    /// 0 to 1.
    pub place: f64,
    /// When.
    pub at: UnixMs,
}

/// The place of an instant in a span, 0 to 1; beyond it, its edge.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "spans of days in milliseconds fit into 53 bits"
)]
pub fn place(at: UnixMs, span: Span) -> f64 {
    let length = span.to.since_ms(span.from).max(1) as f64;
    (at.since_ms(span.from) as f64 / length).clamp(0.0, 1.0)
}

/// Marks of a span: both ends, and round times between them.
#[must_use]
pub fn time_ticks(span: Span) -> Vec<TimeTick> {
    let length_ms = span.to.since_ms(span.from).max(1);
    let step_ms = STEPS_MS
        .into_iter()
        .find(|step| length_ms / step <= BETWEEN_MAX)
        .unwrap_or(length_ms / BETWEEN_MAX)
        .max(1);
    let first = (span.from.0.div_euclid(step_ms) + 1) * step_ms;
    let mut ticks = vec![TimeTick {
        place: 0.0,
        at: span.from,
    }];
    ticks.extend(
        (0..=BETWEEN_MAX)
            .map(|number| UnixMs(first.saturating_add(number * step_ms)))
            .map(|at| TimeTick {
                place: place(at, span),
                at,
            })
            .filter(|tick| (KEPT_CLEAR..=1.0 - KEPT_CLEAR).contains(&tick.place)),
    );
    ticks.push(TimeTick {
        place: 1.0,
        at: span.to,
    });
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::minute_of_day;

    #[test]
    fn an_hour_is_marked_at_its_ends_and_at_quarters() {
        let to = UnixMs(1_794_925_920_000);
        let ticks = time_ticks(Span {
            from: to.plus_ms(-HOUR_MS),
            to,
        });
        let words: Vec<String> = ticks.iter().map(|it| minute_of_day(it.at)).collect();
        assert_eq!(words, ["13:32", "13:45", "14:00", "14:15", "14:32"]);
    }

    #[test]
    fn every_window_has_at_most_six_marks() {
        for window in super::super::Window::ALL {
            let to = UnixMs(1_794_925_928_000);
            let ticks = time_ticks(Span {
                from: to.plus_ms(-window.span_ms()),
                to,
            });
            assert!(
                (2..=6).contains(&ticks.len()),
                "{window:?}: {}",
                ticks.len()
            );
            assert!(ticks.windows(2).all(|pair| pair[0].place < pair[1].place));
        }
    }
}
