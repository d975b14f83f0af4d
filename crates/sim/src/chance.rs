//! The one source of randomness: everything that happens in a run follows from its seed.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Seeded random choices.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The choices of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// True once in `n` times on average; `n` of at least 1.
    pub fn one_in(&mut self, n: u32) -> bool {
        self.0.random_ratio(1, n.max(1))
    }

    /// A number from `low` to `high`, both included; `low` when they are the wrong way round.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// A place in a list of `count`; 0 of none.
    pub fn place(&mut self, count: usize) -> usize {
        self.0.random_range(0..count.max(1))
    }

    /// One of some.
    pub fn pick<T: Copy, const N: usize>(&mut self, among: [T; N]) -> T {
        among[self.place(N)]
    }

    /// A number from 0 to 1, without 1.
    pub fn ratio(&mut self) -> f64 {
        self.0.random()
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0.random()
    }
}
