//! Puts the gateway together, keeps it running, and takes it apart again without losing anything.
//!
//! Order: configuration, store, hub, engine, sources and notifications, HTTP. On SIGTERM or SIGINT: no new connections, `bye` to
//! the clients of the feed, running requests finish, sources and engine stop, what is queued is written.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use watchfloor_wire::id::ProductId;

use crate::account_command::first_login_line;
use crate::api::{Api, Parts};
use crate::audit::Prover;
use crate::auth::Auth;
use crate::cli::Serve;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::console::{Console, embedded};
use crate::data_dir::DataDir;
use crate::engine::{self, EngineHandle};
use crate::hub::seats::SeatLimits;
use crate::hub::threads::FeedThreads;
use crate::hub::{Hub, HubLimits};
use crate::ingest::Intake;
use crate::notify::send::Channel;
use crate::notify::worker::{self, Workers};
use crate::observation::Observation;
use crate::on_call::Roster;
use crate::on_call::fetch::Fetcher;
use crate::records::{self, Recorder};
use crate::silences::known::Known;
use crate::sources::asking::{Lookup, SystemLookup};
use crate::sources::own_listener::OwnListener;
use crate::sources::schedule::{Sink, system_chance};
use crate::sources::{self, SourcesHandle};
use crate::store::{SqliteStore, Store as _};
use crate::{http_server, open_files, telemetry, upkeep};

/// Any reason why the gateway cannot start, in words.
type StartError = Box<dyn std::error::Error + Send + Sync>;

/// Running requests may take this long when the gateway stops; the feed's clients as well.
const REQUESTS_GRACE: Duration = Duration::from_secs(4);
/// Each later stage of stopping may take this long. Together they stay below 10 s.
const STAGE_GRACE: Duration = Duration::from_millis(1_500);

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// When something that is needed cannot be had: a right configuration, the data directory, the address.
pub async fn serve(arguments: &Serve) -> Result<(), StartError> {
    let (config, warnings) = config::load_and_lint(&arguments.config)?;
    for warning in &warnings {
        tracing::warn!(%warning, "the configuration");
    }
    // From here on a signal stops in order, also one that comes while starting.
    let stop_signal = StopSignal::listen()?;
    open_files::raise(config.gateway.feed.connections);
    let data = DataDir::take(&arguments.data)?;
    // Bound early, so that an address in use is known before anything is probed.
    let listener = http_server::bind(arguments.listen).map_err(|error| {
        let address = arguments.listen;
        format!("{address} cannot be listened on: {error}. Choose another with --listen.")
    })?;
    let address = listener.local_addr()?;
    let stopping = CancellationToken::new();
    let gateway = Gateway::start(&config, &data, address, &stopping)?;
    let site = format!("http://{address}{}", config.gateway.base_path);
    if let Some(token) = gateway.auth.ensure_somebody()? {
        println!("{}", first_login_line(&site, token.reveal()));
    }
    let http = tokio::spawn(http_server::serve(
        listener,
        gateway.api.service(),
        http_server::ServerLimits::default(),
        stopping.clone(),
        REQUESTS_GRACE,
    ));
    println!("Watchfloor is ready at {site}");
    tracing::info!(%address, products = config.products.len(), "ready");
    stop_signal.came().await;
    tracing::info!("stopping");
    stopping.cancel();
    gateway.stop(http).await;
    tracing::info!("stopped");
    Ok(())
}

/// Everything that runs.
struct Gateway {
    api: Api,
    auth: Auth,
    engine: EngineHandle,
    hub: Hub,
    recorder: Recorder,
    sources: SourcesHandle,
    workers: Workers,
    _feed: FeedThreads,
}

impl Gateway {
    fn start(
        config: &Config,
        data: &DataDir,
        address: SocketAddr,
        stopping: &CancellationToken,
    ) -> Result<Self, StartError> {
        let clock = Clock::system();
        let metrics = telemetry::start_metrics()?;
        let base_path = &config.gateway.base_path;
        let console = Console::load(embedded::file, base_path)?;
        let auth = Auth::open(data.path(), config.gateway.sessions.clone(), clock.clone())?;
        let store = SqliteStore::open(data.path(), clock.clone())?;
        let hub = hub(config, &store, console.build(), &clock)?;
        let feed = FeedThreads::start_for(&hub)?;
        let (recorder, records) =
            records::open(data.path(), &config.gateway.retention, clock.clone())?;
        let engine = engine::start(config, store, hub.clone(), recorder.clone(), clock.clone())?;
        let intake = intake(config, engine.clone(), recorder.clone(), clock.clone());
        let sink = ProbeSink {
            engine: engine.clone(),
            recorder: recorder.clone(),
        };
        let sources = sources::start(config, OwnListener::new(address), sink, clock.clone())?;
        let channels = worker::channels(config, &|name| std::env::var(name).ok());
        let workers = tell(config, address, channels.clone(), &engine, &clock)?;
        read_calendars(config, address, &engine, &clock, stopping)?;
        upkeep::sweep(metrics.clone(), auth.clone(), stopping.clone());
        upkeep::follow_accounts(
            auth.clone(),
            engine.clone(),
            clock.clone(),
            stopping.clone(),
        );
        upkeep::note_audit(data.path().to_owned(), stopping.clone());
        let prover = Prover::default();
        upkeep::prove_audit(
            prover.clone(),
            engine.clone(),
            clock.clone(),
            stopping.clone(),
        );
        mend_epochs(&hub, engine.clone(), stopping.clone());
        let api = Api::new(Parts {
            config: config.gateway.clone(),
            auth: auth.clone(),
            engine: engine.clone(),
            hub: hub.clone(),
            known: Known::new(config),
            prover,
            roster: Roster::new(config),
            records,
            intake,
            console,
            channels,
            metrics,
            clock,
            data_dir: data.path().to_owned(),
            stopping: stopping.clone(),
        });
        Ok(Self {
            api,
            auth,
            engine,
            hub,
            recorder,
            sources,
            workers,
            _feed: feed,
        })
    }

    /// Stops everything in order; what does not stop in time is left behind and said.
    async fn stop(self, http: tokio::task::JoinHandle<()>) {
        self.hub.shut_down();
        let grace = REQUESTS_GRACE + Duration::from_millis(500);
        let (_, _) = tokio::join!(
            in_time("the feed's clients", REQUESTS_GRACE, self.hub.drained()),
            in_time("requests", grace, http),
        );
        // What is on its way and does not end in time is sent again after the next start, under the same id.
        let (_, _) = tokio::join!(
            in_time("sources", STAGE_GRACE, self.sources.stop()),
            in_time("notifications", STAGE_GRACE, self.workers.stop()),
        );
        drop(self.api);
        in_time("the engine", STAGE_GRACE, self.engine.stop()).await;
        in_time("samples and log lines", STAGE_GRACE, self.recorder.flush()).await;
    }
}

/// Reads the calendars that rotations take their turns from, now and then.
fn read_calendars(
    config: &Config,
    address: SocketAddr,
    engine: &EngineHandle,
    clock: &Clock,
    stopping: &CancellationToken,
) -> Result<(), StartError> {
    let own = Some(OwnListener::new(address));
    let fetcher = Fetcher::new(config, own, Arc::new(SystemLookup), clock.clone())?;
    fetcher.start(config, &|name| std::env::var(name).ok(), engine, stopping);
    Ok(())
}

/// What probes see goes to the engine, and what they measure to the records as well.
struct ProbeSink {
    engine: EngineHandle,
    recorder: Recorder,
}

impl Sink for ProbeSink {
    fn observe(&self, observation: Observation) {
        match &observation {
            Observation::Check(check) => self.recorder.samples(check.samples.clone()),
            Observation::Samples(samples) => self.recorder.samples(samples.clone()),
            Observation::Deploy(_) | Observation::Errors(_) => {}
        }
        self.engine.observe(observation);
    }
}

/// Starts the workers that tell people.
fn tell(
    config: &Config,
    address: SocketAddr,
    channels: Vec<Channel>,
    engine: &EngineHandle,
    clock: &Clock,
) -> Result<Workers, StartError> {
    let lookup: Arc<dyn Lookup> = Arc::new(SystemLookup);
    let sender = worker::sender(config, Some(OwnListener::new(address)), &lookup)?;
    Ok(Workers::start(
        channels,
        &sender,
        engine,
        clock,
        system_chance,
    ))
}

fn intake(config: &Config, engine: EngineHandle, recorder: Recorder, clock: Clock) -> Intake {
    let environment = |name: &str| std::env::var(name).ok();
    let observe = move |observation| engine.observe(observation);
    Intake::new(config, &environment, observe, recorder, clock)
}

fn hub(
    config: &Config,
    store: &SqliteStore,
    build: &str,
    clock: &Clock,
) -> Result<Hub, StartError> {
    let feed = &config.gateway.feed;
    let limits = HubLimits {
        seats: SeatLimits {
            per_account: feed.per_account,
            per_address: feed.per_address,
            total: feed.connections,
        },
        admitted_per_s: feed.admitted_per_s,
        ..HubLimits::default()
    };
    let (head, entities) = (store.head()?, store.entities()?);
    let hub = Hub::with_limits(head, entities, build.to_owned(), clock.clone(), limits);
    let order = config
        .products
        .iter()
        .map(|it| ProductId::from(it.id.as_str()));
    hub.order_products(order.collect());
    Ok(hub)
}

async fn in_time<T>(what: &str, grace: Duration, work: impl Future<Output = T>) {
    if tokio::time::timeout(grace, work).await.is_err() {
        tracing::warn!("{what} did not stop in time");
    }
}

/// When a client proves that confirmed changes are gone, another epoch begins: on the disk first, then for everybody.
fn mend_epochs(hub: &Hub, engine: EngineHandle, stopping: CancellationToken) {
    let mut lost = hub.lost_changes();
    tokio::spawn(async move {
        while let Some(Ok(())) = stopping.run_until_cancelled(lost.changed()).await {
            let Some(proof) = *lost.borrow_and_update() else {
                continue;
            };
            let detail = format!("{{\"known\":{},\"head\":{}}}", proof.known, proof.head);
            if !engine.begin_epoch(detail).await {
                tracing::error!("another epoch could not be stored; clients may miss changes");
            }
        }
    });
}

/// SIGTERM and SIGINT.
#[cfg(unix)]
struct StopSignal {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignal {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn came(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct StopSignal;

#[cfg(not(unix))]
impl StopSignal {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn came(self) {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C cannot be listened for; stopping");
        }
    }
}
