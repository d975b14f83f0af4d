//! Asking: one round of a probe over the network. Decides nothing about what comes back.

pub(crate) mod http;
mod network;
mod socket;
#[cfg(test)]
mod tests;
pub(crate) mod tls;

use std::sync::Arc;
use std::time::Duration;

pub use network::{Lookup, Network, SystemLookup};

use super::answer::{Answer, Failure, Said};
use super::plan::Probe;
use crate::clock::Clock;
use crate::config::probe::ProbeKind;

/// How the gateway names itself.
const USER_AGENT: &str = concat!("watchfloor/", env!("CARGO_PKG_VERSION"));

/// Asks whatever a probe asks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Asker {
    network: Arc<Network>,
    client: reqwest::Client,
    trusting: tls::Trust,
    clock: Clock,
}

impl Asker {
    /// Asks over this network.
    ///
    /// # Errors
    /// [`AskerError`] when TLS cannot be set up.
    pub fn new(network: Network, clock: Clock) -> Result<Self, AskerError> {
        let network = Arc::new(network);
        let trusting = tls::Trust::new()?;
        Ok(Self {
            client: http::client(&network, &trusting)?,
            network,
            trusting,
            clock,
        })
    }

    /// One round.
    pub async fn ask(&self, probe: &Probe) -> Answer {
        let started_ms = self.clock.monotonic_ms();
        let timeout = probe.config.timeout;
        let said = tokio::time::timeout(timeout.duration(), self.ask_kind(probe)).await;
        let took_ms = self.clock.monotonic_ms().saturating_sub(started_ms);
        Answer {
            latency_ms: Duration::from_millis(u64::try_from(took_ms).unwrap_or(0)).as_secs_f64()
                * 1_000.0,
            said: said.unwrap_or(Err(Failure::TimedOut {
                after_ms: timeout.ms,
            })),
        }
    }

    async fn ask_kind(&self, probe: &Probe) -> Result<Said, Failure> {
        let peer = self.network.judge(&probe.url).await?;
        match probe.config.kind {
            ProbeKind::Http | ProbeKind::Head | ProbeKind::Redirect | ProbeKind::Prometheus => {
                http::ask(&self.client, probe).await.map(Said::Http)
            }
            ProbeKind::Tcp => self.network.connect(&peer).await.map(|_| Said::Connected),
            ProbeKind::Tls => {
                let stream = self.network.connect(&peer).await?;
                let ends_at = self.trusting.certificate_end(stream, &peer.host).await?;
                Ok(Said::Certificate { ends_at })
            }
            ProbeKind::Websocket => {
                let stream = self.network.connect(&peer).await?;
                let answer = if probe.url.scheme() == "wss" {
                    let stream = self.trusting.wrap(stream, &peer.host).await?;
                    socket::ask(stream, probe).await
                } else {
                    socket::ask(stream, probe).await
                };
                answer.map(Said::Socket)
            }
        }
    }
}

/// Why asking cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum AskerError {
    /// TLS.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP client.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
}
