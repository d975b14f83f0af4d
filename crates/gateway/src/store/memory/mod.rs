//! Durable state in memory, for tests and simulation: the same promises as SQLite's while the process lives, and
//! faults on demand.

mod fired;
mod outbox;
mod reader;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::Op;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, TimelineEntry};
use watchfloor_wire::on_call::Override;
use watchfloor_wire::silence::{Silence, SilenceId};
use watchfloor_wire::time::UnixMs;

use super::{FEED_LOG_MAX_ROWS, Head, Reader, RetainBefore, Store, StoreError, audit};
use crate::change::{AuditRow, Change, Committed, KeptAnswer, Transaction};
use crate::clock::Clock;
use crate::machine_clock::MachineClock;
use crate::notify::outbox::{Notification, OutboxQuery};
use crate::on_call::calendar::CalendarCopy;
use crate::on_call::{OnCallChange, StoredOnCall};

/// State in memory; a clone is another handle on the same state, as a second connection would be.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    faults: Faults,
    clock: Clock,
}

/// Makes commits fail; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    failing: Arc<AtomicU32>,
}

impl Faults {
    /// The next `count` commits fail and write nothing.
    pub fn fail_commits(&self, count: u32) {
        self.failing.store(count, Ordering::SeqCst);
    }

    fn strikes(&self) -> bool {
        self.failing
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
    }
}

#[derive(Default)]
struct State {
    epoch: String,
    seq: u64,
    entities: BTreeMap<Key, (u64, Entity)>,
    feed_log: Vec<(UnixMs, Op)>,
    incidents: BTreeMap<u64, Incident>,
    last_incident: u64,
    silences: BTreeMap<u64, Silence>,
    last_silence: u64,
    fired: fired::Fired,
    timeline: Vec<(IncidentId, TimelineEntry)>,
    last_entry: u64,
    audit: Vec<(AuditRow, String)>,
    answers: BTreeMap<(String, String), KeptAnswer>,
    outbox: Vec<Notification>,
    machine_clock: Option<MachineClock>,
    overrides: BTreeMap<u64, Override>,
    calendars: BTreeMap<String, CalendarCopy>,
}

impl MemoryStore {
    /// Empty state under a fixed epoch.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let state = State {
            epoch: "01MEMORY".to_owned(),
            fired: fired::Fired::new(clock.now()),
            ..State::default()
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            faults: Faults::default(),
            clock,
        }
    }

    /// The switch that makes commits fail.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// All rows of the audit, oldest first.
    #[must_use]
    pub fn audit(&self) -> Vec<AuditRow> {
        self.state()
            .audit
            .iter()
            .map(|(row, _)| row.clone())
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked while holding the lock has failed already.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn apply(&mut self, change: &Change, at: UnixMs) -> Result<Op, StoreError> {
        let key = change.key();
        self.seq += 1;
        let p = match change {
            Change::Upsert(entity) => {
                let body = entity.to_json().map_err(|source| StoreError::Malformed {
                    key: key.as_str().to_owned(),
                    source,
                })?;
                match entity {
                    Entity::Incident(incident) => {
                        self.last_incident = self.last_incident.max(incident.id.0);
                        self.incidents.insert(incident.id.0, incident.clone());
                    }
                    Entity::Silence(silence) => {
                        self.last_silence = self.last_silence.max(silence.id.0);
                        self.silences.insert(silence.id.0, silence.clone());
                    }
                    Entity::Alert(alert) => self.fired.note(alert),
                    _ => {}
                }
                self.entities
                    .insert(key.clone(), (self.seq, entity.clone()));
                Some(body)
            }
            Change::Delete(key) => {
                self.entities.remove(key);
                None
            }
        };
        let op = Op {
            k: key,
            v: self.seq,
            p,
        };
        self.feed_log.push((at, op.clone()));
        Ok(op)
    }

    fn append(&mut self, transaction: &Transaction) {
        for entry in &transaction.timeline {
            self.last_entry += 1;
            let placed = entry.clone().placed(self.last_entry);
            self.timeline.push((entry.incident, placed));
        }
        for row in &transaction.audit {
            let previous = self
                .audit
                .last()
                .map_or(audit::GENESIS, |(_, hash)| hash.as_str());
            let hash = audit::chain(previous, row);
            self.audit.push((row.clone(), hash));
        }
    }

    fn put_on_call(&mut self, changes: &[OnCallChange]) {
        for change in changes {
            match change {
                OnCallChange::Override(it) => {
                    self.overrides.insert(it.id.0, it.clone());
                }
                OnCallChange::Calendar(it) => {
                    self.calendars.insert(it.rotation.clone(), it.clone());
                }
                OnCallChange::ForgetCalendar(rotation) => {
                    self.calendars.remove(rotation);
                }
            }
        }
    }

    fn keep(&mut self, answers: &[KeptAnswer]) -> Vec<KeptAnswer> {
        let kept: Vec<_> = answers.iter().map(|it| it.with_seq(self.seq)).collect();
        for answer in &kept {
            self.answers
                .insert((answer.actor.clone(), answer.key.clone()), answer.clone());
        }
        kept
    }
}

impl Store for MemoryStore {
    fn head(&self) -> Result<Head, StoreError> {
        let state = self.state();
        Ok(Head {
            epoch: state.epoch.clone(),
            seq: state.seq,
        })
    }

    fn entities(&self) -> Result<Vec<(Key, u64, Entity)>, StoreError> {
        Ok(self
            .state()
            .entities
            .iter()
            .map(|(key, (seq, entity))| (key.clone(), *seq, entity.clone()))
            .collect())
    }

    fn commit(&mut self, transaction: &Transaction) -> Result<Committed, StoreError> {
        if self.faults.strikes() {
            return Err(StoreError::Injected("commit"));
        }
        let at = self.clock.now();
        let mut state = self.state();
        outbox::write(&mut state.outbox, &transaction.outbox)?;
        let from = state.seq;
        let ops = transaction
            .changes
            .iter()
            .map(|change| state.apply(change, at))
            .collect::<Result<Vec<_>, _>>()?;
        state.append(transaction);
        state.put_on_call(&transaction.on_call);
        let answers = state.keep(&transaction.answers);
        Ok(Committed {
            from,
            to: state.seq,
            ops,
            answers,
        })
    }

    fn begin_epoch(&mut self) -> Result<Head, StoreError> {
        if self.faults.strikes() {
            return Err(StoreError::Injected("begin_epoch"));
        }
        let mut state = self.state();
        state.epoch.push('+');
        let epoch = state.epoch.clone();
        drop(state);
        let seq = self.head()?.seq;
        Ok(Head { epoch, seq })
    }

    fn machine_clock(&self) -> Result<Option<MachineClock>, StoreError> {
        Ok(self.state().machine_clock.clone())
    }

    fn note_machine_clock(&mut self, clock: &MachineClock) -> Result<(), StoreError> {
        if self.faults.strikes() {
            return Err(StoreError::Injected("note_machine_clock"));
        }
        self.state().machine_clock = Some(clock.clone());
        Ok(())
    }

    fn feed_log_after(&self, seq: u64, limit: usize) -> Result<Option<Vec<Op>>, StoreError> {
        Reader::feed_log_after(self, seq, limit)
    }

    fn kept_answer(&self, actor: &str, key: &str) -> Result<Option<KeptAnswer>, StoreError> {
        Reader::kept_answer(self, actor, key)
    }

    fn timeline(
        &self,
        incident: IncidentId,
        limit: usize,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        Reader::timeline(self, incident, limit)
    }

    fn last_incident(&self) -> Result<u64, StoreError> {
        Ok(self.state().last_incident)
    }

    fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        Reader::incident(self, id)
    }

    fn last_silence(&self) -> Result<u64, StoreError> {
        Ok(self.state().last_silence)
    }

    fn silence(&self, id: SilenceId) -> Result<Option<Silence>, StoreError> {
        Reader::silence(self, id)
    }

    fn on_call(&self, since: UnixMs) -> Result<StoredOnCall, StoreError> {
        Reader::on_call(self, since)
    }

    fn notifications(&self, query: &OutboxQuery) -> Result<Vec<Notification>, StoreError> {
        Reader::notifications(self, query)
    }

    fn retain(&mut self, before: &RetainBefore) -> Result<(), StoreError> {
        let mut state = self.state();
        state
            .outbox
            .retain(|it| it.settled_at.is_none_or(|at| at >= before.notifications));
        let over = state.seq.saturating_sub(FEED_LOG_MAX_ROWS);
        let past = state
            .feed_log
            .iter()
            .take_while(|(at, op)| *at < before.feed_log || op.v <= over)
            .count();
        state.feed_log.drain(..past);
        state
            .answers
            .retain(|_, answer| answer.at >= before.answers);
        state.incidents.retain(|_, incident| {
            incident
                .resolution
                .as_ref()
                .is_none_or(|it| it.at >= before.incidents)
        });
        state
            .silences
            .retain(|_, it| it.ended_at.is_none_or(|at| at >= before.incidents));
        let newest = state.overrides.keys().next_back().copied();
        state
            .overrides
            .retain(|id, it| Some(*id) == newest || it.over_at() >= before.incidents);
        state.fired.retain(before.fired);
        let State {
            timeline,
            incidents,
            ..
        } = &mut *state;
        timeline.retain(|(incident, _)| incidents.contains_key(&incident.0));
        Ok(())
    }

    fn reader(&self) -> Result<Arc<dyn Reader>, StoreError> {
        Ok(Arc::new(self.clone()))
    }
}
