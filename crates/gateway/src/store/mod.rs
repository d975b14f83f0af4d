//! Durable state: entities, feed log, timeline, audit and kept answers, in one transaction.
//!
//! There is one writer, the [`engine`](crate::engine). Two implementations pass the same tests: SQLite for
//! service and memory for simulation.

use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::Op;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::TimelineEntry;
use watchfloor_wire::time::UnixMs;

use crate::change::{Committed, KeptAnswer, Transaction};

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

    /// Drops what is past its time: feed log rows before `feed_log_before`, kept answers before
    /// `answers_before`, both in small steps.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    fn retain(&mut self, feed_log_before: UnixMs, answers_before: UnixMs)
    -> Result<(), StoreError>;
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
    /// A test's injected fault.
    #[error("injected: {0}")]
    Injected(&'static str),
}
