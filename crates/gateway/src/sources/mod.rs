//! Where readings come from: probes that ask, on a schedule, and pages that are scraped.
//!
//! Reading order: a [`plan`] is a probe ready to run; [`asking`] asks over the network, within the rules of
//! [`address`]; [`reading`] says what an [`answer`] means, and is pure; [`schedule`] runs it all.

pub mod address;
pub mod answer;
pub mod asking;
pub mod own_listener;
pub mod plan;
pub mod prometheus;
pub mod reading;
pub mod rhythm;
pub mod schedule;
#[cfg(test)]
mod tests;
pub mod wording;

use std::sync::Arc;

use self::address::{AddressRules, Denied, Peer};
use self::asking::{Asker, AskerError, Lookup, Network, SystemLookup};
use self::own_listener::OwnListener;
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
    /// A probe asks this gateway itself.
    #[error("product `{product}`: {url} may not be probed: {why}")]
    Itself {
        /// The product.
        product: String,
        /// The probe's address.
        url: String,
        /// Which listener it is, and what to do.
        why: Denied,
    },
    /// Asking cannot be set up.
    #[error(transparent)]
    Asker(#[from] AskerError),
}

/// Starts every probe of the configuration, none of which may ask `own`; what they see goes to `sink`. Needs a
/// Tokio runtime.
///
/// # Errors
/// [`SourcesError`]; nothing runs then.
pub fn start(
    config: &Config,
    own: OwnListener,
    sink: impl Sink,
    clock: Clock,
) -> Result<SourcesHandle, SourcesError> {
    start_with(
        config,
        Some(own),
        Arc::new(sink),
        Arc::new(SystemLookup),
        clock,
    )
}

/// As [`start`], with names resolved by `lookup`; without `own`, there is no listener to spare.
///
/// # Errors
/// [`SourcesError`]; nothing runs then.
pub fn start_with(
    config: &Config,
    own: Option<OwnListener>,
    sink: Arc<dyn Sink>,
    lookup: Arc<dyn Lookup>,
    clock: Clock,
) -> Result<SourcesHandle, SourcesError> {
    let probing = &config.gateway.probing;
    let rules = AddressRules::new(probing).map_err(SourcesError::Rules)?;
    let products = config.products.iter();
    let probes = products
        .flat_map(|product| product.probes.iter().map(move |probe| (product, probe)))
        .map(|(product, config)| {
            let probe = Probe::new(product, config).map_err(SourcesError::Probe)?;
            spare(own.as_ref(), &product.id, &probe)?;
            Ok(probe)
        })
        .collect::<Result<Vec<_>, SourcesError>>()?;
    let asker = Asker::new(Network::new(rules, own, lookup), clock.clone())?;
    let schedule = Schedule::new(asker, sink, probing.max_concurrent, clock);
    for probe in probes {
        schedule.run(probe, system_chance());
    }
    Ok(SourcesHandle { schedule })
}

/// Refuses a probe whose address, as written, is the gateway's own. What a name leads to is judged each time that it
/// is resolved.
fn spare(own: Option<&OwnListener>, product: &str, probe: &Probe) -> Result<(), SourcesError> {
    let (Some(own), Some(peer)) = (own, Peer::of(&probe.url)) else {
        return Ok(());
    };
    own.judge_written(&peer)
        .map_err(|why| SourcesError::Itself {
            product: product.to_owned(),
            url: probe.config.url.clone(),
            why,
        })
}
