//! The recent values of a series, bounded in time and in number, and what rules make of them.

use std::collections::VecDeque;

use watchfloor_wire::time::UnixMs;

use crate::config::rule::RuleStatistic;

/// At most this many values a series, whatever the span.
pub const MAX_VALUES: usize = 1_024;

/// Recent values, oldest first.
#[derive(Clone, Debug)]
pub struct Window {
    span_ms: i64,
    values: VecDeque<(UnixMs, f64)>,
    /// The newest thing the source said, also when it was "no value".
    newest: Option<(UnixMs, Option<f64>)>,
}

impl Window {
    /// A window that keeps values for `span_ms`.
    #[must_use]
    pub const fn new(span_ms: i64) -> Self {
        Self {
            span_ms,
            values: VecDeque::new(),
            newest: None,
        }
    }

    /// Takes a value in; false when it is not newer than what is there, or not finite, and is left out.
    pub fn push(&mut self, at: UnixMs, value: Option<f64>) -> bool {
        let late = self.newest.is_some_and(|(newest, _)| at <= newest);
        if late || value.is_some_and(|it| !it.is_finite()) {
            return false;
        }
        self.newest = Some((at, value));
        if let Some(value) = value {
            if self.values.len() == MAX_VALUES {
                self.values.pop_front();
            }
            self.values.push_back((at, value));
        }
        while let Some((oldest, _)) = self.values.front()
            && at.since_ms(*oldest) > self.span_ms
        {
            self.values.pop_front();
        }
        true
    }

    /// The newest thing the source said.
    #[must_use]
    pub const fn newest(&self) -> Option<(UnixMs, Option<f64>)> {
        self.newest
    }

    /// Forgets everything, for example because the clock was set back.
    pub fn clear(&mut self) {
        self.values.clear();
        self.newest = None;
    }

    /// The statistic over the last `window_ms` before `now`; `None` without values. When the window is shorter
    /// than the series' step and therefore empty, the newest value counts for as long as it is valid.
    #[must_use]
    pub fn statistic(
        &self,
        statistic: RuleStatistic,
        window_ms: i64,
        validity_ms: i64,
        now: UnixMs,
    ) -> Option<f64> {
        let first = self
            .values
            .partition_point(|(at, _)| now.since_ms(*at) > window_ms);
        let mut recent = self.values.iter().skip(first).map(|(_, value)| *value);
        if recent.len() == 0 {
            let (at, value) = self.newest?;
            return value.filter(|_| now.since_ms(at) <= validity_ms);
        }
        match statistic {
            // The sums of a ratio come from `sum`; what is left of it here is one series, whose mean it is.
            RuleStatistic::Avg | RuleStatistic::Ratio => mean(recent),
            RuleStatistic::P50 => percentile(recent.collect(), 50),
            RuleStatistic::P95 => percentile(recent.collect(), 95),
            RuleStatistic::P99 => percentile(recent.collect(), 99),
            RuleStatistic::Max => recent.reduce(f64::max),
            RuleStatistic::Min => recent.reduce(f64::min),
            RuleStatistic::Last | RuleStatistic::Absent => recent.next_back(),
        }
    }

    /// The sum over the last `window_ms` before `now`; `None` without values.
    #[must_use]
    pub fn sum(&self, window_ms: i64, now: UnixMs) -> Option<f64> {
        let first = self
            .values
            .partition_point(|(at, _)| now.since_ms(*at) > window_ms);
        let recent = self.values.iter().skip(first).map(|(_, value)| *value);
        recent.reduce(|sum, value| sum + value)
    }

    /// Whether the last `window_ms` before `now` hold a value.
    #[must_use]
    pub fn has_value(&self, window_ms: i64, now: UnixMs) -> bool {
        self.values
            .back()
            .is_some_and(|(at, _)| now.since_ms(*at) <= window_ms)
    }
}

/// Arithmetic mean; `None` of nothing.
#[must_use]
pub fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / f64::from(count))
}

/// The nearest-rank percentile; `None` of nothing.
#[must_use]
pub fn percentile(mut values: Vec<f64>, percent: usize) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let rank = (values.len() * percent).div_ceil(100).max(1) - 1;
    let (_, value, _) = values.select_nth_unstable_by(rank, f64::total_cmp);
    Some(*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(values: &[(i64, f64)]) -> Window {
        let mut window = Window::new(60_000);
        for (at, value) in values {
            window.push(UnixMs(*at), Some(*value));
        }
        window
    }

    #[test]
    fn statistics_see_the_window_only() {
        let it = window(&[(0, 100.0), (50_000, 1.0), (55_000, 5.0), (60_000, 3.0)]);
        let over = |statistic| it.statistic(statistic, 10_000, 0, UnixMs(60_000));
        assert_eq!(over(RuleStatistic::Avg), Some(3.0));
        assert_eq!(over(RuleStatistic::Max), Some(5.0));
        assert_eq!(over(RuleStatistic::Min), Some(1.0));
        assert_eq!(over(RuleStatistic::P50), Some(3.0));
        assert_eq!(over(RuleStatistic::P99), Some(5.0));
        assert_eq!(it.sum(10_000, UnixMs(60_000)), Some(9.0));
        assert_eq!(it.sum(10_000, UnixMs(70_001)), None);
        assert_eq!(over(RuleStatistic::P95), Some(5.0));
        assert_eq!(over(RuleStatistic::Last), Some(3.0));
    }

    #[test]
    fn a_window_shorter_than_the_step_uses_the_newest_value_while_it_is_valid() {
        let it = window(&[(0, 7.0)]);
        let at = |now| it.statistic(RuleStatistic::Avg, 10_000, 25_000, UnixMs(now));
        assert_eq!(at(25_000), Some(7.0));
        assert_eq!(at(25_001), None);
    }

    #[test]
    fn what_came_late_or_is_no_number_is_left_out() {
        let mut it = window(&[(10, 1.0)]);
        assert!(!it.push(UnixMs(10), Some(2.0)));
        assert!(!it.push(UnixMs(9), Some(2.0)));
        assert!(!it.push(UnixMs(11), Some(f64::NAN)));
        assert!(it.push(UnixMs(11), None));
        assert_eq!(it.newest(), Some((UnixMs(11), None)));
    }

    #[test]
    fn an_answer_without_a_value_is_not_a_value() {
        let mut it = Window::new(60_000);
        it.push(UnixMs(1), None);
        assert!(!it.has_value(60_000, UnixMs(1)));
        assert_eq!(
            it.statistic(RuleStatistic::Last, 60_000, 60_000, UnixMs(1)),
            None
        );
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let mut it = Window::new(i64::MAX);
        for at in 0..3_000 {
            it.push(UnixMs(at), Some(0.0));
        }
        assert_eq!(it.values.len(), MAX_VALUES);
    }

    #[test]
    fn percentiles_are_nearest_rank() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(hundred.clone(), 95), Some(95.0));
        assert_eq!(percentile(hundred, 50), Some(50.0));
        assert_eq!(percentile(vec![4.0], 95), Some(4.0));
        assert_eq!(percentile(Vec::new(), 95), None);
    }
}
