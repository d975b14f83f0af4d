//! What must hold of incidents whatever happens, told apart from the code that makes it so: it is read from what was
//! published, before against after.

use std::collections::{BTreeMap, BTreeSet};

use watchfloor_gateway::change::{AuditRow, Committed};
use watchfloor_gateway::engine::Engine;
use watchfloor_gateway::incidents::is_open;
use watchfloor_gateway::store::MemoryStore;
use watchfloor_wire::alert::AlertState;
use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::incident::{EscalationStep, Incident, IncidentStatus, LeaseScope};
use watchfloor_wire::lease::UNDO_WITHIN_MS;
use watchfloor_wire::time::UnixMs;

use super::Tally;

/// Every incident as it was last published.
#[derive(Default)]
pub(super) struct Rules {
    seq: u64,
    last: BTreeMap<u64, Incident>,
    /// What was taken back must be as this, but for its version.
    before_acknowledgement: BTreeMap<u64, Incident>,
    /// Changes whose reason stands in the audit: from, to, when.
    unexplained: Vec<(Incident, Incident, UnixMs)>,
}

impl Rules {
    /// Takes one commit.
    pub(super) fn take(&mut self, committed: &Committed, now: UnixMs) -> Result<(), String> {
        if committed.from != self.seq {
            return Err(format!("I3: a commit begins at {}", committed.from));
        }
        for op in &committed.ops {
            self.seq += 1;
            if op.v != self.seq {
                return Err(format!("I3: {} follows {}", op.v, self.seq - 1));
            }
            let (Some(Kind::Incident), Some(body)) = (op.k.kind(), &op.p) else {
                continue;
            };
            let incident: Incident =
                serde_json::from_str(body.get()).map_err(|error| error.to_string())?;
            self.incident(incident, now)?;
        }
        Ok(())
    }

    fn incident(&mut self, after: Incident, now: UnixMs) -> Result<(), String> {
        whole(&after)?;
        let id = after.id.0;
        if let Some(before) = self.last.get(&id) {
            change(before, &after)?;
            let was_free = before.status == IncidentStatus::Triggered;
            if was_free && after.status == IncidentStatus::Acknowledged {
                self.before_acknowledgement.insert(id, before.clone());
            }
            if needs_reason(before, &after) {
                let change = (before.clone(), after.clone(), now);
                self.unexplained.push(change);
            }
        }
        self.last.insert(id, after);
        Ok(())
    }

    /// Each change of an owner, each lease that went away, and each step that was taken while somebody had it, has
    /// a reason in the audit that allows it.
    pub(super) fn explain(&mut self, store: &MemoryStore, tally: &mut Tally) -> Result<(), String> {
        if self.unexplained.is_empty() {
            return Ok(());
        }
        let audit = store.audit();
        for (before, after, now) in std::mem::take(&mut self.unexplained) {
            let subject = format!("incident/{}", after.id.0);
            let versions = format!("\"version\":[{},{}]", before.version, after.version);
            let by_people =
                |row: &&AuditRow| row.subject == subject && row.detail.contains(&versions);
            let row = audit.iter().rev().find(by_people);
            let reason = row.map_or("incident.by_gateway", |row| row.action.as_str());
            tally.add(match reason {
                "incident.undo" => "undone",
                "incident.accept" => "handed over",
                "incident.assign" => "assigned",
                "incident.release" => "released",
                "incident.by_gateway" => "lapsed, or ended by a rise",
                _ => "explained otherwise",
            });
            if reason == "incident.undo" {
                self.undone(&before, &after, now)?;
            } else {
                let by = row.map_or("", |row| row.actor.as_str());
                reasoned(&before, &after, reason, by, now)?;
            }
        }
        Ok(())
    }

    /// An acknowledgement that was taken back never happened, and was taken back in its seconds.
    fn undone(&self, before: &Incident, after: &Incident, now: UnixMs) -> Result<(), String> {
        let id = after.id;
        let Some(free) = self.before_acknowledgement.get(&id.0) else {
            return Err(format!("{id} was undone and never acknowledged"));
        };
        let since = before.lease.as_ref().map_or(UnixMs(0), |it| it.since);
        if now.since_ms(since) >= UNDO_WITHIN_MS {
            return Err(format!("{id} was undone after its seconds"));
        }
        if before.version != free.version + 1 {
            return Err(format!("{id} was undone although something else happened"));
        }
        let expected = Incident {
            version: after.version,
            ..free.clone()
        };
        if *after == expected {
            Ok(())
        } else {
            Err(format!("{id} is not as before it was undone: {after:?}"))
        }
    }

    /// The board in memory: alerts belong to one open incident each, as causes or as symptoms, and the disk says the
    /// same.
    pub(super) fn check_board(&self, engine: &Engine<MemoryStore>) -> Result<(), String> {
        let mut known = BTreeSet::new();
        for it in engine.incidents() {
            if self.last.get(&it.id.0) != Some(it) {
                return Err(format!("{} in memory is not what was published", it.id));
            }
            let symptoms = it.symptoms.iter();
            let symptoms = symptoms.filter(|symptom| symptom.ended_at.is_none() && is_open(it));
            for fingerprint in it.alerts.iter().chain(symptoms.map(|it| &it.alert)) {
                if !known.insert(fingerprint) {
                    return Err(format!("{} is not alone with {fingerprint}", it.id));
                }
                let key = Key::new(Kind::Alert, fingerprint);
                let Some(Entity::Alert(alert)) = engine.entity(&key) else {
                    return Err(format!("{} has an alert that is gone", it.id));
                };
                if alert.state != AlertState::Firing || alert.incident != Some(it.id) {
                    return Err(format!("{} has {alert:?}", it.id));
                }
            }
        }
        Ok(())
    }
}

/// Whether only the audit can tell that the change was allowed.
fn needs_reason(before: &Incident, after: &Incident) -> bool {
    let Some(old) = &before.lease else {
        return false;
    };
    let freed = after.status == IncidentStatus::Triggered;
    let elsewhere = after
        .lease
        .as_ref()
        .is_some_and(|new| new.owner != old.owner);
    let told = after.lease.is_some() && taken(after) > taken(before);
    freed || elsewhere || told
}

/// The first owner is never overwritten: what somebody has goes to somebody else when they accept an offer that
/// stands, or by an admin. I6: while somebody has it, steps are taken by hand alone.
fn reasoned(
    before: &Incident,
    after: &Incident,
    reason: &str,
    by: &str,
    now: UnixMs,
) -> Result<(), String> {
    let id = after.id;
    let (Some(old), new) = (&before.lease, &after.lease) else {
        return Ok(());
    };
    let Some(new) = new else {
        let over = now >= old.until;
        let rose = old.scope == LeaseScope::Severity && after.severity < before.severity;
        let fine = match reason {
            "incident.release" => true,
            "incident.by_gateway" | "incident.merged_from" => over || rose,
            _ => false,
        };
        return if fine {
            Ok(())
        } else {
            Err(format!("{id} was taken from {} by {reason}", old.owner))
        };
    };
    if old.owner != new.owner {
        let accepted = reason == "incident.accept"
            && new.owner == by
            && old.standing_offer(now).is_some_and(|it| it.account == by);
        let assigned = reason == "incident.assign" && by == "ada";
        if !(accepted || assigned) || old.until != new.until {
            return Err(format!(
                "{id} went from {} to {} by {reason}",
                old.owner, new.owner
            ));
        }
    }
    if taken(after) > taken(before) && reason != "incident.escalate" {
        return Err(format!("I6: {id} told somebody while {} had it", old.owner));
    }
    Ok(())
}

fn taken(it: &Incident) -> usize {
    let steps = it.escalation.iter();
    steps.filter(|step| step.taken_at.is_some()).count()
}

/// What is always so of one incident.
fn whole(it: &Incident) -> Result<(), String> {
    let id = it.id;
    let held = it.status == IncidentStatus::Acknowledged;
    let over = it.status == IncidentStatus::Resolved;
    if it.lease.is_some() != held {
        return Err(format!("{id}: a lease goes with \"acknowledged\" alone"));
    }
    if it.resolution.is_some() != over {
        return Err(format!("{id}: a resolution goes with \"resolved\" alone"));
    }
    if over && !it.alerts.is_empty() {
        return Err(format!("{id} is over and has alerts"));
    }
    if let Some(lease) = &it.lease {
        let span_ms = lease.until.since_ms(lease.since);
        if span_ms > watchfloor_wire::lease::MAX_LEASE_MS {
            return Err(format!("{id} is held for {span_ms} ms"));
        }
        if lease
            .offer
            .as_ref()
            .is_some_and(|it| it.until > lease.until)
        {
            return Err(format!("{id}: an offer outlives its lease"));
        }
    }
    Ok(())
}

/// What may become of an incident in one change.
fn change(before: &Incident, after: &Incident) -> Result<(), String> {
    let id = after.id;
    if after.version <= before.version {
        return Err(format!("I3: {id} has version {} again", after.version));
    }
    if before.status == IncidentStatus::Resolved && after.status != IncidentStatus::Resolved {
        return Err(format!("I5: {id} came back"));
    }
    if before.resolution != after.resolution && before.resolution.is_some() {
        return Err(format!("I5: {id} ended twice"));
    }
    if after.severity > before.severity {
        return Err(format!("{id} grew less severe while it is open"));
    }
    // I6: whoever was told stays told.
    for step in before.escalation.iter().filter(|it| it.taken_at.is_some()) {
        let same = |it: &EscalationStep| it.name == step.name && it.taken_at == step.taken_at;
        if !after.escalation.iter().any(same) {
            return Err(format!("I6: {id} forgot that {} was told", step.name));
        }
    }
    Ok(())
}
