//! From values to heights.

use watchfloor_wire::product::Levels;

/// From this quotient of critical and target on, a linear axis would squeeze the target into its foot.
const LOG_FROM: f64 = 10.0;
/// A logarithmic axis shows at most this many decades.
const DECADES_MAX: i32 = 4;
/// Room above the highest decade, so that its tick is not cut.
const LOG_HEADROOM: f64 = 1.9;
/// Tops of linear axes within a decade, each with the number of its intervals.
const TOPS: [(f64, u8); 9] = [
    (1.0, 4),
    (1.2, 3),
    (1.5, 3),
    (2.0, 4),
    (3.0, 3),
    (4.0, 4),
    (6.0, 3),
    (8.0, 4),
    (10.0, 4),
];
/// Room above the largest value of a linear axis.
const LINEAR_HEADROOM: f64 = 1.15;
/// Values beyond this are drawn at the edge: the arithmetic of an axis must stay finite.
const LARGEST: f64 = 1e15;

/// How an axis counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleKind {
    /// Equal differences are equally far apart; starts at zero.
    Linear,
    /// Equal quotients are equally far apart.
    Log,
}

/// An axis. `low < high`, both finite, both positive when logarithmic: [`Scale::fit`] and [`Scale::hold`] are
/// the only makers, so a chart cannot be given an impossible range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    kind: ScaleKind,
    low: f64,
    high: f64,
    intervals: u8,
}

/// Which kind of axis the levels ask for.
#[must_use]
pub fn kind_for(levels: &Levels) -> ScaleKind {
    match (levels.target, levels.critical) {
        (Some(target), Some(critical))
            if !levels.lower_is_worse && target > 0.0 && critical.is_finite() && critical / target >= LOG_FROM =>
        {
            ScaleKind::Log
        }
        _ => ScaleKind::Linear,
    }
}

fn usable(value: f64) -> Option<f64> {
    value.is_finite().then(|| value.clamp(-LARGEST, LARGEST))
}

impl Scale {
    /// An axis that holds the values and the levels. Without either it runs from 0 to 1.
    #[must_use]
    pub fn fit(values: impl IntoIterator<Item = f64>, levels: &Levels) -> Self {
        let lines = [levels.target, levels.warning, levels.critical];
        let all: Vec<f64> = values
            .into_iter()
            .chain(lines.into_iter().flatten())
            .filter_map(usable)
            .collect();
        let highest = all.iter().copied().fold(0.0, f64::max);
        match kind_for(levels) {
            ScaleKind::Log => Self::log(&all, highest, levels),
            ScaleKind::Linear => Self::linear(all.iter().copied().fold(0.0, f64::min), highest),
        }
    }

    fn linear(lowest: f64, highest: f64) -> Self {
        let wanted = if highest > 0.0 { highest * LINEAR_HEADROOM } else { -lowest };
        let (high, intervals) = top(if wanted > 0.0 { wanted } else { 1.0 });
        let low = if lowest < 0.0 { -top(-lowest).0 } else { 0.0 };
        Self { kind: ScaleKind::Linear, low, high, intervals }
    }

    fn log(all: &[f64], highest: f64, levels: &Levels) -> Self {
        let mut decade = highest.max(f64::MIN_POSITIVE).log10().floor();
        if 10_f64.powf(decade) * LOG_HEADROOM < highest * 1.05 {
            decade += 1.0;
        }
        let smallest = all.iter().copied().filter(|it| *it > 0.0).fold(highest, f64::min);
        let below_target = levels.target.map_or(smallest, |it| it / 5.0);
        let foot = smallest.min(below_target).log10().floor();
        let foot = foot.max(decade - f64::from(DECADES_MAX)).min(decade - 1.0);
        Self {
            kind: ScaleKind::Log,
            low: 10_f64.powf(foot),
            high: 10_f64.powf(decade) * LOG_HEADROOM,
            intervals: 0,
        }
    }

    /// An axis that also holds what the `previous` one did: limits are kept while a page is open.
    #[must_use]
    pub fn hold(self, previous: Option<&Self>) -> Self {
        let Some(previous) = previous.filter(|it| it.kind == self.kind) else {
            return self;
        };
        let taller = if previous.high > self.high { previous } else { &self };
        Self {
            low: self.low.min(previous.low),
            ..*taller
        }
    }

    /// How it counts.
    #[must_use]
    pub const fn kind(&self) -> ScaleKind {
        self.kind
    }

    /// The height of a value, 0 at the foot and 1 at the top; values beyond the axis are at its edge.
    #[must_use]
    pub fn height(&self, value: f64) -> f64 {
        let share = match self.kind {
            ScaleKind::Linear => (value - self.low) / (self.high - self.low),
            ScaleKind::Log => {
                (value.max(self.low) / self.low).log10() / (self.high / self.low).log10()
            }
        };
        if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
    }

    /// The values to write beside the axis, smallest first: three to five of them.
    #[must_use]
    pub fn ticks(&self) -> Vec<f64> {
        match self.kind {
            ScaleKind::Linear if self.low < 0.0 => vec![self.low, 0.0, self.high],
            ScaleKind::Linear => (0..=self.intervals)
                .map(|step| self.high * f64::from(step) / f64::from(self.intervals.max(1)))
                .collect(),
            ScaleKind::Log => (0..=DECADES_MAX)
                .map(|decade| self.low * 10_f64.powi(decade))
                .filter(|tick| *tick <= self.high)
                .collect(),
        }
    }
}

/// The smallest round top that is not below `wanted` (positive), with its intervals.
fn top(wanted: f64) -> (f64, u8) {
    let decade = 10_f64.powf(wanted.log10().floor());
    TOPS.into_iter()
        .map(|(share, intervals)| (share * decade, intervals))
        .find(|(top, _)| *top >= wanted * (1.0 - 1e-12))
        .unwrap_or((decade * 10.0, 4))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn levels(target: Option<f64>, critical: Option<f64>) -> Levels {
        Levels { target, critical, ..Levels::default() }
    }

    #[test]
    fn a_wide_promise_gets_a_log_axis() {
        assert_eq!(kind_for(&levels(Some(0.001), Some(0.05))), ScaleKind::Log);
        assert_eq!(kind_for(&levels(Some(500.0), Some(4_999.0))), ScaleKind::Linear);
        assert_eq!(kind_for(&levels(Some(0.0), Some(5.0))), ScaleKind::Linear);
        let throughput = Levels { lower_is_worse: true, ..levels(Some(1.0), Some(20.0)) };
        assert_eq!(kind_for(&throughput), ScaleKind::Linear);
    }

    #[test]
    fn error_rates_run_from_a_hundredth_to_above_ten_percent() {
        let scale = Scale::fit([0.0004, 0.064], &levels(Some(0.001), Some(0.05)));
        let ticks: Vec<String> = scale.ticks().iter().map(|it| format!("{it:.4}")).collect();
        assert_eq!(ticks, ["0.0001", "0.0010", "0.0100", "0.1000"]);
        assert!(scale.height(0.05) < 1.0 && scale.height(0.0001) == 0.0);
    }

    #[test]
    fn linear_axes_start_at_zero_and_end_round() {
        let scale = Scale::fit([92.0], &Levels::default());
        assert_eq!(scale.ticks(), [0.0, 40.0, 80.0, 120.0]);
    }

    #[test]
    fn without_any_value_the_axis_is_still_one() {
        assert_eq!(Scale::fit([f64::NAN], &Levels::default()).ticks().len(), 5);
    }

    #[test]
    fn limits_are_kept_while_a_page_is_open() {
        let high = Scale::fit([92.0], &Levels::default());
        let low = Scale::fit([12.0], &Levels::default());
        assert_eq!(low.hold(Some(&high)), high);
        assert_eq!(high.hold(Some(&low)), high);
    }

    proptest! {
        #[test]
        fn heights_are_always_between_foot_and_top(
            values in prop::collection::vec(prop::num::f64::ANY, 0..20),
            target in prop::option::of(prop::num::f64::ANY),
            critical in prop::option::of(prop::num::f64::ANY),
            asked in prop::num::f64::ANY,
        ) {
            let scale = Scale::fit(values, &levels(target, critical));
            prop_assert!(scale.low.is_finite() && scale.high.is_finite() && scale.low < scale.high);
            prop_assert!((0.0..=1.0).contains(&scale.height(asked)));
            let ticks = scale.ticks();
            prop_assert!((2..=5).contains(&ticks.len()), "{ticks:?}");
            prop_assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
