//! Samples summed up by the minute and by the hour. Pure.
//!
//! A bucket keeps its extremes with their instants, so that a chart of a year shows each peak where it was, and sum and
//! count, so that means of longer stretches are those of the samples and not means of means.

use watchfloor_wire::time::{HOUR_MS, MINUTE_MS};

use super::thin::Point;

/// How long a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// A minute, from samples.
    Minute,
    /// An hour, from minutes.
    Hour,
}

impl Tier {
    /// Both, the finer one first: the coarser one is made from it.
    pub const ALL: [Self; 2] = [Self::Minute, Self::Hour];

    /// How long a bucket is, in milliseconds.
    #[must_use]
    pub const fn step_ms(self) -> i64 {
        match self {
            Self::Minute => MINUTE_MS,
            Self::Hour => HOUR_MS,
        }
    }

    /// The number that stands for it in the database.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Minute => 1,
            Self::Hour => 2,
        }
    }

    /// When the bucket begins that an instant falls into, in milliseconds since 1970.
    #[must_use]
    pub const fn start_ms(self, at_ms: i64) -> i64 {
        at_ms.div_euclid(self.step_ms()) * self.step_ms()
    }
}

/// A value and when it was measured, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extreme {
    /// When.
    pub at_ms: i64,
    /// The value.
    pub value: f64,
}

/// What is known of the values in a bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values {
    /// The smallest; of equals the first.
    pub low: Extreme,
    /// The largest; of equals the first.
    pub high: Extreme,
    /// All together.
    pub sum: f64,
    /// How many.
    pub count: i64,
}

/// One stretch of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// When it begins, in milliseconds since 1970.
    pub start_ms: i64,
    /// `None` when there were only readings without a value, which is a gap that the source itself reported.
    pub values: Option<Values>,
}

impl Values {
    fn of(point: &Point) -> Option<Self> {
        let extreme = Extreme {
            at_ms: point.0,
            value: point.1?,
        };
        Some(Self {
            low: extreme,
            high: extreme,
            sum: extreme.value,
            count: 1,
        })
    }

    /// Both together; `later` is of later instants.
    fn and(self, later: Self) -> Self {
        let pick =
            |one: Extreme, other: Extreme, is_better: bool| if is_better { other } else { one };
        Self {
            low: pick(self.low, later.low, later.low.value < self.low.value),
            high: pick(self.high, later.high, later.high.value > self.high.value),
            sum: self.sum + later.sum,
            count: self.count + later.count,
        }
    }
}

/// The buckets of samples, which are in order.
#[must_use]
pub fn of_points(tier: Tier, points: &[Point]) -> Vec<Bucket> {
    let parts = points.iter().map(|it| (it.0, Values::of(it)));
    together(tier, parts)
}

/// The buckets of finer buckets, which are in order.
#[must_use]
pub fn of_buckets(tier: Tier, finer: &[Bucket]) -> Vec<Bucket> {
    let parts = finer.iter().map(|it| (it.start_ms, it.values));
    together(tier, parts)
}

fn together(tier: Tier, parts: impl Iterator<Item = (i64, Option<Values>)>) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for (at_ms, values) in parts {
        let start_ms = tier.start_ms(at_ms);
        match buckets.last_mut().filter(|it| it.start_ms == start_ms) {
            Some(last) => {
                last.values = match (last.values, values) {
                    (Some(one), Some(other)) => Some(one.and(other)),
                    (one, other) => one.or(other),
                };
            }
            None => buckets.push(Bucket { start_ms, values }),
        }
    }
    buckets
}

impl Bucket {
    /// What a chart draws of it: the extremes where they were, in order, or a gap.
    pub fn points(self) -> impl Iterator<Item = Point> {
        let (first, second) = match self.values {
            None => ((self.start_ms, None), None),
            Some(Values { low, high, .. }) => {
                let point = |it: Extreme| (it.at_ms, Some(it.value));
                let (first, second) = if low.at_ms <= high.at_ms {
                    (low, high)
                } else {
                    (high, low)
                };
                let differs = first.at_ms < second.at_ms;
                (point(first), differs.then(|| point(second)))
            }
        };
        std::iter::once(first).chain(second)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn extreme(at_ms: i64, value: f64) -> Extreme {
        Extreme { at_ms, value }
    }

    #[test]
    fn a_bucket_keeps_its_peaks_where_they_were() {
        let points = [
            (60_000, Some(5.0)),
            (70_000, None),
            (80_000, Some(9.0)),
            (90_000, Some(1.0)),
            (119_999, Some(9.0)),
            (120_000, None),
        ];
        let buckets = of_points(Tier::Minute, &points);
        let expected = Values {
            low: extreme(90_000, 1.0),
            high: extreme(80_000, 9.0),
            sum: 24.0,
            count: 4,
        };
        assert_eq!(buckets[0].values, Some(expected));
        assert_eq!(
            buckets[1],
            Bucket {
                start_ms: 120_000,
                values: None
            }
        );
        let drawn: Vec<Point> = buckets.into_iter().flat_map(Bucket::points).collect();
        let peaks = [(80_000, Some(9.0)), (90_000, Some(1.0)), (120_000, None)];
        assert_eq!(drawn, peaks);
    }

    #[test]
    fn a_lone_value_is_one_point() {
        let buckets = of_points(Tier::Hour, &[(-1, Some(2.0))]);
        assert_eq!(buckets[0].start_ms, -HOUR_MS);
        let drawn: Vec<Point> = buckets[0].points().collect();
        assert_eq!(drawn, [(-1, Some(2.0))]);
    }

    fn points() -> impl Strategy<Value = Vec<Point>> {
        let step = (
            1..200_000_i64,
            prop::option::weighted(0.9, -1_000..1_000_i32),
        );
        prop::collection::vec(step, 0..300).prop_map(|steps| {
            let mut at = 0;
            let next = |(gap, value): (i64, Option<i32>)| {
                at += gap;
                (at, value.map(f64::from))
            };
            steps.into_iter().map(next).collect()
        })
    }

    proptest! {
        #[test]
        fn hours_of_minutes_are_hours_of_samples(points in points()) {
            let minutes = of_points(Tier::Minute, &points);
            prop_assert_eq!(of_buckets(Tier::Hour, &minutes), of_points(Tier::Hour, &points));
        }

        #[test]
        fn nothing_is_lost_or_made_up(points in points()) {
            for tier in Tier::ALL {
                let buckets = of_points(tier, &points);
                let all = || points.iter().filter_map(|it| it.1);
                let values = || buckets.iter().filter_map(|it| it.values);
                prop_assert_eq!(values().map(|it| it.count).sum::<i64>(), i64::try_from(all().count()).unwrap());
                // Whole numbers, so that sums are exact.
                prop_assert_eq!(values().map(|it| it.sum).sum::<f64>(), all().sum::<f64>());
                let drawn: Vec<Point> = buckets.iter().flat_map(|it| it.points()).collect();
                prop_assert!(drawn.windows(2).all(|pair| pair[0].0 < pair[1].0));
                let is_real = |it: &Point| it.1.is_none() || points.contains(it);
                prop_assert!(drawn.iter().all(is_real));
                let top = |it: &[Point]| it.iter().filter_map(|it| it.1).reduce(f64::max);
                prop_assert_eq!(top(&drawn), top(&points));
            }
        }
    }
}
