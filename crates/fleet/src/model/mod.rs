//! How a product is, second by second: load, latency, errors and resources that move smoothly, with the shape
//! of a day and noise. Pure: the same seed and the same faults at the same ticks give the same values.

mod rest;
mod signal;

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub use signal::Signal;

use crate::fault::Effect;
use crate::product::Product;

/// How a signal behaves while nothing is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// Which signal.
    pub signal: Signal,
    /// Its middle value, in the signal's unit.
    pub base: f64,
    /// How much of it comes and goes with the hour of the day, 0 to 1.
    pub daily: f64,
    /// Standard deviation of the noise, as a share of the value.
    pub noise: f64,
    /// It never goes above this.
    pub high: f64,
}

/// Seconds in a day; one tick is one second.
const DAY_TICKS: f64 = 86_400.0;
/// Tick 0 is nine in the morning, the load peaks at two in the afternoon.
const MORNING_TICKS: f64 = 9.0 * 3_600.0;
const PEAK_TICKS: f64 = 14.0 * 3_600.0;
/// How far a value moves towards its goal in one tick: most of the way in a quarter of a minute.
const APPROACH: f64 = 0.15;
/// How much of the noise survives a tick, so that it wanders instead of jumping.
const MEMORY: f64 = 0.9;

/// One signal's state.
#[derive(Clone, Debug)]
struct Cell {
    rest: Rest,
    level: f64,
    noise: f64,
}

/// A product's signals.
#[derive(Clone, Debug)]
pub struct Model {
    cells: Vec<Cell>,
    rng: ChaCha8Rng,
    tick: u64,
    requests: f64,
    errors: f64,
}

impl Model {
    /// The model of `product` at tick 0.
    #[must_use]
    pub fn new(product: Product, seed: u64) -> Self {
        let cells = rest::of(product)
            .iter()
            .map(|rest| Cell {
                rest: *rest,
                level: rest.base * day_factor(rest.daily, 0),
                noise: 0.0,
            })
            .collect();
        let place = u64::try_from(product.index()).unwrap_or(0);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(place);
        Self {
            cells,
            rng,
            tick: 0,
            requests: 184_000.0,
            errors: 71.0,
        }
    }

    /// One second passes. The noise is drawn whether or not a fault is on, so that faults do not change it.
    pub fn step(&mut self, effects: &[(Signal, Effect)]) {
        self.tick += 1;
        for cell in &mut self.cells {
            let drawn = standard_normal(&mut self.rng) * cell.rest.noise;
            cell.noise = MEMORY * cell.noise + (1.0 - MEMORY * MEMORY).sqrt() * drawn;
            let calm = cell.rest.base * day_factor(cell.rest.daily, self.tick);
            let goal = effects
                .iter()
                .filter(|(signal, _)| *signal == cell.rest.signal)
                .fold(calm, |value, (_, effect)| effect.on(value));
            cell.level += (goal - cell.level) * APPROACH;
        }
        let requests = self.value(Signal::Requests);
        self.requests += requests;
        self.errors += requests * self.value(Signal::ErrorRatio);
    }

    /// The value of a signal now; 0 when the product has no such signal.
    #[must_use]
    pub fn value(&self, signal: Signal) -> f64 {
        self.cells
            .iter()
            .find(|cell| cell.rest.signal == signal)
            .map_or(0.0, Cell::value)
    }

    /// All values now.
    #[must_use]
    pub fn values(&self) -> BTreeMap<Signal, f64> {
        self.cells
            .iter()
            .map(|cell| (cell.rest.signal, cell.value()))
            .collect()
    }

    /// Requests and failed requests since the process started, as counters.
    #[must_use]
    pub const fn totals(&self) -> (f64, f64) {
        (self.requests.floor(), self.errors.floor())
    }
}

impl Cell {
    /// The noise never grows with a fault: what is broken is steadily broken.
    fn value(&self) -> f64 {
        let sway = self.noise * self.level.min(self.rest.base);
        (self.level + sway).clamp(0.0, self.rest.high)
    }
}

fn day_factor(daily: f64, tick: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "ticks are seconds; 2^52 of them never pass"
    )]
    let second = MORNING_TICKS + tick as f64;
    1.0 + daily * ((second - PEAK_TICKS) / DAY_TICKS * TAU).cos()
}

/// About normal, mean 0 and deviation 1: the sum of four even draws, which also bounds it.
fn standard_normal(rng: &mut ChaCha8Rng) -> f64 {
    let sum: f64 = (0..4).map(|_| rng.random::<f64>()).sum();
    (sum - 2.0) * 3.0_f64.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64, ticks: u64, effects: &[(Signal, Effect)]) -> Model {
        run_product(Product::Chatpdd, seed, ticks, effects)
    }

    fn run_product(product: Product, seed: u64, ticks: u64, effects: &[(Signal, Effect)]) -> Model {
        let mut model = Model::new(product, seed);
        for _ in 0..ticks {
            model.step(effects);
        }
        model
    }

    #[test]
    fn a_seed_and_a_tick_count_decide_everything() {
        assert_eq!(run(7, 500, &[]).values(), run(7, 500, &[]).values());
        assert_ne!(run(7, 500, &[]).values(), run(8, 500, &[]).values());
    }

    #[test]
    fn products_do_not_share_their_noise() {
        let (mut a, mut b) = (
            Model::new(Product::Donna, 1),
            Model::new(Product::Deedpro, 1),
        );
        a.step(&[]);
        b.step(&[]);
        assert_ne!(a.cells[0].noise, b.cells[0].noise);
    }

    #[test]
    fn values_move_smoothly_into_a_fault_and_back() {
        let effects = [(Signal::ErrorRatio, Effect::Becomes(0.064))];
        let mut model = run(1, 60, &[]);
        model.step(&effects);
        assert!(model.value(Signal::ErrorRatio) < 0.02, "no jump");
        for _ in 0..60 {
            model.step(&effects);
        }
        assert!(model.value(Signal::ErrorRatio) > 0.05);
        for _ in 0..120 {
            model.step(&[]);
        }
        assert!(model.value(Signal::ErrorRatio) < 0.001);
    }

    #[test]
    fn the_load_follows_the_hour_of_the_day() {
        let run = |hours: u64| run_product(Product::Pourtrait, 1, hours * 3_600, &[]);
        let at_two = run(5).value(Signal::Requests);
        let at_night = run(17).value(Signal::Requests);
        assert!(at_two > at_night * 1.3, "{at_two} against {at_night}");
    }

    #[test]
    fn counters_only_rise() {
        let mut model = run(3, 10, &[]);
        let before = model.totals();
        model.step(&[]);
        assert!(model.totals().0 > before.0 && model.totals().1 >= before.1);
    }

    #[test]
    fn at_rest_every_product_is_within_its_promises() {
        for product in Product::ALL {
            let mut model = Model::new(product, 42);
            for _ in 0..3_600 {
                model.step(&[]);
                assert!(model.value(Signal::ErrorRatio) < 0.001, "{product}");
                assert!(model.value(Signal::LatencyAvg) < 500.0, "{product}");
                assert!(model.value(Signal::Memory) < 0.8, "{product}");
            }
        }
    }
}
