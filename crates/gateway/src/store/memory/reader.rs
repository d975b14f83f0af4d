//! Questions to the state in memory.

use watchfloor_wire::feed::Op;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentPage, IncidentStatus, TimelineEntry};
use watchfloor_wire::silence::request::SilencePage;
use watchfloor_wire::silence::{Silence, SilenceId};
use watchfloor_wire::time::UnixMs;

use super::{MemoryStore, outbox};
use crate::change::KeptAnswer;
use crate::notify::outbox::{Notification, OutboxQuery};
use crate::on_call::StoredOnCall;
use crate::store::audit::{AuditPlace, AuditStretch, ChainedRow};
use crate::store::{FiredHistory, Reader, StoreError, audit, page, silence_page};

impl Reader for MemoryStore {
    fn feed_log_after(&self, seq: u64, limit: usize) -> Result<Option<Vec<Op>>, StoreError> {
        let state = self.state();
        let after = state.feed_log.partition_point(|(_, op)| op.v <= seq);
        let ops: Vec<Op> = state.feed_log[after..]
            .iter()
            .take(limit)
            .map(|(_, op)| op.clone())
            .collect();
        let complete = match ops.first() {
            Some(first) => first.v == seq + 1,
            None => limit == 0 || state.seq <= seq,
        };
        Ok(complete.then_some(ops))
    }

    fn kept_answer(&self, actor: &str, key: &str) -> Result<Option<KeptAnswer>, StoreError> {
        Ok(self
            .state()
            .answers
            .get(&(actor.to_owned(), key.to_owned()))
            .cloned())
    }

    fn timeline(
        &self,
        incident: IncidentId,
        limit: usize,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        Ok(self
            .state()
            .timeline
            .iter()
            .rev()
            .filter(|(of, _)| *of == incident)
            .take(limit)
            .map(|(_, entry)| entry.clone())
            .collect())
    }

    fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        Ok(self.state().incidents.get(&id.0).cloned())
    }

    fn incidents(
        &self,
        before: Option<u64>,
        limit: usize,
        open_only: bool,
    ) -> Result<IncidentPage, StoreError> {
        let found = self
            .state()
            .incidents
            .range(..before.unwrap_or(u64::MAX))
            .rev()
            .map(|(_, incident)| incident)
            .filter(|it| !open_only || it.status != IncidentStatus::Resolved)
            .take(limit.saturating_add(1))
            .cloned()
            .collect();
        Ok(page(found, limit))
    }

    fn silence(&self, id: SilenceId) -> Result<Option<Silence>, StoreError> {
        Ok(self.state().silences.get(&id.0).cloned())
    }

    fn silences(&self, before: Option<u64>, limit: usize) -> Result<SilencePage, StoreError> {
        let state = self.state();
        let rows = state.silences.range(..before.unwrap_or(u64::MAX)).rev();
        let found = rows.map(|(_, it)| it.clone());
        Ok(silence_page(
            found.take(limit.saturating_add(1)).collect(),
            limit,
        ))
    }

    fn fired_since(&self, from: UnixMs) -> Result<FiredHistory, StoreError> {
        let state = self.state();
        Ok(state.fired.since(from, &state.incidents))
    }

    fn on_call(&self, since: UnixMs) -> Result<StoredOnCall, StoreError> {
        let state = self.state();
        let overrides = state.overrides.values();
        Ok(StoredOnCall {
            overrides: overrides
                .filter(|it| it.over_at() > since)
                .cloned()
                .collect(),
            calendars: state.calendars.values().cloned().collect(),
            last_override: state.overrides.keys().next_back().copied().unwrap_or(0),
        })
    }

    fn notifications(&self, query: &OutboxQuery) -> Result<Vec<Notification>, StoreError> {
        Ok(outbox::read(&self.state().outbox, query))
    }

    fn audit_rows(&self, place: AuditPlace, limit: usize) -> Result<AuditStretch, StoreError> {
        let state = self.state();
        let numbered = (1_i64..).zip(&state.audit);
        let rows = numbered.map(|(row, (it, hash))| ChainedRow {
            row,
            it: it.clone(),
            hash: hash.clone(),
        });
        let rows = match place {
            AuditPlace::After(after) => rows.filter(|it| it.row > after).take(limit).collect(),
            AuditPlace::Before(before) => {
                let mut rows: Vec<ChainedRow> = rows.filter(|it| it.row < before).collect();
                rows.reverse();
                rows.truncate(limit);
                rows
            }
        };
        let given = i64::try_from(state.audit.len()).unwrap_or(i64::MAX);
        Ok(AuditStretch { given, rows })
    }

    fn audit_break(&self) -> Result<Option<u64>, StoreError> {
        Ok(audit::first_break(self.state().audit.iter().cloned()))
    }
}
