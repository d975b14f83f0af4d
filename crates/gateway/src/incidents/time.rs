//! What time does to incidents: leases lapse, offers end, escalation steps come due, quiet incidents resolve, old ones leave.

use serde_json::json;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentStatus, TimelineKind};
use watchfloor_wire::time::{DAY_MS, MINUTE_MS, UnixMs};

use super::action::resolve;
use super::hand_over::end_offer;
use super::lease::{ended, trigger_again};
use super::log::Log;
use super::policy::take;
use super::{Desk, grouping, is_open};
use crate::config::ProductConfig;
use crate::on_call::Roster;

/// An incident without firing alerts resolves after this long, in milliseconds.
pub const RESOLVE_AFTER_MS: i64 = MINUTE_MS;
/// A resolved incident leaves the feed after this long, in milliseconds.
pub const LEAVE_AFTER_MS: i64 = DAY_MS;

impl Desk {
    /// Does what is due at `now`; an idle call changes nothing.
    pub fn tick(&mut self, now: UnixMs, log: &mut Log) {
        let Self {
            policies,
            incidents,
            cleared_at,
            muted,
            orphans,
            roster,
            ..
        } = self;
        for incident in incidents.values_mut().filter(|it| is_open(it)) {
            let policy = policies.get(&incident.product);
            let quiet = cleared_at
                .get(&incident.id)
                .is_some_and(|at| now.since_ms(*at) >= RESOLVE_AFTER_MS);
            let changed = if quiet {
                resolve_quiet(incident, now, log);
                orphans.extend(grouping::firing_symptoms(incident));
                cleared_at.remove(&incident.id);
                true
            } else {
                let lapsed = lapse(incident, policy, now, log);
                let unanswered = end_offer(incident, now, log);
                let muted = muted.get(&incident.id).map(String::as_str);
                let escalated = escalate(incident, muted, roster, now, log);
                lapsed || unanswered || escalated
            };
            if changed {
                incident.version += 1;
            }
        }
        let old: Vec<IncidentId> = incidents
            .values()
            .filter(|it| has_left(it, now))
            .map(|it| it.id)
            .collect();
        for id in old {
            incidents.remove(&id);
            log.touched.push(id);
        }
    }
}

fn has_left(incident: &Incident, now: UnixMs) -> bool {
    incident
        .resolution
        .as_ref()
        .is_some_and(|it| now.since_ms(it.at) > LEAVE_AFTER_MS)
}

fn resolve_quiet(incident: &mut Incident, now: UnixMs, log: &mut Log) {
    let was = incident.status;
    resolve(incident, None, "", now);
    let text = "Resolved: none of its alerts fires any more".to_owned();
    log.note(incident, now, TimelineKind::Resolved, text);
    log.audit(
        incident,
        now,
        "resolve",
        json!({ "status": [was, incident.status] }),
    );
}

fn lapse(
    incident: &mut Incident,
    policy: Option<&ProductConfig>,
    now: UnixMs,
    log: &mut Log,
) -> bool {
    let Some(lease) = incident.lease.take_if(|lease| now >= lease.until) else {
        return false;
    };
    trigger_again(incident, policy, now);
    let text = format!("The lease of {} lapsed", lease.owner_name);
    log.note(incident, now, TimelineKind::Released, text);
    log.audit(incident, now, "lease_lapsed", ended(&lease));
    true
}

/// Takes steps that are due while nobody has the incident. After a pause (a lease, or the gateway was off) only the
/// newest due step is taken, with those due at the same instant; older ones are marked as passed over, so that each
/// happens once and nobody is told of the past. `muted` says by which silence, in words.
fn escalate(
    incident: &mut Incident,
    muted: Option<&str>,
    roster: &Roster,
    now: UnixMs,
    log: &mut Log,
) -> bool {
    if incident.status != IncidentStatus::Triggered {
        return false;
    }
    let due = |step: &&mut watchfloor_wire::incident::EscalationStep| {
        step.taken_at.is_none() && step.due_at <= now
    };
    let Some(newest) = incident
        .escalation
        .iter_mut()
        .filter(due)
        .map(|step| step.due_at)
        .max()
    else {
        return false;
    };
    let mut texts = Vec::new();
    for step in incident.escalation.iter_mut().filter(due) {
        if step.due_at < newest {
            step.taken_at = Some(now);
            texts.push(format!("Passed over: {}, it was due before", step.name));
            continue;
        }
        let text = take(step, roster, now);
        texts.push(match muted {
            Some(by) => format!("{text} ({by})"),
            None => text,
        });
    }
    let steps = texts.join("; ");
    for text in texts {
        log.note(incident, now, TimelineKind::Escalated, text);
    }
    log.audit(incident, now, "escalate", json!({ "steps": steps }));
    true
}
