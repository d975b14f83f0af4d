//! The proof of the feed: the gateway's own engine, incidents and hub, the console's own connection machine and
//! replica, and between them a network, a disk, clocks and people that a seed rules. Invariants are checked after
//! every step; a seed that breaks one breaks it again in the same step.
//!
//! Reading order: [`world`] lets things happen, [`gateway`] and [`client`] run the real code, [`link`] and [`disk`]
//! are what it runs on, [`truth`] and [`ledger`] know what is true, [`mutant`]s show that it can fail. [`incidents`] is
//! a simulation of its own, of people and incidents alone: shorter, and so many times more histories.
//! `docs/proof.md` says what is simulated and what was found.

pub mod accounts;
pub mod chance;
pub mod client;
pub mod disk;
pub mod gateway;
pub mod incidents;
pub mod ledger;
pub mod link;
pub mod mutant;
pub mod products;
pub mod trace;
pub mod truth;
pub mod world;

use anyhow::{Context as _, Result};

use crate::mutant::Mutant;
use crate::world::{Summary, World};

/// Runs one seed to its end.
///
/// # Errors
/// When the simulation itself cannot run; a broken invariant is in the [`Summary`].
pub fn run(seed: u64, mutant: Option<Mutant>) -> Result<Summary> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .context("no runtime")?;
    let world = World::new(seed, mutant)?;
    Ok(runtime.block_on(world.run()))
}
