//! What products send in: logs, errors, metrics and deploys.
//!
//! The order is the protection: who sends ([`source`]), how much arrives ([`body`]), what shape it has, what it
//! says ([`events`]), and only then, without its secrets ([`redact`]) and with hostile characters made visible
//! ([`sanitise`]), is it stored and handed on. A document is taken or refused as a whole; of a body with one
//! event a line, each line for itself.

pub mod body;
pub mod clean;
pub mod deploys;
pub mod errors;
pub mod events;
pub mod grouping;
pub mod logs;
pub mod metrics;
pub mod redact;
pub mod refusal;
pub mod sanitise;
pub mod source;
pub mod when;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use http::HeaderMap;
use tokio::sync::Semaphore;
use watchfloor_wire::ingest::Ingested;
use watchfloor_wire::time::UnixMs;

use self::events::{Form, Refused};
use self::redact::Redactions;
pub use self::refusal::Refusal;
use self::source::{Source, Sources};
use crate::clock::Clock;
use crate::config::Config;
use crate::observation::{Observation, Sample};
use crate::records::{NewLogLine, Recorder};

/// Batches that are unpacked and read at once; others wait with at most 1 MiB each.
const WORKERS: usize = 4;
/// Stands for "nothing was taken in yet".
const NEVER: i64 = i64::MIN;

/// What a batch comes to, before it is stored.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// How many events were taken.
    pub accepted: usize,
    /// Those that were not.
    pub refused: Refused,
    /// Lines to store.
    pub lines: Vec<NewLogLine>,
    /// Samples to store.
    pub samples: Vec<Sample>,
    /// What evaluation is told.
    pub observations: Vec<Observation>,
    /// What was redacted.
    pub redactions: Redactions,
}

/// What can be sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Logs,
    Errors,
    Metrics,
    Deploys,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::Errors => "errors",
            Self::Metrics => "metrics",
            Self::Deploys => "deploys",
        }
    }

    fn take(self, source: &Source, text: &str, form: Form, now: UnixMs) -> Result<Taken, Refusal> {
        let taken = match self {
            Self::Logs => logs::take(source, text, form, now),
            Self::Errors => errors::take(source, text, form, now),
            Self::Metrics => metrics::take(source, text, form, now),
            Self::Deploys => deploys::take(source, text, form, now),
        }?;
        // Where nothing at all could be read, a 200 would hide it from a sender that looks at the status only.
        if taken.accepted == 0 && taken.refused.has_malformed() {
            return Err(Refusal::every_line(&taken.refused.lines));
        }
        Ok(taken)
    }
}

/// Takes in what products send; cheap to clone. Its routes get the request's body unread, so that nothing of
/// an unknown sender's body is read.
#[derive(Clone)]
pub struct Intake(Arc<Inner>);

struct Inner {
    sources: Sources,
    observe: Box<dyn Fn(Observation) + Send + Sync>,
    recorder: Recorder,
    clock: Clock,
    workers: Semaphore,
    last_ms: AtomicI64,
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake").finish_non_exhaustive()
    }
}

impl Intake {
    /// An intake for the configured products. `environment` reads a variable, for the keys; `observe` hands
    /// observations to the engine and must not block.
    #[must_use]
    pub fn new(
        config: &Config,
        environment: &dyn Fn(&str) -> Option<String>,
        observe: impl Fn(Observation) + Send + Sync + 'static,
        recorder: Recorder,
        clock: Clock,
    ) -> Self {
        Self(Arc::new(Inner {
            sources: Sources::new(config, environment, &clock),
            observe: Box::new(observe),
            recorder,
            clock,
            workers: Semaphore::new(WORKERS),
            last_ms: AtomicI64::new(NEVER),
        }))
    }

    /// Takes `POST …/ingest/logs`.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was stored.
    pub async fn logs(
        &self,
        headers: &HeaderMap,
        body: impl Into<Body>,
    ) -> Result<Ingested, Refusal> {
        self.take(Kind::Logs, headers, body.into()).await
    }

    /// Takes `POST …/ingest/errors`.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was stored.
    pub async fn errors(
        &self,
        headers: &HeaderMap,
        body: impl Into<Body>,
    ) -> Result<Ingested, Refusal> {
        self.take(Kind::Errors, headers, body.into()).await
    }

    /// Takes `POST …/ingest/metrics`.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was stored.
    pub async fn metrics(
        &self,
        headers: &HeaderMap,
        body: impl Into<Body>,
    ) -> Result<Ingested, Refusal> {
        self.take(Kind::Metrics, headers, body.into()).await
    }

    /// Takes `POST …/ingest/deploys`.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was stored.
    pub async fn deploys(
        &self,
        headers: &HeaderMap,
        body: impl Into<Body>,
    ) -> Result<Ingested, Refusal> {
        self.take(Kind::Deploys, headers, body.into()).await
    }

    /// Milliseconds since a batch was last taken; `None` before the first.
    #[must_use]
    pub fn age_ms(&self) -> Option<i64> {
        let last_ms = self.0.last_ms.load(Ordering::Relaxed);
        (last_ms != NEVER).then(|| self.0.clock.monotonic_ms() - last_ms)
    }

    async fn take(&self, kind: Kind, headers: &HeaderMap, body: Body) -> Result<Ingested, Refusal> {
        let outcome = self.admit(kind, headers, body).await;
        if let Err(refusal) = &outcome {
            ::metrics::counter!("watchfloor_ingest_refused_total",
                "kind" => kind.word(), "status" => refusal.problem.status.to_string())
            .increment(1);
        }
        outcome
    }

    async fn admit(
        &self,
        kind: Kind,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Ingested, Refusal> {
        let source = self.0.sources.find(headers)?;
        source.admit_request()?;
        let (encoding, form) = (body::encoding(headers)?, Form::of(headers));
        let wire = body::receive(body).await?;
        let Ok(_worker) = self.0.workers.acquire().await else {
            return Err(Refusal::overloaded());
        };
        let now = self.0.clock.now();
        let sender = Arc::clone(&source);
        let reading = tokio::task::spawn_blocking(move || {
            let text = body::unpack(&wire, encoding)?;
            body::check_shape(&text, form)?;
            kind.take(&sender, &text, form, now)
        });
        let taken = reading.await.map_err(|error| {
            tracing::error!(%error, "a batch could not be read");
            Refusal::overloaded()
        })??;
        self.keep(kind, &source, taken)
    }

    /// Stores the lines first: when they do not fit, nothing of the batch has happened yet.
    fn keep(&self, kind: Kind, source: &Source, taken: Taken) -> Result<Ingested, Refusal> {
        if !self.0.recorder.logs(taken.lines) {
            return Err(Refusal::overloaded());
        }
        self.0.recorder.samples(taken.samples);
        for observation in taken.observations {
            (self.0.observe)(observation);
        }
        self.0
            .last_ms
            .store(self.0.clock.monotonic_ms(), Ordering::Relaxed);
        let accepted = u64::try_from(taken.accepted).unwrap_or(u64::MAX);
        ::metrics::counter!("watchfloor_ingest_events_total",
            "kind" => kind.word(), "product" => source.product.0.clone())
        .increment(accepted);
        for (reason, count) in &taken.refused.by_reason {
            ::metrics::counter!("watchfloor_ingest_events_refused_total",
                "kind" => kind.word(), "reason" => reason.clone())
            .increment(*count);
        }
        for (rule, count) in taken.redactions.by_rule() {
            ::metrics::counter!("watchfloor_ingest_redacted_total", "rule" => rule)
                .increment(count);
        }
        Ok(Ingested {
            accepted,
            refused: taken.refused.by_reason,
            redacted: taken.redactions.total(),
            refused_lines: taken.refused.lines,
        })
    }
}
