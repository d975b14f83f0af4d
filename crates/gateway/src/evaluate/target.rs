//! Targets: a statistic of a series over a long window against a threshold.
//!
//! A window is kept as at most [`MAX_SLOTS`] slots. Mean, smallest, largest and newest are exact; percentiles are
//! exact while a slot holds one value, and over the slots' means when the window is long against the series' step.

use std::collections::{BTreeMap, VecDeque};

use watchfloor_wire::id::{ProductId, SeriesId, TargetId};
use watchfloor_wire::series::{Statistic, Unit};
use watchfloor_wire::target::{Target, Verdict};
use watchfloor_wire::time::{MINUTE_MS, UnixMs};

use super::catalogue::SeriesSpec;
use super::window::percentile;
use crate::config::product::TargetConfig;

/// Slots a window at most.
pub const MAX_SLOTS: i64 = 2_880;
/// How often targets are worked out, in milliseconds.
pub const EVERY_MS: i64 = 30_000;
/// How long a verdict is believed, in milliseconds.
const VALIDITY_MS: i64 = 5 * MINUTE_MS;
/// Fewer values than this say nothing.
const MIN_VALUES: u32 = 3;

/// A target as configured.
#[derive(Clone, Debug)]
pub struct TargetSpec {
    /// Everything but value and verdict.
    pub blank: Target,
}

impl TargetSpec {
    /// The target of `product`.
    #[must_use]
    pub fn new(
        product: &str,
        target: &TargetConfig,
        series: &BTreeMap<SeriesId, SeriesSpec>,
    ) -> Self {
        let id = SeriesId::from(format!("{product}.{}.{}", target.check, target.metric));
        let unit = series.get(&id).map_or(Unit::Count, |spec| spec.unit);
        let blank = Target {
            id: TargetId::from(format!("{product}.{}", slug(&target.name))),
            product: ProductId::from(product),
            name: target.name.clone(),
            series: id,
            statistic: target.statistic,
            window_ms: target.window.ms,
            threshold: target.threshold,
            unit,
            at_least: target.at_least,
            value: None,
            verdict: Verdict::Unknown,
            observed_at: UnixMs(0),
            valid_until: UnixMs(0),
        };
        Self { blank }
    }
}

/// Lower-case letters and digits, everything else becomes one `-`.
fn slug(name: &str) -> String {
    let mapped: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    mapped
        .split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// A target with its window.
#[derive(Clone, Debug)]
pub struct TargetState {
    /// As people see it.
    pub entity: Target,
    slots: VecDeque<Slot>,
    fresh: bool,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    number: i64,
    sum: f64,
    count: u32,
    min: f64,
    max: f64,
    last: f64,
}

impl TargetState {
    /// A target whose window is empty. `before` is what was worked out before a restart.
    #[must_use]
    pub fn new(spec: &TargetSpec, before: Option<&Target>) -> Self {
        let mut entity = spec.blank.clone();
        let same = |it: &&Target| {
            it.series == entity.series
                && it.statistic == entity.statistic
                && it.window_ms == entity.window_ms
        };
        if let Some(before) = before.filter(same) {
            entity.value = before.value;
            entity.verdict = before.verdict;
            entity.observed_at = before.observed_at;
            entity.valid_until = before.valid_until;
        }
        Self {
            entity,
            slots: VecDeque::new(),
            fresh: false,
        }
    }

    fn slot_ms(&self) -> i64 {
        (self.entity.window_ms / MAX_SLOTS).max(1)
    }

    /// Takes a value in. Values come in order of time; an older one counts to the newest slot.
    pub fn push(&mut self, at: UnixMs, value: f64) {
        self.fresh = true;
        let number = at.0.div_euclid(self.slot_ms());
        match self.slots.back_mut() {
            Some(slot) if slot.number >= number => {
                slot.sum += value;
                slot.count = slot.count.saturating_add(1);
                slot.min = slot.min.min(value);
                slot.max = slot.max.max(value);
                slot.last = value;
            }
            _ => self.slots.push_back(Slot {
                number,
                sum: value,
                count: 1,
                min: value,
                max: value,
                last: value,
            }),
        }
    }

    /// Works the verdict out; true when people should be told.
    pub fn work_out(&mut self, now: UnixMs) -> bool {
        let oldest = now
            .plus_ms(-self.entity.window_ms)
            .0
            .div_euclid(self.slot_ms());
        while self.slots.front().is_some_and(|slot| slot.number < oldest) {
            self.slots.pop_front();
        }
        if !std::mem::take(&mut self.fresh) {
            return self.expire(now);
        }
        let value = self.statistic();
        let verdict = match value {
            None => Verdict::Unknown,
            Some(it) if self.entity.at_least && it >= self.entity.threshold => Verdict::Met,
            Some(it) if !self.entity.at_least && it <= self.entity.threshold => Verdict::Met,
            Some(_) => Verdict::Missed,
        };
        let entity = &mut self.entity;
        let told = now.since_ms(entity.observed_at) < VALIDITY_MS / 2;
        if told && entity.verdict == verdict && nearly(entity.value, value) {
            return false;
        }
        entity.value = value;
        entity.verdict = verdict;
        entity.observed_at = now;
        entity.valid_until = now.plus_ms(VALIDITY_MS);
        true
    }

    fn expire(&mut self, now: UnixMs) -> bool {
        let expired = now > self.entity.valid_until && self.entity.verdict != Verdict::Unknown;
        if expired {
            self.entity.verdict = Verdict::Unknown;
        }
        expired
    }

    fn statistic(&self) -> Option<f64> {
        let slots = &self.slots;
        let count: u32 = slots.iter().map(|slot| slot.count).sum();
        if count < MIN_VALUES {
            return None;
        }
        let means = || slots.iter().map(|slot| slot.sum / f64::from(slot.count));
        match self.entity.statistic {
            Statistic::Avg | Statistic::Ratio => {
                Some(slots.iter().map(|slot| slot.sum).sum::<f64>() / f64::from(count))
            }
            Statistic::P50 => percentile(means().collect(), 50),
            Statistic::P95 => percentile(means().collect(), 95),
            Statistic::P99 => percentile(means().collect(), 99),
            Statistic::Max => slots.iter().map(|slot| slot.max).reduce(f64::max),
            Statistic::Min => slots.iter().map(|slot| slot.min).reduce(f64::min),
            Statistic::Last => slots.back().map(|slot| slot.last),
        }
    }
}

/// Whether two values look the same in any text.
fn nearly(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 0.000_5 * a.abs().max(b.abs()),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::span::Span;

    fn state(statistic: Statistic, threshold: f64, at_least: bool) -> TargetState {
        let config = TargetConfig {
            name: "API response, p95".to_owned(),
            check: "api".to_owned(),
            metric: "latency_ms".to_owned(),
            statistic,
            window: Span::seconds(3_600),
            threshold,
            at_least,
            blind_band: None,
        };
        TargetState::new(&TargetSpec::new("p", &config, &BTreeMap::new()), None)
    }

    #[test]
    fn a_target_is_met_at_its_threshold_and_missed_past_it() {
        for (value, verdict) in [(500.0, Verdict::Met), (501.0, Verdict::Missed)] {
            let mut it = state(Statistic::Avg, 500.0, false);
            for at in 1..=3 {
                it.push(UnixMs(at * 10_000), value);
            }
            assert!(it.work_out(UnixMs(30_000)));
            assert_eq!(it.entity.verdict, verdict);
        }
        let mut rate = state(Statistic::Avg, 0.99, true);
        for at in 1..=3 {
            rate.push(UnixMs(at * 10_000), 0.98);
        }
        rate.work_out(UnixMs(30_000));
        assert_eq!(rate.entity.verdict, Verdict::Missed);
    }

    #[test]
    fn too_little_data_says_nothing() {
        let mut it = state(Statistic::Avg, 500.0, false);
        it.push(UnixMs(10_000), 1.0);
        it.work_out(UnixMs(10_000));
        assert_eq!(
            (it.entity.value, it.entity.verdict),
            (None, Verdict::Unknown)
        );
    }

    #[test]
    fn a_verdict_without_new_data_becomes_unknown() {
        let mut it = state(Statistic::Avg, 500.0, false);
        for at in 1..=3 {
            it.push(UnixMs(at * 10_000), 1.0);
        }
        it.work_out(UnixMs(30_000));
        assert!(!it.work_out(UnixMs(30_000 + VALIDITY_MS)));
        assert!(it.work_out(UnixMs(30_001 + VALIDITY_MS)));
        assert_eq!(it.entity.verdict, Verdict::Unknown);
    }

    #[test]
    fn values_leave_with_the_window_and_memory_is_bounded() {
        let mut it = state(Statistic::Max, 500.0, false);
        it.push(UnixMs(0), 10_000.0);
        for at in 1..20_000 {
            it.push(UnixMs(at * 1_000), 1.0);
            it.work_out(UnixMs(at * 1_000));
        }
        assert_eq!(it.entity.value, Some(1.0));
        assert!(it.slots.len() <= usize::try_from(MAX_SLOTS).unwrap_or(0) + 2);
    }

    #[test]
    fn ids_are_slugs() {
        let it = state(Statistic::Avg, 1.0, false);
        assert_eq!(it.entity.id.as_str(), "p.api-response-p95");
    }
}
