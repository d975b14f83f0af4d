//! What is about two incidents: one goes on in the other, or both have to do with each other.

use watchfloor_wire::action::MergeRequest;
use watchfloor_wire::id::{Fingerprint, IncidentId};
use watchfloor_wire::incident::{Incident, TimelineKind};
use watchfloor_wire::permits::Refusal;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::time::UnixMs;

use super::action::{Acted, ActionRequest, Objection, audit, entry, resolve};
use super::log::Log;
use super::{grouping, is_open, raise, raise_priority};
use crate::config::ProductConfig;

/// The most links of one incident.
pub const MAX_LINKS: usize = 20;

/// `before` ends and goes on in the other one: its alerts, their symptoms and its checks move there, and the worse severity and the more
/// urgent priority of both count.
pub(super) fn merge(
    before: &Incident,
    other: Option<&Incident>,
    body: &MergeRequest,
    request: &ActionRequest,
    policy: Option<&ProductConfig>,
    now: UnixMs,
) -> Result<Acted, Objection> {
    let target_before = other.ok_or_else(|| no_such("into", body.into))?;
    let fits = target_before.id != before.id
        && target_before.product == before.product
        && is_open(target_before);
    if !fits {
        return Err(Objection::Refused(Refusal::NotMergeable));
    }
    if target_before.version != body.version {
        return Err(Objection::OtherChanged(Box::new(target_before.clone())));
    }
    let (mut source, mut target) = (before.clone(), target_before.clone());
    source.version += 1;
    target.version += 1;
    let moved = take_in(&mut target, &mut source);
    let mut log = Log::default();
    if source.severity < target.severity {
        target.severity = source.severity;
        raise(&mut target, source.priority, policy, now, &mut log);
    } else {
        raise_priority(&mut target, source.priority, policy, now);
    }
    let by_name = Some(request.actor.name.clone());
    resolve(&mut source, by_name, request.action.note(), now);
    if let Some(end) = &mut source.resolution {
        end.merged_into = Some(target.id);
    }
    let out = format!("Merged it into {}", target.id);
    let into = format!("{} was merged into it: {}", source.id, source.title);
    let mut entries = vec![
        entry(source.id, request, now, TimelineKind::Merged, out),
        entry(target.id, request, now, TimelineKind::Merged, into),
    ];
    entries.extend(log.timeline);
    let mut rows = vec![
        audit(before, &source, request, now),
        audit(target_before, &target, request, now),
    ];
    // One action, one row under its name; the other incident's row says which end of it this was.
    "incident.merged_from".clone_into(&mut rows[1].action);
    rows.extend(log.audit);
    Ok(Acted {
        incident: source,
        other: Some(target),
        moved,
        entries,
        audit: rows,
        notify: None,
    })
}

/// Moves what fires, and what may fire, from one to the other; the alerts that moved.
fn take_in(target: &mut Incident, source: &mut Incident) -> Vec<Fingerprint> {
    let new = |it: &&Fingerprint| !target.alerts.contains(it);
    let mut moved: Vec<Fingerprint> = source.alerts.iter().filter(new).cloned().collect();
    target.alerts.extend(moved.iter().cloned());
    moved.extend(grouping::move_symptoms(source, target));
    let own = source
        .check
        .iter()
        .filter(|_| source.opened_by_name.is_none());
    for check in own.chain(&source.covers) {
        if target.check.as_ref() != Some(check) && !target.covers.contains(check) {
            target.covers.push(check.clone());
        }
    }
    if target.series.is_none() {
        target.series.clone_from(&source.series);
    }
    if target.runbook_url.is_none() {
        target.runbook_url.clone_from(&source.runbook_url);
    }
    moved
}

/// Both know of each other.
pub(super) fn link(
    before: &Incident,
    other: Option<&Incident>,
    request: &ActionRequest,
    now: UnixMs,
) -> Result<Acted, Objection> {
    let to = request.action.other().unwrap_or(before.id);
    let other_before = other.ok_or_else(|| no_such("to", to))?;
    if other_before.id == before.id {
        let text = "Name another incident; this one is itself.";
        return Err(Objection::Incomplete(FieldProblem::new("to", text)));
    }
    let (mut one, mut two) = (before.clone(), other_before.clone());
    let full =
        |it: &Incident, to: IncidentId| !it.links.contains(&to) && it.links.len() >= MAX_LINKS;
    if full(&one, two.id) || full(&two, one.id) {
        return Err(Objection::Refused(Refusal::LinksFull));
    }
    let entries = vec![
        entry(one.id, request, now, TimelineKind::Linked, linked(&two)),
        entry(two.id, request, now, TimelineKind::Linked, linked(&one)),
    ];
    let (one_id, two_id) = (one.id, two.id);
    for (it, to) in [(&mut one, two_id), (&mut two, one_id)] {
        it.version += 1;
        if !it.links.contains(&to) {
            it.links.push(to);
        }
    }
    let mut rows = vec![
        audit(before, &one, request, now),
        audit(other_before, &two, request, now),
    ];
    "incident.linked_from".clone_into(&mut rows[1].action);
    Ok(Acted {
        incident: one,
        other: Some(two),
        moved: Vec::new(),
        entries,
        audit: rows,
        notify: None,
    })
}

fn linked(to: &Incident) -> String {
    format!("Linked it to {}: {}", to.id, to.title)
}

fn no_such(field: &str, id: IncidentId) -> Objection {
    Objection::Incomplete(FieldProblem {
        field: field.to_owned(),
        text: format!("There is no incident {id}."),
    })
}
