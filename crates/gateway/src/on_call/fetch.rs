//! Fetching calendars: the thin shell around [`super::import`]. Each calendar is asked for now and then, within bounds
//! of size and time, at addresses that probes might reach as well; what came of it goes to the engine.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use url::Url;

use super::calendar::{CalendarReading, CalendarShift};
use super::import;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::on_call::{PersonConfig, RotationConfig};
use crate::engine::EngineHandle;
use crate::notify::Hidden;
use crate::sources::address::AddressRules;
use crate::sources::asking::http::{client, failure};
use crate::sources::asking::tls::Trust;
use crate::sources::asking::{AskerError, Lookup, Network};
use crate::sources::own_listener::OwnListener;
use crate::sources::wording::clean;

/// How often a calendar is asked for.
const READ_EVERY: Duration = Duration::from_mins(10);
/// How soon one that could not be read is asked for again.
const AGAIN_AFTER: Duration = Duration::from_mins(1);
/// The longest that an answer may take, in all.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// The largest calendar, in bytes.
const MAX_BYTES: usize = 2 * 1_024 * 1_024;

/// Why calendars cannot be asked for at all.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The rules for addresses are malformed; checked configurations have sound ones.
    #[error("probing: {0}")]
    Rules(String),
    /// Asking cannot be set up.
    #[error(transparent)]
    Asking(#[from] AskerError),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// Asks for calendars. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Fetcher {
    network: Arc<Network>,
    client: reqwest::Client,
    people: Arc<[PersonConfig]>,
    clock: Clock,
}

impl Fetcher {
    /// Over the network as probes may use it.
    ///
    /// # Errors
    /// [`FetchError`] when the rules are malformed or TLS cannot be set up.
    pub fn new(
        config: &Config,
        own: Option<OwnListener>,
        lookup: Arc<dyn Lookup>,
        clock: Clock,
    ) -> Result<Self, FetchError> {
        let rules = AddressRules::new(&config.gateway.probing).map_err(FetchError::Rules)?;
        let network = Arc::new(Network::new(rules, own, lookup));
        Ok(Self {
            client: client(&network, &Trust::new()?)?,
            network,
            people: config.gateway.people.clone().into(),
            clock,
        })
    }

    /// Asks for each calendar of the configuration, now and then, until it is told to stop.
    pub fn start(
        &self,
        config: &Config,
        environment: &dyn Fn(&str) -> Option<String>,
        engine: &EngineHandle,
        stopping: &CancellationToken,
    ) {
        let rotations = config.gateway.rotations.iter();
        for rotation in rotations.filter(|it| it.is_by_calendar()) {
            let address = address(rotation, environment);
            let work = follow(self.clone(), rotation.clone(), address, engine.clone());
            let stopping = stopping.clone();
            tokio::spawn(async move {
                stopping.run_until_cancelled(work).await;
            });
        }
    }

    /// Asks for a rotation's calendar once.
    pub async fn read(
        &self,
        rotation: &RotationConfig,
        address: &Result<Address, String>,
    ) -> CalendarReading {
        let asked = async {
            let address = address.as_ref().map_err(Clone::clone)?;
            let answer = tokio::time::timeout(ANSWER_WITHIN, self.ask(address)).await;
            let late = |_| format!("no answer within {} s", ANSWER_WITHIN.as_secs());
            self.understand(answer.map_err(late)??, rotation).await
        };
        let result = asked.await;
        CalendarReading {
            rotation: rotation.id.clone(),
            at: self.clock.now(),
            result,
        }
    }

    /// Redirects are not followed: an address that was not checked is never reached.
    async fn ask(&self, address: &Address) -> Result<String, String> {
        let url = Url::parse(address.0.reveal())
            .map_err(|error| format!("its address is no address: {error}"))?;
        let judged = self.network.judge(&url).await;
        judged.map_err(|it| format!("its address may not be reached: {it}"))?;
        // The client's own words hold the address, which is often the secret.
        let answer = self.client.get(url).send().await;
        let mut answer = answer.map_err(|error| failure(&error.without_url()).to_string())?;
        let status = answer.status();
        if status.is_redirection() {
            let code = status.as_u16();
            return Err(format!(
                "it answers {code} and sends elsewhere, which is not followed; write the last address"
            ));
        }
        if !status.is_success() {
            return Err(format!("it answers {}", status.as_u16()));
        }
        let mut read = Vec::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| failure(&error.without_url()).to_string())?
        {
            if read.len() + chunk.len() > MAX_BYTES {
                return Err(format!(
                    "it is larger than {} MiB; give the rotation a calendar of its own",
                    MAX_BYTES / (1_024 * 1_024)
                ));
            }
            read.extend_from_slice(&chunk);
        }
        String::from_utf8(read).map_err(|_| "it is no text in UTF-8".to_owned())
    }

    /// Away from the tasks that must answer, and so that a mistake in it ends this reading and nothing else.
    async fn understand(
        &self,
        text: String,
        rotation: &RotationConfig,
    ) -> Result<Vec<CalendarShift>, String> {
        let (people, zone, now) = (Arc::clone(&self.people), rotation.zone.0, self.clock.now());
        let read = move || import::shifts(&text, &people, zone, now);
        let read = tokio::task::spawn_blocking(read).await;
        read.unwrap_or_else(|_| Err("a mistake of the gateway; its log says more".to_owned()))
    }
}

/// Where a calendar is. It is often a secret.
#[derive(Clone, Debug)]
pub struct Address(Hidden);

/// The address of a rotation's calendar, or why there is none.
///
/// # Errors
/// What is missing, in words.
pub fn address(
    rotation: &RotationConfig,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Address, String> {
    let text = match (&rotation.calendar_url, &rotation.calendar_url_env) {
        (Some(url), _) => url.0.reveal().to_owned(),
        (None, Some(name)) => environment(name)
            .filter(|it| !it.is_empty())
            .ok_or_else(|| format!("the environment variable {name} is not set"))?,
        (None, None) => return Err("it has no address".to_owned()),
    };
    Ok(Address(Hidden::new(text)))
}

async fn follow(
    fetcher: Fetcher,
    rotation: RotationConfig,
    address: Result<Address, String>,
    engine: EngineHandle,
) {
    let mut told: Option<String> = None;
    loop {
        let mut reading = fetcher.read(&rotation, &address).await;
        reading.result = reading.result.map_err(|it| clean(&it));
        let problem = reading.result.as_ref().err().cloned();
        if problem.is_some() && told != problem {
            let problem = problem.as_deref().unwrap_or_default();
            tracing::warn!(rotation = %rotation.id, problem, "a calendar cannot be read; what was read before counts");
        }
        told = problem;
        let kept = engine.read_calendar(reading).await;
        if engine.is_gone() {
            return;
        }
        let is_fine = told.is_none() && kept.is_ok();
        tokio::time::sleep(if is_fine { READ_EVERY } else { AGAIN_AFTER }).await;
    }
}
