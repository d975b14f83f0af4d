//! Durable state: entities, feed log, timeline, audit, outbox and kept answers, in one transaction.
//!
//! There is one writer, the [`engine`](crate::engine). Two implementations pass the same tests: SQLite for
//! service and memory for simulation.

use std::collections::BTreeMap;

use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::Op;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentPage, TimelineEntry};
use watchfloor_wire::priority::Severity;
use watchfloor_wire::silence::request::SilencePage;
use watchfloor_wire::silence::{Silence, SilenceId};
use watchfloor_wire::time::UnixMs;

use self::audit::{AuditPlace, AuditStretch};
use crate::change::{Committed, KeptAnswer, Transaction};
use crate::machine_clock::MachineClock;
use crate::notify::outbox::{Notification, OutboxQuery};
use crate::on_call::StoredOnCall;

pub mod audit;
pub mod audit_trail;
pub mod memory;
pub mod sqlite;
#[cfg(test)]
pub(crate) mod suite;

pub use memory::MemoryStore;
pub use sqlite::SqliteStore;

/// The feed log holds this many rows at most, whatever their age.
pub const FEED_LOG_MAX_ROWS: u64 = 500_000;

/// So many times that an alert fired are kept at most, whatever their age.
pub const FIRED_MAX_ROWS: u64 = 50_000;
/// So many of them are read at once, at most.
pub const FIRED_READ_ROWS: usize = 10_000;

/// Where the feed stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The epoch, a ULID, made with the database.
    pub epoch: String,
    /// The last sequence number.
    pub seq: u64,
}

/// What the engine needs of durable state. Calls block; the engine runs on a thread of its own.
pub trait Store: Send + 'static {
    /// Where the feed stands.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn head(&self) -> Result<Head, StoreError>;

    /// All entities with the sequence number at which each came to be so.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read or holds what cannot be understood.
    fn entities(&self) -> Result<Vec<(Key, u64, Entity)>, StoreError>;

    /// Writes all of it or nothing, and returns once it is on the disk.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was written; actions answer 503 and can be tried again.
    fn commit(&mut self, transaction: &Transaction) -> Result<Committed, StoreError>;

    /// Begins another history at the present head, on the disk: no cursor of the one before is continued.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was written.
    fn begin_epoch(&mut self) -> Result<Head, StoreError>;

    /// Where the wall clock stood when it was noted last; `None` before that.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn machine_clock(&self) -> Result<Option<MachineClock>, StoreError>;

    /// Notes where the wall clock stands.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was written.
    fn note_machine_clock(&mut self, clock: &MachineClock) -> Result<(), StoreError>;

    /// The rows of the feed log after `seq`, oldest first, at most `limit`; `None` when some of them are no
    /// longer kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn feed_log_after(&self, seq: u64, limit: usize) -> Result<Option<Vec<Op>>, StoreError>;

    /// The answer kept for an actor's key.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn kept_answer(&self, actor: &str, key: &str) -> Result<Option<KeptAnswer>, StoreError>;

    /// An incident's timeline, newest first, at most `limit` entries.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn timeline(
        &self,
        incident: IncidentId,
        limit: usize,
    ) -> Result<Vec<TimelineEntry>, StoreError>;

    /// The highest number that an incident ever had; 0 before the first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn last_incident(&self) -> Result<u64, StoreError>;

    /// An incident by its number, also one that has left the feed.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError>;

    /// The highest number that a silence ever had; 0 before the first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn last_silence(&self) -> Result<u64, StoreError>;

    /// A silence by its number, also one that has left the feed.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn silence(&self, id: SilenceId) -> Result<Option<Silence>, StoreError>;

    /// Overrides that were not over at `since`, and what was read of calendars.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn on_call(&self, since: UnixMs) -> Result<StoredOnCall, StoreError>;

    /// Rows of the outbox, at most [`MAX_ROWS`](crate::notify::outbox::MAX_ROWS).
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn notifications(&self, query: &OutboxQuery) -> Result<Vec<Notification>, StoreError>;

    /// Drops what is past its time, in small steps: one call does a bounded amount of work, and the next one goes on.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    fn retain(&mut self, before: &RetainBefore) -> Result<(), StoreError>;

    /// A reader of the same state that other threads may use while this one writes.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be opened a second time.
    fn reader(&self) -> Result<std::sync::Arc<dyn Reader>, StoreError>;
}

/// What is past its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetainBefore {
    /// Feed log rows older than this go; besides, only the newest [`FEED_LOG_MAX_ROWS`] stay.
    pub feed_log: UnixMs,
    /// Kept answers older than this go.
    pub answers: UnixMs,
    /// Incidents resolved before this go, with their timelines, and silences and overrides that
    /// ended before it. The audit stays.
    pub incidents: UnixMs,
    /// What fired before this is forgotten; besides, only the newest [`FIRED_MAX_ROWS`] stay.
    pub fired: UnixMs,
    /// Notifications that came to their end before this go.
    pub notifications: UnixMs,
}

/// An alert that began to fire, as it was then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiredAlert {
    /// When.
    pub at: UnixMs,
    /// The product's id.
    pub product: String,
    /// The check's id; empty for the product as a whole.
    pub check: String,
    /// The rule's name.
    pub rule: String,
    /// How bad it was.
    pub severity: Severity,
    /// The labels that it had by its rule; `None` when it fired before labels were kept.
    pub labels: Option<BTreeMap<String, String>>,
    /// The title of its incident; what it said, when it had none.
    pub title: String,
}

/// What fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiredHistory {
    /// Newest first.
    pub alerts: Vec<FiredAlert>,
    /// From when on all of it is known.
    pub from: UnixMs,
}

/// Reads committed state beside the writer. Calls block; asynchronous callers move them to a blocking thread.
pub trait Reader: Send + Sync + 'static {
    /// As [`Store::feed_log_after`].
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn feed_log_after(&self, seq: u64, limit: usize) -> Result<Option<Vec<Op>>, StoreError>;

    /// As [`Store::kept_answer`].
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn kept_answer(&self, actor: &str, key: &str) -> Result<Option<KeptAnswer>, StoreError>;

    /// As [`Store::timeline`].
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn timeline(
        &self,
        incident: IncidentId,
        limit: usize,
    ) -> Result<Vec<TimelineEntry>, StoreError>;

    /// As [`Store::incident`].
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError>;

    /// Incidents with numbers below `before` (`None`: from the newest), newest first, at most `limit`; only those
    /// not resolved when `open_only`.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn incidents(
        &self,
        before: Option<u64>,
        limit: usize,
        open_only: bool,
    ) -> Result<IncidentPage, StoreError>;

    /// As [`Store::silence`].
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn silence(&self, id: SilenceId) -> Result<Option<Silence>, StoreError>;

    /// Silences with numbers below `before` (`None`: from the newest), newest first, at most `limit`, also those that
    /// are over.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn silences(&self, before: Option<u64>, limit: usize) -> Result<SilencePage, StoreError>;

    /// What fired since `from`, the newest [`FIRED_READ_ROWS`] of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn fired_since(&self, from: UnixMs) -> Result<FiredHistory, StoreError>;

    /// As [`Store::on_call`].
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn on_call(&self, since: UnixMs) -> Result<StoredOnCall, StoreError>;

    /// As [`Store::notifications`].
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn notifications(&self, query: &OutboxQuery) -> Result<Vec<Notification>, StoreError>;

    /// Rows of the audit from a place on, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn audit_rows(&self, place: AuditPlace, limit: usize) -> Result<AuditStretch, StoreError>;

    /// Walks the audit's chain: `None` when it holds, else the place (from 1) of the first row that was changed, or
    /// that follows a row that was taken out.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    fn audit_break(&self) -> Result<Option<u64>, StoreError>;
}

/// A page of at most `limit` out of up to one more than that, newest first.
fn page(mut incidents: Vec<Incident>, limit: usize) -> IncidentPage {
    let more = incidents.len() > limit;
    incidents.truncate(limit);
    let next_before = incidents.last().filter(|_| more).map(|last| last.id.0);
    IncidentPage {
        incidents,
        next_before,
    }
}

/// As [`page`], of silences.
fn silence_page(mut silences: Vec<Silence>, limit: usize) -> SilencePage {
    let more = silences.len() > limit;
    silences.truncate(limit);
    let next_before = silences.last().filter(|_| more).map(|last| last.id.0);
    SilencePage {
        silences,
        next_before,
    }
}

/// What was read, and from when on it is all: a read that was cut short knows less far back.
fn fired_history(alerts: Vec<FiredAlert>, asked: UnixMs, kept: UnixMs) -> FiredHistory {
    let cut = alerts
        .last()
        .filter(|_| alerts.len() >= FIRED_READ_ROWS)
        .map_or(asked, |oldest| oldest.at);
    FiredHistory {
        from: asked.max(kept).max(cut),
        alerts,
    }
}

/// A failure of durable state.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite said no.
    #[error("the database answered: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// What is stored cannot be understood.
    #[error("the stored {key} cannot be understood: {source}")]
    Malformed {
        /// What it is.
        key: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The database was written by a newer gateway.
    #[error(
        "the database has schema version {found}; this gateway knows versions up to {known}. Use the gateway that wrote it, or a newer one."
    )]
    FromTheFuture {
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// The data directory cannot be used.
    #[error("{path}: {source}")]
    Directory {
        /// The directory.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The thread that writes cannot be started.
    #[error("the engine's thread cannot be started: {0}")]
    Thread(std::io::Error),
    /// A row of the outbox does not stand where it was seen; nothing was written.
    #[error("the notification {id} was moved meanwhile")]
    Moved {
        /// The row.
        id: String,
    },
    /// A test's injected fault.
    #[error("injected: {0}")]
    Injected(&'static str),
}
