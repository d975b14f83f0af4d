//! Durable state in SQLite: `ops.db`, write-ahead log, `synchronous=FULL`. What was answered survives `kill -9`
//! and power loss.

pub(super) mod audit;
mod on_call;
mod outbox;
mod read;
mod retain;
mod schema;
mod silences;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior};
use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::Op;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentPage, TimelineEntry};
use watchfloor_wire::silence::request::SilencePage;
use watchfloor_wire::silence::{Silence, SilenceId};
use watchfloor_wire::time::UnixMs;

use super::audit::{AuditPlace, AuditStretch};
use super::{FiredHistory, Head, Reader, RetainBefore, Store, StoreError};
use crate::change::{Committed, KeptAnswer, Transaction};
use crate::clock::Clock;
use crate::machine_clock::MachineClock;
use crate::notify::outbox::{Notification, OutboxQuery};
use crate::on_call::StoredOnCall;

/// The file's name within the data directory.
pub const FILE_NAME: &str = "ops.db";

/// The writer. There is one a process; a second process on the same directory is kept out by the caller's lock.
pub struct SqliteStore {
    connection: Connection,
    path: PathBuf,
    clock: Clock,
}

impl SqliteStore {
    /// Opens the database in `data_dir`, makes it when it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] when the directory or database cannot be used, or was written by a newer gateway.
    pub fn open(data_dir: &Path, clock: Clock) -> Result<Self, StoreError> {
        std::fs::create_dir_all(data_dir).map_err(|source| StoreError::Directory {
            path: data_dir.to_owned(),
            source,
        })?;
        let path = data_dir.join(FILE_NAME);
        let mut connection = Connection::open(&path)?;
        schema::configure_writer(&connection)?;
        schema::migrate(&mut connection)?;
        schema::ensure_head(&connection, &clock)?;
        schema::ensure_fired_since(&connection, &clock)?;
        Ok(Self {
            connection,
            path,
            clock,
        })
    }

    /// A second connection that only reads.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be opened again.
    pub fn connect_reader(&self) -> Result<SqliteReader, StoreError> {
        let connection = Connection::open(&self.path)?;
        schema::configure_reader(&connection)?;
        Ok(SqliteReader {
            connection: Mutex::new(connection),
        })
    }
}

impl Store for SqliteStore {
    fn head(&self) -> Result<Head, StoreError> {
        read::head(&self.connection)
    }

    fn entities(&self) -> Result<Vec<(Key, u64, Entity)>, StoreError> {
        read::entities(&self.connection)
    }

    fn commit(&mut self, transaction: &Transaction) -> Result<Committed, StoreError> {
        let at = self.clock.now();
        let writing = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let from = read::head(&writing)?.seq;
        let ops = write::changes(&writing, from, at, &transaction.changes)?;
        let to = ops.last().map_or(from, |op| op.v);
        write::timeline(&writing, &transaction.timeline)?;
        write::audit_rows(&writing, &transaction.audit)?;
        let answers: Vec<KeptAnswer> = transaction
            .answers
            .iter()
            .map(|answer| answer.with_seq(to))
            .collect();
        outbox::write(&writing, &transaction.outbox)?;
        on_call::write(&writing, &transaction.on_call)?;
        write::answers(&writing, &answers)?;
        writing.commit()?;
        Ok(Committed {
            from,
            to,
            ops,
            answers,
        })
    }

    fn begin_epoch(&mut self) -> Result<Head, StoreError> {
        schema::begin_epoch(&self.connection, &self.clock)?;
        self.head()
    }

    fn machine_clock(&self) -> Result<Option<MachineClock>, StoreError> {
        read::machine_clock(&self.connection)
    }

    fn note_machine_clock(&mut self, clock: &MachineClock) -> Result<(), StoreError> {
        write::machine_clock(&self.connection, clock)
    }

    fn feed_log_after(&self, seq: u64, limit: usize) -> Result<Option<Vec<Op>>, StoreError> {
        read::feed_log_after(&self.connection, seq, limit)
    }

    fn kept_answer(&self, actor: &str, key: &str) -> Result<Option<KeptAnswer>, StoreError> {
        read::kept_answer(&self.connection, actor, key)
    }

    fn timeline(
        &self,
        incident: IncidentId,
        limit: usize,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        read::timeline(&self.connection, incident, limit)
    }

    fn last_incident(&self) -> Result<u64, StoreError> {
        read::last_incident(&self.connection)
    }

    fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        read::incident(&self.connection, id)
    }

    fn last_silence(&self) -> Result<u64, StoreError> {
        silences::last(&self.connection)
    }

    fn silence(&self, id: SilenceId) -> Result<Option<Silence>, StoreError> {
        silences::one(&self.connection, id)
    }

    fn on_call(&self, since: UnixMs) -> Result<StoredOnCall, StoreError> {
        on_call::read(&self.connection, since)
    }

    fn notifications(&self, query: &OutboxQuery) -> Result<Vec<Notification>, StoreError> {
        outbox::read(&self.connection, query)
    }

    fn retain(&mut self, before: &RetainBefore) -> Result<(), StoreError> {
        retain::retain(&self.connection, before)
    }

    fn reader(&self) -> Result<Arc<dyn Reader>, StoreError> {
        Ok(Arc::new(self.connect_reader()?))
    }
}

/// Reads beside the writer, one question at a time.
pub struct SqliteReader {
    connection: Mutex<Connection>,
}

impl SqliteReader {
    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // A question that panicked has changed nothing, so the connection is as good as before.
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        question(&connection)
    }
}

impl Reader for SqliteReader {
    fn feed_log_after(&self, seq: u64, limit: usize) -> Result<Option<Vec<Op>>, StoreError> {
        self.ask(|connection| read::feed_log_after(connection, seq, limit))
    }

    fn kept_answer(&self, actor: &str, key: &str) -> Result<Option<KeptAnswer>, StoreError> {
        self.ask(|connection| read::kept_answer(connection, actor, key))
    }

    fn timeline(
        &self,
        incident: IncidentId,
        limit: usize,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        self.ask(|connection| read::timeline(connection, incident, limit))
    }

    fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        self.ask(|connection| read::incident(connection, id))
    }

    fn incidents(
        &self,
        before: Option<u64>,
        limit: usize,
        open_only: bool,
    ) -> Result<IncidentPage, StoreError> {
        self.ask(|connection| read::incidents(connection, before, limit, open_only))
    }

    fn silence(&self, id: SilenceId) -> Result<Option<Silence>, StoreError> {
        self.ask(|connection| silences::one(connection, id))
    }

    fn silences(&self, before: Option<u64>, limit: usize) -> Result<SilencePage, StoreError> {
        self.ask(|connection| silences::page(connection, before, limit))
    }

    fn fired_since(&self, from: UnixMs) -> Result<FiredHistory, StoreError> {
        self.ask(|connection| silences::fired_since(connection, from))
    }

    fn on_call(&self, since: UnixMs) -> Result<StoredOnCall, StoreError> {
        self.ask(|connection| on_call::read(connection, since))
    }

    fn notifications(&self, query: &OutboxQuery) -> Result<Vec<Notification>, StoreError> {
        self.ask(|connection| outbox::read(connection, query))
    }

    fn audit_rows(&self, place: AuditPlace, limit: usize) -> Result<AuditStretch, StoreError> {
        self.ask(|connection| audit::rows(connection, place, limit))
    }

    fn audit_break(&self) -> Result<Option<u64>, StoreError> {
        self.ask(audit::first_break)
    }
}

fn malformed(key: &str, source: serde_json::Error) -> StoreError {
    StoreError::Malformed {
        key: key.to_owned(),
        source,
    }
}

// SQLite's integers are signed. Sequence numbers and incident numbers stay far below 2^63.
fn from_u64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn from_usize(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn to_u64(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
