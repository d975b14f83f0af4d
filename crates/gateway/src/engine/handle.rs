//! The engine's handle: what the rest of the gateway holds.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot, watch};
use watchfloor_wire::feed::PipelineAges;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentPage, TimelineEntry};
use watchfloor_wire::silence::request::SilencePage;
use watchfloor_wire::silence::{Silence, SilenceId};
use watchfloor_wire::time::UnixMs;

use super::ages::Ages;
use super::outbox::{Ask, AskOutcome, Claimed};
use super::thread::Request;
use super::{ActionOutcome, EngineError, EngineGone, OverrideOutcome, SilenceOutcome};
use crate::change::{AuditRow, KeptAnswer};
use crate::incidents::action::ActionRequest;
use crate::incidents::bulk::BulkOrder;
use crate::incidents::opening::OpenOrder;
use crate::notify::outbox::{Notification, OutboxQuery};
use crate::notify::outcome::Report;
use crate::observation::Observation;
use crate::on_call::StoredOnCall;
use crate::on_call::action::OverrideOrder;
use crate::on_call::calendar::CalendarReading;
use crate::silences::action::SilenceOrder;
use crate::store::audit::{AuditPlace, AuditStretch};
use crate::store::{FiredHistory, Reader, StoreError};

/// The way to the engine; cheap to clone.
#[derive(Clone)]
pub struct EngineHandle {
    pub(super) observations: mpsc::Sender<Observation>,
    pub(super) requests: mpsc::Sender<Request>,
    pub(super) reader: Arc<dyn Reader>,
    pub(super) ages: Arc<Ages>,
    pub(super) outbox_changed: watch::Receiver<u64>,
    pub(super) thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl EngineHandle {
    /// Hands an observation over. Never blocks; a full queue drops it and counts it, and the check grows old until
    /// the next one.
    pub fn observe(&self, observation: Observation) {
        if self.observations.try_send(observation).is_err() {
            metrics::counter!("watchfloor_observations_dropped_total").increment(1);
        }
    }

    /// Acts on an incident. The answer comes after what it says is on the disk.
    ///
    /// # Errors
    /// [`EngineGone`] when the engine has stopped. Whether the action was carried out is then not known; the same
    /// key tells after a restart.
    pub async fn act(&self, request: ActionRequest) -> Result<ActionOutcome, EngineGone> {
        self.outcome_of(|reply| Request::Act(Box::new(request), reply))
            .await
    }

    /// Acts on many incidents, each by itself, in one transaction.
    ///
    /// # Errors
    /// As [`Self::act`].
    pub async fn act_on_many(&self, order: BulkOrder) -> Result<ActionOutcome, EngineGone> {
        self.outcome_of(|reply| Request::ActOnMany(Box::new(order), reply))
            .await
    }

    /// Opens an incident for a person.
    ///
    /// # Errors
    /// As [`Self::act`].
    pub async fn open(&self, order: OpenOrder) -> Result<ActionOutcome, EngineGone> {
        self.outcome_of(|reply| Request::Open(Box::new(order), reply))
            .await
    }

    async fn outcome_of(
        &self,
        request: impl FnOnce(oneshot::Sender<ActionOutcome>) -> Request,
    ) -> Result<ActionOutcome, EngineGone> {
        let (reply, answer) = oneshot::channel();
        let sent = self.requests.send(request(reply)).await;
        sent.map_err(|_| EngineGone)?;
        answer.await.map_err(|_| EngineGone)
    }

    /// Carries an order about a silence out. The answer comes after what it says is on the disk.
    ///
    /// # Errors
    /// [`EngineGone`], as with [`Self::act`].
    pub async fn silence(&self, order: SilenceOrder) -> Result<SilenceOutcome, EngineGone> {
        let (reply, answer) = oneshot::channel();
        self.requests
            .send(Request::Silence(Box::new(order), reply))
            .await
            .map_err(|_| EngineGone)?;
        answer.await.map_err(|_| EngineGone)
    }

    /// Carries an order about an override out. The answer comes after what it says is on the disk.
    ///
    /// # Errors
    /// [`EngineGone`], as with [`Self::act`].
    pub async fn change_override(
        &self,
        order: OverrideOrder,
    ) -> Result<OverrideOutcome, EngineGone> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Override(Box::new(order), reply);
        self.requests.send(request).await.map_err(|_| EngineGone)?;
        answer.await.map_err(|_| EngineGone)
    }

    /// Keeps what came of reading a calendar.
    ///
    /// # Errors
    /// [`EngineError`]: nothing was kept.
    pub async fn read_calendar(&self, reading: CalendarReading) -> Result<(), EngineError> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Calendar(Box::new(reading), reply);
        let sent = self.requests.send(request).await;
        sent.map_err(|_| EngineGone)?;
        Ok(answer.await.map_err(|_| EngineGone)??)
    }

    /// Overrides that were not over at `since`, and what was read of calendars.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub async fn on_call(&self, since: UnixMs) -> Result<StoredOnCall, EngineError> {
        self.read(move |reader| reader.on_call(since)).await
    }

    /// Silences with numbers below `before`, newest first, also those that are over.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub async fn silences(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<SilencePage, EngineError> {
        self.read(move |reader| reader.silences(before, limit))
            .await
    }

    /// A silence by its number, however old; `None` when there is none.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub async fn silence_by_id(&self, id: SilenceId) -> Result<Option<Silence>, EngineError> {
        self.read(move |reader| reader.silence(id)).await
    }

    /// What fired since `from`.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub async fn fired_since(&self, from: UnixMs) -> Result<FiredHistory, EngineError> {
        self.read(move |reader| reader.fired_since(from)).await
    }

    /// Adds a row to the audit: sign-ins, changes of accounts. Returns once it is on the disk, or waits with the
    /// engine for the store to work again.
    pub async fn audit(&self, row: AuditRow) {
        let (reply, answer) = oneshot::channel();
        let sent = self.requests.send(Request::Audit(row, reply)).await;
        if sent.is_err() || !answer.await.unwrap_or(false) {
            metrics::counter!("watchfloor_audit_delayed_total").increment(1);
        }
    }

    /// Begins another epoch, because confirmed changes are gone; `why` is JSON for the audit. False when it could
    /// not be stored.
    pub async fn begin_epoch(&self, why: String) -> bool {
        let (reply, answer) = oneshot::channel();
        let sent = self.requests.send(Request::BeginEpoch(why, reply)).await;
        sent.is_ok() && answer.await.unwrap_or(false)
    }

    /// An incident's timeline, newest first, at most `limit` entries.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub async fn timeline(
        &self,
        incident: IncidentId,
        limit: usize,
    ) -> Result<Vec<TimelineEntry>, EngineError> {
        self.read(move |reader| reader.timeline(incident, limit))
            .await
    }

    /// Incidents with numbers below `before`, newest first, resolved ones too unless `open_only`.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub async fn incidents(
        &self,
        before: Option<u64>,
        limit: usize,
        open_only: bool,
    ) -> Result<IncidentPage, EngineError> {
        self.read(move |reader| reader.incidents(before, limit, open_only))
            .await
    }

    /// An incident by its number, however old; `None` when there is none.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, EngineError> {
        self.read(move |reader| reader.incident(id)).await
    }

    /// The answer that was kept for an account's key; `None` when there is none, which says that the request was
    /// not carried out, or more than a day ago.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub async fn kept_answer(
        &self,
        account: String,
        key: String,
    ) -> Result<Option<KeptAnswer>, EngineError> {
        self.read(move |reader| reader.kept_answer(&account, &key))
            .await
    }

    /// Rows of the outbox.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub async fn outbox(&self, query: OutboxQuery) -> Result<Vec<Notification>, EngineError> {
        self.read(move |reader| reader.notifications(&query)).await
    }

    /// Changes whenever the outbox does; closed when the engine has stopped.
    #[must_use]
    pub fn outbox_changes(&self) -> watch::Receiver<u64> {
        self.outbox_changed.clone()
    }

    /// Whether the engine has stopped.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.requests.is_closed()
    }

    /// Claims what a worker wants to send, see [`Engine::claim`](super::Engine::claim).
    ///
    /// # Errors
    /// [`EngineError`]: nothing was claimed.
    pub async fn claim(&self, ids: Vec<String>) -> Result<Option<Claimed>, EngineError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.requests.send(Request::Claim(ids, reply)).await;
        sent.map_err(|_| EngineGone)?;
        Ok(answer.await.map_err(|_| EngineGone)??)
    }

    /// Notes what became of a try.
    ///
    /// # Errors
    /// [`EngineError`]: nothing was noted.
    pub async fn report(&self, report: Report) -> Result<(), EngineError> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Report(Box::new(report), reply);
        let sent = self.requests.send(request).await;
        sent.map_err(|_| EngineGone)?;
        Ok(answer.await.map_err(|_| EngineGone)??)
    }

    /// Writes down a test, or that a dead letter is sent again.
    ///
    /// # Errors
    /// [`EngineGone`] when the engine has stopped.
    pub async fn ask(&self, ask: Ask) -> Result<AskOutcome, EngineGone> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Ask(Box::new(ask), reply);
        self.requests.send(request).await.map_err(|_| EngineGone)?;
        answer.await.map_err(|_| EngineGone)
    }

    /// Rows of the audit from a place on, at most `limit`.
    ///
    /// # Errors
    /// [`EngineError`] when the store cannot be read.
    pub async fn audit_rows(
        &self,
        place: AuditPlace,
        limit: usize,
    ) -> Result<AuditStretch, EngineError> {
        self.read(move |reader| reader.audit_rows(place, limit))
            .await
    }

    /// The reader, for the feed's backlog.
    #[must_use]
    pub fn reader(&self) -> Arc<dyn Reader> {
        Arc::clone(&self.reader)
    }

    /// How long ago each stage of the pipeline last did its work.
    #[must_use]
    pub fn ages(&self) -> PipelineAges {
        self.ages.read()
    }

    /// How long ago another epoch began, because confirmed changes were lost, in milliseconds; `None` when none did
    /// since the start.
    #[must_use]
    pub fn epoch_age_ms(&self) -> Option<i64> {
        self.ages.epoch_age_ms()
    }

    /// Takes in what is queued, stores it, and ends. Later calls on other handles find the engine gone.
    pub async fn stop(self) {
        // When it has stopped already there is nobody to take the request, and nothing left to do.
        let _ = self.requests.send(Request::Stop).await;
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(thread) = thread else { return };
        let joined = tokio::task::spawn_blocking(move || thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the engine's thread ended by a panic");
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let reader = self.reader();
        let answer = tokio::task::spawn_blocking(move || question(reader.as_ref())).await;
        Ok(answer.map_err(|_| EngineError::Gone(EngineGone))??)
    }
}
