//! The only way in. [`routes`] names every route with its policy, [`guard`] runs before each of them,
//! [`failure`] is the form of every refusal; the other modules are the handlers.

mod action_body;
pub mod actions;
pub mod audit;
pub mod audit_export;
pub mod backlog;
pub mod board;
pub mod body;
pub mod bulk;
pub mod client_address;
pub mod console_page;
pub mod csp_reports;
pub mod dashboard;
pub mod export;
pub mod failure;
pub mod feed;
pub mod feed_stream;
pub mod guard;
pub mod headers;
pub mod health;
pub mod idempotency;
pub mod incident_export;
pub mod incidents;
pub mod ingest;
pub mod last_hour;
pub mod log_query;
pub mod log_stream;
pub mod logs;
pub mod metrics;
pub mod notifications;
pub mod observe;
mod on_call;
pub mod open_incident;
pub mod openapi;
pub mod operators;
pub mod order;
pub mod origin;
pub mod own_metrics;
pub mod page_failures;
pub mod policy;
pub mod precondition;
pub mod query;
pub mod rate;
pub mod rates;
mod refused;
pub mod report;
pub mod routes;
pub mod session;
pub mod silence_preview;
pub mod silences;
pub mod ticket;

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use watchfloor_wire::feed::PipelineAges;

use crate::audit::Prover;
use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::GatewayConfig;
use crate::console::Console;
use crate::engine::EngineHandle;
use crate::hub::Hub;
use crate::ingest::Intake;
use crate::notify::send::Channel;
use crate::on_call::Roster;
use crate::records::Records;
use crate::silences::known::Known;
use client_address::TrustedProxies;
use failure::Failure;
use headers::SecurityHeaders;
use last_hour::LastHour;
use origin::Origins;
use rates::Rates;

/// What the API is made of.
pub struct Parts {
    /// Its settings.
    pub config: GatewayConfig,
    /// Accounts and sessions.
    pub auth: Auth,
    /// Incidents and actions.
    pub engine: EngineHandle,
    /// The state and its feed.
    pub hub: Hub,
    /// Which names silences may use.
    pub known: Known,
    /// How far the audit is proved.
    pub prover: Prover,
    /// Who takes turns with whom.
    pub roster: Roster,
    /// Samples and log lines.
    pub records: Records,
    /// What products send in.
    pub intake: Intake,
    /// The console's files.
    pub console: Console,
    /// Where people are told.
    pub channels: Vec<Channel>,
    /// The gateway's own metrics.
    pub metrics: PrometheusHandle,
    /// Time.
    pub clock: Clock,
    /// Where the databases are.
    pub data_dir: PathBuf,
    /// Cancelled when the gateway stops; streams end then.
    pub stopping: CancellationToken,
}

/// What handlers share; cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Shared>);

struct Shared {
    parts: Parts,
    origins: Origins,
    proxies: TrustedProxies,
    rates: Rates,
    streams: Arc<Semaphore>,
    errors: Mutex<LastHour>,
    refused_sign_ins: Mutex<LastHour>,
    started_ms: i64,
    description: OnceLock<String>,
    csp_seen: csp_reports::Seen,
}

impl Api {
    /// Over these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Shared {
            origins: Origins {
                allowed: parts.config.allowed_origins.clone(),
                https_only: parts.config.https_only,
            },
            proxies: TrustedProxies::new(&parts.config.trusted_proxies),
            rates: Rates::new(parts.clock.clone()),
            streams: Arc::new(Semaphore::new(log_stream::MAX_STREAMS)),
            errors: Mutex::default(),
            refused_sign_ins: Mutex::default(),
            started_ms: parts.clock.monotonic_ms(),
            description: OnceLock::new(),
            csp_seen: csp_reports::Seen::default(),
            parts,
        }))
    }

    /// The whole service: routes, headers, and an answer when a handler panics.
    pub fn service(&self) -> Router {
        let config = &self.0.parts.config;
        let headers = SecurityHeaders::new(&config.frame_ancestors, config.https_only);
        routes::router(self)
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(headers, headers::secure))
    }

    /// The API's own description; made when it is first asked for.
    fn description(&self) -> &str {
        let make = || openapi::text(&openapi::document(self.base_path()));
        self.0.description.get_or_init(make)
    }

    fn base_path(&self) -> &str {
        self.0.parts.config.base_path.trim_end_matches('/')
    }

    fn auth(&self) -> &Auth {
        &self.0.parts.auth
    }

    fn engine(&self) -> &EngineHandle {
        &self.0.parts.engine
    }

    /// Which names silences may use.
    fn known(&self) -> &Known {
        &self.0.parts.known
    }

    /// Who takes turns with whom; what people and calendars say comes from the store.
    fn roster(&self) -> &Roster {
        &self.0.parts.roster
    }

    fn hub(&self) -> &Hub {
        &self.0.parts.hub
    }

    /// How long ago each stage of the pipeline last did its work. Log lines go past the engine, so the intake
    /// knows best when something was last taken in.
    fn ages(&self) -> PipelineAges {
        let ages = self.engine().ages();
        PipelineAges {
            ingest_ms: self.intake().age_ms().or(ages.ingest_ms),
            ..ages
        }
    }

    /// How far the audit is proved.
    fn prover(&self) -> &Prover {
        &self.0.parts.prover
    }

    fn records(&self) -> &Records {
        &self.0.parts.records
    }

    fn intake(&self) -> &Intake {
        &self.0.parts.intake
    }

    fn console(&self) -> &Console {
        &self.0.parts.console
    }

    fn channels(&self) -> &[Channel] {
        &self.0.parts.channels
    }

    fn metrics(&self) -> &PrometheusHandle {
        &self.0.parts.metrics
    }

    fn clock(&self) -> &Clock {
        &self.0.parts.clock
    }

    fn data_dir(&self) -> &Path {
        &self.0.parts.data_dir
    }

    fn stopping(&self) -> &CancellationToken {
        &self.0.parts.stopping
    }

    fn origins(&self) -> &Origins {
        &self.0.origins
    }

    fn proxies(&self) -> &TrustedProxies {
        &self.0.proxies
    }

    fn rates(&self) -> &Rates {
        &self.0.rates
    }

    /// The violations of the content security policy that were logged.
    fn csp_seen(&self) -> &csp_reports::Seen {
        &self.0.csp_seen
    }

    fn stream_seat(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.streams).try_acquire_owned().ok()
    }

    fn uptime_ms(&self) -> i64 {
        self.clock().monotonic_ms() - self.0.started_ms
    }

    fn count_errors(&self, more: u64) {
        count(&self.0.errors, more, self.clock());
    }

    fn count_refused_sign_in(&self) {
        ::metrics::counter!("watchfloor_sign_ins_refused_total").increment(1);
        count(&self.0.refused_sign_ins, 1, self.clock());
    }

    /// Error events taken in and sign-ins refused over the last hour.
    fn last_hour(&self) -> (u64, u64) {
        let now = self.clock().now();
        let sum = |it: &Mutex<LastHour>| it.lock().unwrap_or_else(PoisonError::into_inner).sum(now);
        (sum(&self.0.errors), sum(&self.0.refused_sign_ins))
    }

    /// Metrics that are read rather than counted.
    #[expect(
        clippy::cast_precision_loss,
        reason = "gauges are floating-point; these are far below 2^52"
    )]
    fn set_gauges(&self) {
        ::metrics::gauge!("watchfloor_feed_clients").set(self.hub().clients() as f64);
        ::metrics::gauge!("watchfloor_feed_seq").set(self.hub().head().seq as f64);
        ::metrics::gauge!("watchfloor_uptime_seconds").set(self.uptime_ms() as f64 / 1_000.0);
    }
}

fn count(hour: &Mutex<LastHour>, more: u64, clock: &Clock) {
    let mut hour = hour.lock().unwrap_or_else(PoisonError::into_inner);
    hour.add(more, clock.now());
}

/// A mistake of the gateway: the cause goes to the log, the client learns that it is not the client's.
fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause
        .downcast_ref::<&str>()
        .map(|it| (*it).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    ::metrics::counter!("watchfloor_panics_total").increment(1);
    tracing::error!(cause = %text, "a request made the gateway panic");
    Failure::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "A mistake of the gateway",
        "The gateway's log says more. Whether a change was made is not known; look before trying again.",
    )
    .into_response()
}

#[cfg(test)]
mod tests;
