//! The five products side by side, and the one clock tick that moves them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::watch;

use crate::fault::{Active, Fault};
use crate::life::Life;
use crate::model::Signal;
use crate::product::Product;
use crate::push::Push;

/// Milliseconds since the epoch, from outside.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// All products.
pub struct World {
    lives: Mutex<Vec<Life>>,
    gone: Vec<watch::Sender<bool>>,
    clock: Clock,
}

/// A product at an instant: all that an answer is made of.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Which product.
    pub product: Product,
    /// Seconds since the fleet began.
    pub tick: u64,
    /// The instant, in milliseconds since the epoch.
    pub now_ms: i64,
    /// The version that is running.
    pub version: String,
    /// The signals.
    pub values: BTreeMap<Signal, f64>,
    /// Requests and failed requests since the process started.
    pub totals: (f64, f64),
    /// What is broken.
    pub faults: Active,
}

impl Scene {
    /// A signal's value; 0 when the product has none.
    #[must_use]
    pub fn get(&self, signal: Signal) -> f64 {
        self.values.get(&signal).copied().unwrap_or(0.0)
    }

    /// A signal's value, rounded to `digits` decimals.
    #[must_use]
    pub fn rounded(&self, signal: Signal, digits: i32) -> f64 {
        let factor = 10_f64.powi(digits);
        (self.get(signal) * factor).round() / factor
    }

    /// A signal's value as a whole number.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "signals are small, and `as` saturates"
    )]
    pub fn whole(&self, signal: Signal) -> i64 {
        self.get(signal).round() as i64
    }

    /// Whether a fault is on.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(fault)
    }
}

/// A fault that is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActiveFault {
    /// In which product.
    pub product: Product,
    /// Which.
    pub fault: Fault,
    /// Seconds until it ends by itself; `None`: when told to.
    pub ends_in_s: Option<u64>,
}

/// A fault that the product cannot have.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{fault}` does not apply to {product}; it applies to {applies_to}")]
pub struct NotApplicable {
    /// The fault.
    pub fault: Fault,
    /// The product.
    pub product: Product,
    /// The products that can have it.
    pub applies_to: String,
}

impl World {
    /// All products at tick 0.
    #[must_use]
    pub fn new(seed: u64, clock: Clock) -> Arc<Self> {
        let lives = Product::ALL
            .into_iter()
            .map(|product| Life::new(product, seed, clock()))
            .collect();
        let gone = Product::ALL
            .iter()
            .map(|_| watch::Sender::new(false))
            .collect();
        Arc::new(Self {
            lives: Mutex::new(lives),
            gone,
            clock,
        })
    }

    /// One second passes in all products; what they have to say to the gateway comes out.
    pub fn tick(&self) -> Vec<Push> {
        let now_ms = (self.clock)();
        let mut lives = self.lives();
        let pushes = lives
            .iter_mut()
            .flat_map(|life| life.tick(now_ms))
            .collect();
        self.announce_gone(&lives);
        pushes
    }

    /// Many seconds pass at once, for tests; what the products say is dropped.
    pub fn advance(&self, ticks: u64) {
        for _ in 0..ticks {
            self.tick();
        }
    }

    /// The product as its health answers show it: as it was, while its payload is stale.
    #[must_use]
    pub fn scene(&self, product: Product) -> Scene {
        let now_ms = (self.clock)();
        self.lives()[product.index()].shown(now_ms)
    }

    /// The product as it is.
    #[must_use]
    pub fn truth(&self, product: Product) -> Scene {
        let now_ms = (self.clock)();
        self.lives()[product.index()].scene(now_ms)
    }

    /// Breaks a product for `for_s` seconds (`None`: until told otherwise).
    ///
    /// # Errors
    /// [`NotApplicable`] when the product cannot be broken in this way.
    pub fn break_product(
        &self,
        product: Product,
        fault: Fault,
        for_s: Option<u64>,
    ) -> Result<(), NotApplicable> {
        if !fault.applies_to(product) {
            let names: Vec<&str> = fault.row().products.iter().map(|it| it.slug()).collect();
            return Err(NotApplicable {
                fault,
                product,
                applies_to: names.join(", "),
            });
        }
        let now_ms = (self.clock)();
        let mut lives = self.lives();
        lives[product.index()].break_with(fault, for_s, now_ms);
        self.announce_gone(&lives);
        Ok(())
    }

    /// Mends what is broken, all of it or within a product or of a kind; returns how many faults ended.
    pub fn mend(&self, product: Option<Product>, fault: Option<Fault>) -> usize {
        let now_ms = (self.clock)();
        let mut lives = self.lives();
        let mended = lives
            .iter_mut()
            .filter(|life| product.is_none_or(|product| product == life.product()))
            .map(|life| life.mend(fault, now_ms))
            .sum();
        self.announce_gone(&lives);
        mended
    }

    /// The faults that are on.
    #[must_use]
    pub fn active(&self) -> Vec<ActiveFault> {
        self.lives().iter().flat_map(Life::active).collect()
    }

    /// Whether the product's ports are to be closed.
    #[must_use]
    pub fn gone(&self, product: Product) -> watch::Receiver<bool> {
        self.gone[product.index()].subscribe()
    }

    /// Waits until the product's process is gone.
    pub async fn until_gone(&self, product: Product) {
        // Fails only when the world has ended, and everything in it with it.
        let _ = self.gone(product).wait_for(|gone| *gone).await;
    }

    fn announce_gone(&self, lives: &[Life]) {
        for (life, gone) in lives.iter().zip(&self.gone) {
            gone.send_if_modified(|before| {
                let now = life.has(Fault::ProcessGone);
                std::mem::replace(before, now) != now
            });
        }
    }

    /// A panic while holding the lock would leave values half moved at worst; the show goes on.
    fn lives(&self) -> MutexGuard<'_, Vec<Life>> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(seed: u64) -> Arc<World> {
        World::new(seed, Arc::new(|| 1_763_683_200_000))
    }

    #[test]
    fn two_fleets_of_one_seed_say_the_same() {
        let (a, b) = (world(5), world(5));
        for tick in 0..120 {
            assert_eq!(a.tick(), b.tick(), "tick {tick}");
        }
        assert_eq!(
            a.scene(Product::Donna).values,
            b.scene(Product::Donna).values
        );
        let other = world(6);
        other.advance(120);
        assert_ne!(
            a.scene(Product::Donna).values,
            other.scene(Product::Donna).values
        );
    }

    #[test]
    fn a_fault_ends_after_its_seconds() {
        let world = world(1);
        assert_eq!(
            world.break_product(Product::Donna, Fault::HalfBody, Some(3)),
            Ok(())
        );
        world.advance(2);
        assert_eq!(world.active()[0].ends_in_s, Some(1));
        world.advance(1);
        assert_eq!(world.active(), []);
    }

    #[test]
    fn a_fault_that_does_not_apply_is_refused_with_the_products_it_does() {
        let refused = world(1).break_product(Product::Chatpdd, Fault::OriginRefused, None);
        let text = refused.map_err(|it| it.to_string());
        assert_eq!(
            text,
            Err("`origin-refused` does not apply to chatpdd; it applies to donna".to_owned())
        );
    }

    #[test]
    fn a_stale_payload_stands_still_while_the_truth_moves_on() {
        let world = world(1);
        world.advance(5);
        let _ = world.break_product(Product::Chatpdd, Fault::StalePayload, None);
        let before = world.scene(Product::Chatpdd).values;
        world.advance(30);
        assert_eq!(world.scene(Product::Chatpdd).values, before);
        assert_ne!(world.truth(Product::Chatpdd).values, before);
        assert_eq!(world.mend(Some(Product::Chatpdd), None), 1);
        assert_ne!(world.scene(Product::Chatpdd).values, before);
    }
}
