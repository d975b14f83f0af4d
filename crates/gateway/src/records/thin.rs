//! Fewer points of the same picture. Pure.

/// One stored point: when (milliseconds since the epoch), and the value; `None` is a gap.
pub type Point = (i64, Option<f64>);

/// Readings further apart than this many steps have a gap between them.
const GAP_STEPS: f64 = 2.5;
/// Points that a stretch keeps at most: first, smallest, largest, last, and one gap.
const KEPT: usize = 5;

/// How far apart two points normally are, in milliseconds: the median distance; 0 for fewer than two points.
#[must_use]
pub fn step_ms(points: &[Point]) -> i64 {
    let mut distances: Vec<i64> = points
        .windows(2)
        .map(|pair| pair[1].0 - pair[0].0)
        .collect();
    if distances.is_empty() {
        return 0;
    }
    let middle = distances.len() / 2;
    *distances.select_nth_unstable(middle).1
}

/// At most `limit` points of `points` (which are in order and normally `step_ms` apart), and how far apart they now are.
///
/// Each stretch of equal length keeps its first, smallest, largest and last point, so no peak and no edge is
/// lost, and one gap if it has any. A silence that the wider distance would hide becomes such a gap.
/// `None` when there is nothing to thin.
#[must_use]
pub fn thin(points: &[Point], limit: usize, step_ms: i64) -> Option<(Vec<Point>, i64)> {
    if points.len() <= limit.max(1) {
        return None;
    }
    let points = with_silences(points, step_ms);
    let (from, to) = (points.first()?.0, points.last()?.0);
    let stretches = i64::try_from((limit / KEPT).max(1)).ok()?;
    let width = ((to - from) / stretches + 1).max(1);
    let kept = points
        .chunk_by(|a, b| (a.0 - from) / width == (b.0 - from) / width)
        .flat_map(keep)
        .collect();
    Some((kept, step_ms.max(width)))
}

/// The points with a gap after each one that is followed by silence.
fn with_silences(points: &[Point], step: i64) -> Vec<Point> {
    let mut all = Vec::with_capacity(points.len());
    for (n, point) in points.iter().enumerate() {
        all.push(*point);
        #[expect(
            clippy::cast_precision_loss,
            reason = "distances are far below 2^52 milliseconds"
        )]
        let silent = |next: &Point| (next.0 - point.0) as f64 > GAP_STEPS * step as f64;
        if step > 0 && points.get(n + 1).is_some_and(silent) {
            all.push((point.0 + step, None));
        }
    }
    all
}

/// The points of one stretch that stay, in order.
fn keep(stretch: &[Point]) -> Vec<Point> {
    let values = || {
        stretch
            .iter()
            .enumerate()
            .filter_map(|(n, point)| point.1.map(|value| (n, value)))
    };
    let by_value = |a: &(usize, f64), b: &(usize, f64)| a.1.total_cmp(&b.1);
    let gap = stretch.iter().position(|point| point.1.is_none());
    let mut kept: Vec<usize> = [
        values().next().map(|it| it.0),
        values().min_by(by_value).map(|it| it.0),
        values().max_by(by_value).map(|it| it.0),
        values().next_back().map(|it| it.0),
        gap,
    ]
    .into_iter()
    .flatten()
    .collect();
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|n| stretch[n]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Point, step_ms, thin};
    use proptest::prelude::*;

    fn every_second(values: impl Iterator<Item = f64>) -> Vec<Point> {
        (0..).map(|n| n * 1_000).zip(values.map(Some)).collect()
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let points = every_second([1.0, 2.0, 3.0].into_iter());
        assert_eq!(thin(&points, 3, 1_000), None);
        assert_eq!(step_ms(&points), 1_000);
        assert_eq!(step_ms(&points[..1]), 0);
    }

    #[test]
    fn a_lone_peak_survives() {
        let points = every_second((0..10_000).map(|n| if n == 4_321 { 99.0 } else { 1.0 }));
        let kept = thin(&points, 100, 1_000).map(|it| it.0).unwrap_or_default();
        assert!(kept.contains(&(4_321_000, Some(99.0))), "{kept:?}");
    }

    #[test]
    fn a_silence_becomes_a_gap() {
        let mut points = every_second((0..10_000).map(f64::from));
        points.drain(5_000..5_100);
        let kept = thin(&points, 100, 1_000).map(|it| it.0).unwrap_or_default();
        assert!(kept.contains(&(5_000_000, None)), "{kept:?}");
    }

    proptest! {
        #[test]
        fn thinning_keeps_the_ends_the_extremes_and_the_limit(
            gaps in prop::collection::vec((1..5_000_i64, -1e6..1e6_f64, any::<u8>()), 11..400),
            limit in 10..200_usize,
        ) {
            let mut at = 0;
            let points: Vec<Point> = gaps.iter().map(|(gap, value, dice)| {
                at += gap;
                (at, (*dice > 20).then_some(*value))
            }).collect();
            if let Some((kept, step)) = thin(&points, limit, step_ms(&points)) {
                prop_assert!(kept.len() <= limit, "{} of {limit}", kept.len());
                prop_assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0));
                prop_assert!(step >= step_ms(&points));
                let extremes = |points: &[Point]| {
                    let values: Vec<f64> = points.iter().filter_map(|it| it.1).collect();
                    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
                    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    (values.first().copied(), min, max, values.last().copied())
                };
                prop_assert_eq!(extremes(&kept), extremes(&points));
            } else {
                prop_assert!(points.len() <= limit);
            }
        }
    }
}
