//! Where readings come from: probes that ask, on a schedule, and pages that are scraped.
//!
//! Reading order: a [`plan`] is a probe ready to run; [`asking`] asks over the network, within the rules of
//! [`address`]; [`reading`] says what an [`answer`] means, and is pure; [`schedule`] runs it all.

pub mod address;
pub mod answer;
pub mod asking;
pub mod plan;
pub mod prometheus;
pub mod reading;
pub mod rhythm;
pub mod schedule;
#[cfg(test)]
mod tests;
pub mod wording;

use std::sync::Arc;

use self::address::AddressRules;
use self::asking::{Asker, AskerError, Lookup, Network, SystemLookup};
use self::plan::Probe;
use self::schedule::{Schedule, Sink, system_chance};
use crate::clock::Clock;
use crate::config::Config;

/// The running probes.
#[must_use = "probes run until they are stopped"]
pub struct SourcesHandle {
    schedule: Schedule,
}

impl SourcesHandle {
    /// Stops all probes and waits until they have; rounds under way are given up.
    pub async fn stop(self) {
        self.schedule.stop().await;
    }
}

/// Why probes cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum SourcesError {
    /// The rules for addresses are malformed; checked configurations have sound ones.
    #[error("probing: {0}")]
    Rules(String),
    /// A probe is malformed; checked configurations have sound ones.
    #[error("probe: {0}")]
    Probe(String),
    /// Asking cannot be set up.
    #[error(transparent)]
    Asker(#[from] AskerError),
}

/// Starts every probe of the configuration; what they see goes to `sink`. Needs a Tokio runtime.
///
/// # Errors
/// [`SourcesError`]; nothing runs then.
pub fn start(
    config: &Config,
    sink: impl Sink,
    clock: Clock,
) -> Result<SourcesHandle, SourcesError> {
    start_with(config, Arc::new(sink), Arc::new(SystemLookup), clock)
}

/// As [`start`], with names resolved by `lookup`.
///
/// # Errors
/// [`SourcesError`]; nothing runs then.
pub fn start_with(
    config: &Config,
    sink: Arc<dyn Sink>,
    lookup: Arc<dyn Lookup>,
    clock: Clock,
) -> Result<SourcesHandle, SourcesError> {
    let probing = &config.gateway.probing;
    let rules = AddressRules::new(probing).map_err(SourcesError::Rules)?;
    let products = config.products.iter();
    let probes = products
        .flat_map(|product| product.probes.iter().map(move |probe| (product, probe)))
        .map(|(product, probe)| Probe::new(product, probe).map_err(SourcesError::Probe))
        .collect::<Result<Vec<_>, _>>()?;
    let asker = Asker::new(Network::new(rules, lookup), clock.clone())?;
    let schedule = Schedule::new(asker, sink, probing.max_concurrent, clock);
    for probe in probes {
        schedule.run(probe, system_chance());
    }
    Ok(SourcesHandle { schedule })
}
