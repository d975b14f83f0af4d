//! The disk under the gateway: what was committed survives a kill, and each commit can fail or be the last thing
//! that the process does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use watchfloor_gateway::change::{Change, Committed, KeptAnswer, Transaction};
use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::hub::{Backlog, BacklogFuture, Hub};
use watchfloor_gateway::machine_clock::MachineClock;
use watchfloor_gateway::notify::outbox::{Notification, OutboxQuery};
use watchfloor_gateway::on_call::StoredOnCall;
use watchfloor_gateway::store::{Head, MemoryStore, Reader, RetainBefore, Store, StoreError};
use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::Op;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentStatus, TimelineEntry};
use watchfloor_wire::silence::{Silence, SilenceId};

use crate::mutant::Mutant;

/// Where in a commit the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// Nothing of it was written.
    BeforeCommit,
    /// All of it was written, and nobody was told.
    AfterCommit,
    /// The hub was told, and whoever asked was not.
    AfterPublish,
}

/// What is wrong with the disk.
#[derive(Debug, Default)]
struct Faults {
    failing_commits: u32,
    full: bool,
    reads_fail: bool,
    read_ms: u64,
    crash_at: Option<CrashPoint>,
    crashed: bool,
    /// Everything that was committed since the start, for the disk that forgets.
    journal: Vec<Transaction>,
    /// Where a gateway with [`Mutant::PublishBeforeCommit`] publishes.
    early: Option<Hub>,
}

/// The disk; a clone is the same one.
#[derive(Clone)]
pub struct Disk {
    memory: Arc<Mutex<MemoryStore>>,
    faults: Arc<Mutex<Faults>>,
    clock: Clock,
    mutant: Option<Mutant>,
}

impl Disk {
    /// An empty disk.
    #[must_use]
    pub fn new(clock: Clock, mutant: Option<Mutant>) -> Self {
        Self {
            memory: Arc::new(Mutex::new(MemoryStore::new(clock.clone()))),
            faults: Arc::default(),
            clock,
            mutant,
        }
    }

    /// The next `count` commits fail.
    pub fn fail_commits(&self, count: u32) {
        self.faults().failing_commits = count;
    }

    /// All commits fail from now on, or none.
    pub fn set_full(&self, full: bool) {
        self.faults().full = full;
    }

    /// The feed log cannot be read, or only slowly.
    pub fn set_reads(&self, fail: bool, read_ms: u64) {
        let mut faults = self.faults();
        (faults.reads_fail, faults.read_ms) = (fail, read_ms);
    }

    /// The process dies with the next commit.
    pub fn crash_at(&self, point: CrashPoint) {
        self.faults().crash_at = Some(point);
    }

    /// Everything works again.
    pub fn heal(&self) {
        let mut faults = self.faults();
        (faults.failing_commits, faults.full, faults.crash_at) = (0, false, None);
        (faults.reads_fail, faults.read_ms) = (false, 0);
    }

    /// Whether the process died in a commit.
    #[must_use]
    pub fn has_crashed(&self) -> bool {
        self.faults().crashed
    }

    /// The process is gone, and another one may use the disk.
    pub fn let_go(&self) {
        let mut faults = self.faults();
        (faults.crashed, faults.crash_at, faults.early) = (false, None, None);
        if self.mutant == Some(Mutant::CommitsForgotten) {
            let kept = faults.journal.len().saturating_sub(3);
            faults.journal.truncate(kept);
            let mut rewritten = MemoryStore::new(self.clock.clone());
            for transaction in &faults.journal {
                // Each of them could be written before.
                let _ = rewritten.commit(transaction);
            }
            *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = rewritten;
        }
    }

    /// What the hub of a gateway with [`Mutant::PublishBeforeCommit`] is.
    pub fn publish_early(&self, hub: Hub) {
        if self.mutant == Some(Mutant::PublishBeforeCommit) {
            self.faults().early = Some(hub);
        }
    }

    /// Called once the hub was told; false when the process died before.
    pub(crate) fn may_publish(&self) -> bool {
        !self.faults().crashed
    }

    /// Called after the hub was told.
    pub(crate) fn published(&self) {
        let mut faults = self.faults();
        if faults.crash_at == Some(CrashPoint::AfterPublish) {
            (faults.crash_at, faults.crashed) = (None, true);
        }
    }

    /// What is on the disk.
    #[must_use]
    pub fn content(&self) -> MemoryStore {
        self.memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn before_commit(&self) -> Result<(), StoreError> {
        let mut faults = self.faults();
        if faults.crash_at == Some(CrashPoint::BeforeCommit) {
            (faults.crash_at, faults.crashed) = (None, true);
        }
        if faults.crashed {
            return Err(StoreError::Injected("the process is dead"));
        }
        if faults.full {
            return Err(StoreError::Injected("no space left on device"));
        }
        if let Some(left) = faults.failing_commits.checked_sub(1) {
            faults.failing_commits = left;
            return Err(StoreError::Injected("input/output error"));
        }
        Ok(())
    }

    fn after_commit(&self, transaction: &Transaction) {
        let mut faults = self.faults();
        if self.mutant == Some(Mutant::CommitsForgotten) {
            faults.journal.push(transaction.clone());
        }
        if faults.crash_at == Some(CrashPoint::AfterCommit) {
            (faults.crash_at, faults.crashed) = (None, true);
        }
    }
}

/// What a commit of these changes would become.
fn foreseen(from: u64, transaction: &Transaction) -> Committed {
    let ops: Vec<Op> = (from + 1..)
        .zip(&transaction.changes)
        .map(|(v, change)| Op {
            k: change.key(),
            v,
            p: match change {
                Change::Upsert(entity) => entity.to_json().ok(),
                Change::Delete(_) => None,
            },
        })
        .collect();
    Committed {
        from,
        to: ops.last().map_or(from, |op| op.v),
        ops,
        answers: Vec::new(),
    }
}

/// What [`Mutant::EscalatedWhileAcknowledged`] makes of a transaction.
fn with_a_step_taken(transaction: &Transaction, now: watchfloor_wire::time::UnixMs) -> Transaction {
    let mut transaction = transaction.clone();
    for change in &mut transaction.changes {
        let Change::Upsert(Entity::Incident(incident)) = change else {
            continue;
        };
        if incident.status == IncidentStatus::Acknowledged {
            let next = incident
                .escalation
                .iter_mut()
                .find(|step| step.taken_at.is_none());
            if let Some(step) = next {
                step.taken_at = Some(now);
            }
        }
    }
    transaction
}

impl Store for Disk {
    fn head(&self) -> Result<Head, StoreError> {
        self.content().head()
    }

    fn entities(&self) -> Result<Vec<(Key, u64, Entity)>, StoreError> {
        self.content().entities()
    }

    fn commit(&mut self, transaction: &Transaction) -> Result<Committed, StoreError> {
        let early = self.faults().early.clone();
        if let Some(hub) = early {
            hub.publish(&foreseen(self.head()?.seq, transaction));
        }
        self.before_commit()?;
        let by_itself = transaction.answers.is_empty();
        let committed = if self.mutant == Some(Mutant::EscalatedWhileAcknowledged) && by_itself {
            self.content()
                .commit(&with_a_step_taken(transaction, self.clock.now()))?
        } else {
            self.content().commit(transaction)?
        };
        self.after_commit(transaction);
        Ok(committed)
    }

    fn begin_epoch(&mut self) -> Result<Head, StoreError> {
        self.before_commit()?;
        self.content().begin_epoch()
    }

    fn machine_clock(&self) -> Result<Option<MachineClock>, StoreError> {
        self.content().machine_clock()
    }

    fn note_machine_clock(&mut self, clock: &MachineClock) -> Result<(), StoreError> {
        self.before_commit()?;
        self.content().note_machine_clock(clock)
    }

    fn feed_log_after(&self, seq: u64, limit: usize) -> Result<Option<Vec<Op>>, StoreError> {
        Store::feed_log_after(&self.content(), seq, limit)
    }

    fn kept_answer(&self, actor: &str, key: &str) -> Result<Option<KeptAnswer>, StoreError> {
        if self.mutant == Some(Mutant::KeyForgotten) {
            return Ok(None);
        }
        Store::kept_answer(&self.content(), actor, key)
    }

    fn timeline(
        &self,
        incident: IncidentId,
        limit: usize,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        Store::timeline(&self.content(), incident, limit)
    }

    fn last_incident(&self) -> Result<u64, StoreError> {
        self.content().last_incident()
    }

    fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        Store::incident(&self.content(), id)
    }

    fn last_silence(&self) -> Result<u64, StoreError> {
        self.content().last_silence()
    }

    fn silence(&self, id: SilenceId) -> Result<Option<Silence>, StoreError> {
        Store::silence(&self.content(), id)
    }

    fn on_call(&self, since: watchfloor_wire::time::UnixMs) -> Result<StoredOnCall, StoreError> {
        Store::on_call(&self.content(), since)
    }

    fn notifications(&self, query: &OutboxQuery) -> Result<Vec<Notification>, StoreError> {
        Store::notifications(&self.content(), query)
    }

    fn retain(&mut self, before: &RetainBefore) -> Result<(), StoreError> {
        self.content().retain(before)
    }

    fn reader(&self) -> Result<Arc<dyn Reader>, StoreError> {
        self.content().reader()
    }
}

impl Backlog for Disk {
    fn after(&self, seq: u64, limit: usize) -> BacklogFuture<'_> {
        Box::pin(async move {
            let (fail, read_ms) = {
                let faults = self.faults();
                (faults.reads_fail, faults.read_ms)
            };
            if read_ms > 0 {
                tokio::time::sleep(std::time::Duration::from_millis(read_ms)).await;
            }
            if fail {
                return None;
            }
            Reader::feed_log_after(&self.content(), seq, limit).ok()?
        })
    }
}
