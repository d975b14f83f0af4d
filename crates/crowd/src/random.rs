//! Enough randomness to spread clients in time.

use std::sync::atomic::{AtomicU64, Ordering};

/// Splits a counter into numbers that look random; the same at each run, so that runs compare.
#[derive(Debug, Default)]
pub struct Random(AtomicU64);

impl Random {
    /// A number below `bound`, which is at least 1.
    pub fn below(&self, bound: u64) -> u64 {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut mixed = self.0.fetch_add(GOLDEN, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
