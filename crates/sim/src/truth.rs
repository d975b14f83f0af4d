//! What is true: the history that the disk holds, kept apart from the gateway, and the invariants that speak of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use watchfloor_gateway::hub::audience::Audience;
use watchfloor_gateway::store::{MemoryStore, Store as _};
use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::Op;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::replica::Replica;

/// Rows that are read at once.
const ALL: usize = 1_000_000;

/// Every value that every key ever had.
#[derive(Debug, Default)]
pub struct Truth {
    epoch: String,
    seq: u64,
    history: BTreeMap<Key, Vec<(u64, Option<Entity>)>>,
    incidents: BTreeMap<u64, Incident>,
    resolved: BTreeSet<u64>,
    taken_by_hand: BTreeSet<(u64, u64)>,
    audited: usize,
}

impl Truth {
    /// The newest sequence number.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Reads what was committed since the last call.
    ///
    /// # Errors
    /// I3, I5 or I6, when it broke one of them.
    pub fn follow(&mut self, disk: &MemoryStore) -> Result<()> {
        let head = disk.head()?;
        if self.epoch.is_empty() {
            self.epoch.clone_from(&head.epoch);
        }
        ensure!(head.epoch == self.epoch, "I3: the epoch changed");
        ensure!(
            head.seq >= self.seq,
            "I3: the store went back from {} to {}",
            self.seq,
            head.seq
        );
        if head.seq == self.seq {
            return Ok(());
        }
        self.read_audit(disk);
        let ops = watchfloor_gateway::store::Store::feed_log_after(disk, self.seq, ALL)?;
        for op in ops.context("I3: the feed log has a hole")? {
            ensure!(op.v == self.seq + 1, "I3: {} follows {}", op.v, self.seq);
            self.seq = op.v;
            self.take(&op)?;
        }
        ensure!(
            self.seq == head.seq,
            "I3: the feed log ends before the head"
        );
        Ok(())
    }

    /// Which steps people took by hand.
    fn read_audit(&mut self, disk: &MemoryStore) {
        let rows = disk.audit();
        for row in &rows[self.audited.min(rows.len())..] {
            if row.action != "incident.escalate" || row.actor == "gateway" {
                continue;
            }
            let detail: serde_json::Value = serde_json::from_str(&row.detail).unwrap_or_default();
            let incident = row.subject.strip_prefix("incident/");
            if let (Some(incident), Some(version)) = (
                incident.and_then(|id| id.parse().ok()),
                detail["version"][1].as_u64(),
            ) {
                self.taken_by_hand.insert((incident, version));
            }
        }
        self.audited = rows.len();
    }

    fn take(&mut self, op: &Op) -> Result<()> {
        let kind = op.k.kind().context("a key of no kind")?;
        let entity = match &op.p {
            Some(body) => Some(Entity::from_json(kind, body.get())?),
            None => None,
        };
        if let Some(Entity::Incident(incident)) = &entity {
            self.take_incident(incident)?;
        }
        let values = self.history.entry(op.k.clone()).or_default();
        values.push((op.v, entity));
        Ok(())
    }

    fn take_incident(&mut self, next: &Incident) -> Result<()> {
        let id = next.id.0;
        if next.status == IncidentStatus::Resolved {
            self.resolved.insert(id);
        } else if self.resolved.contains(&id) {
            bail!("I5: incident {id} was resolved and is {:?}", next.status);
        }
        if let Some(before) = self.incidents.insert(id, next.clone()) {
            ensure!(
                before.version < next.version,
                "I3: incident {id} went from version {} to {}",
                before.version,
                next.version
            );
            self.check_steps(&before, next)?;
        }
        Ok(())
    }

    /// While somebody has it, only people take steps.
    fn check_steps(&self, before: &Incident, next: &Incident) -> Result<()> {
        let has_it = |it: &Incident| it.status == IncidentStatus::Acknowledged;
        let taken = |it: &Incident| {
            it.escalation
                .iter()
                .filter(|step| step.taken_at.is_some())
                .count()
        };
        let by_hand = self.taken_by_hand.contains(&(next.id.0, next.version));
        // From triggered to acknowledged, a step may have come due in between; whoever acknowledges sees that.
        ensure!(
            by_hand || !has_it(before) || !has_it(next) || taken(next) <= taken(before),
            "I6: a step of incident {} was taken while {} had it",
            next.id.0,
            next.lease.as_ref().map_or("nobody", |it| it.owner.as_str())
        );
        Ok(())
    }

    /// The value of a key at a position.
    fn at(&self, key: &Key, seq: u64) -> Option<&Entity> {
        let values = self.history.get(key)?;
        let after = values.partition_point(|(v, _)| *v <= seq);
        values.get(after.checked_sub(1)?)?.1.as_ref()
    }

    /// The incident's body at a position.
    #[must_use]
    pub fn incident_at(&self, key: &Key, seq: u64) -> Option<&Incident> {
        match self.at(key, seq)? {
            Entity::Incident(incident) => Some(incident),
            _ => None,
        }
    }

    /// I1: the copy is the truth at its cursor, as far as its audience may see it.
    ///
    /// # Errors
    /// With the first key that differs.
    pub fn check_copy(&self, replica: &Replica, audience: Audience) -> Result<()> {
        let Some(cursor) = replica.cursor() else {
            return Ok(());
        };
        ensure!(
            cursor.e.starts_with(&self.epoch),
            "I1: a copy of epoch {}",
            cursor.e
        );
        ensure!(
            cursor.s <= self.seq,
            "I1: a copy has seen {}, but only {} was ever stored",
            cursor.s,
            self.seq
        );
        let mut expected = 0;
        for key in self.history.keys().filter(|key| audience.sees(key)) {
            let Some(entity) = self.at(key, cursor.s) else {
                continue;
            };
            expected += 1;
            match replica.get(key) {
                Some(found) if found == entity => {}
                found => bail!(
                    "I1: at {} of {} {key} is {entity:?}, the copy has {found:?}",
                    cursor.s,
                    cursor.e
                ),
            }
        }
        let found = replica.entities().count();
        ensure!(
            found == expected,
            "I1: at {} the copy has {found} entities instead of {expected}: {:?}",
            cursor.s,
            replica
                .entities()
                .map(|(key, _)| key.as_str())
                .filter(|key| self
                    .at(&Key::from_wire((*key).to_owned()), cursor.s)
                    .is_none()
                    || !audience.sees(&Key::from_wire((*key).to_owned())))
                .collect::<Vec<_>>()
        );
        Ok(())
    }
}
