//! Taking an incident, and giving it back.

use serde_json::{Value, json};
use watchfloor_wire::action::{AcknowledgeRequest, RenewRequest};
use watchfloor_wire::incident::{Incident, IncidentStatus, Lease, TimelineKind};
use watchfloor_wire::lease::{UNDO_WITHIN_MS, Undo};
use watchfloor_wire::time::UnixMs;

use super::action::{Actor, Recipient};
use super::hand_over;
use super::policy::{ladder_again, respond_within_ms};
use crate::config::ProductConfig;

/// Somebody takes it, whose version was raised already; it is offered to `to` at once when there is such a one.
pub(super) fn acknowledge(
    incident: &mut Incident,
    actor: &Actor,
    body: &AcknowledgeRequest,
    to: Option<&Recipient>,
    now: UnixMs,
) -> (TimelineKind, String) {
    let first_answer = incident.answered_at.is_none();
    incident.status = IncidentStatus::Acknowledged;
    incident.answered_at.get_or_insert(now);
    incident.lease = Some(Lease {
        owner: actor.account.clone(),
        owner_name: actor.name.clone(),
        note: body.note.trim().to_owned(),
        since: now,
        until: now.plus_ms(body.lease_ms),
        scope: body.scope,
        offer: None,
        undo: Some(Undo {
            until: now.plus_ms(UNDO_WITHIN_MS),
            version: incident.version,
            first_answer,
        }),
    });
    let mut text = match to {
        Some(to) => {
            hand_over::offer(incident, to, "", now);
            format!("Acknowledged, and offered it to {}", to.name)
        }
        None => "Acknowledged".to_owned(),
    };
    if body.notify == Some(false) {
        text.push_str("; the channels are not told");
    }
    (TimelineKind::Acknowledged, text)
}

/// Everything is as before the acknowledgement: the response clock and the ladder never knew of it.
pub(super) fn undo(incident: &mut Incident) -> (TimelineKind, String) {
    let undo = incident.lease.take().and_then(|lease| lease.undo);
    if undo.is_some_and(|it| it.first_answer) {
        incident.answered_at = None;
    }
    incident.status = IncidentStatus::Triggered;
    (
        TimelineKind::Undone,
        "Took the acknowledgement back".to_owned(),
    )
}

/// It is held for longer, counted from now.
pub(super) fn renew(
    incident: &mut Incident,
    body: &RenewRequest,
    now: UnixMs,
) -> (TimelineKind, String) {
    let text = "Holds it for longer".to_owned();
    if let Some(lease) = &mut incident.lease {
        lease.until = now.plus_ms(body.lease_ms);
        lease.undo = None;
        if !body.note.trim().is_empty() {
            body.note.trim().clone_into(&mut lease.note);
        }
        if let Some(offer) = &mut lease.offer {
            offer.until = offer.until.min(lease.until);
        }
    }
    (TimelineKind::Renewed, text)
}

/// Somebody gives it back.
pub(super) fn release(
    incident: &mut Incident,
    policy: Option<&ProductConfig>,
    now: UnixMs,
) -> (TimelineKind, String) {
    trigger_again(incident, policy, now);
    (TimelineKind::Released, "Gave it back".to_owned())
}

/// What the end of a lease changes, for the audit.
pub(super) fn ended(lease: &Lease) -> Value {
    json!({
        "status": [IncidentStatus::Acknowledged, IncidentStatus::Triggered],
        "owner": [lease.owner, null],
        "until": [lease.until, null],
    })
}

/// Nobody has it any more; the response clock starts again, and with a rotation the ladder.
pub(super) fn trigger_again(incident: &mut Incident, policy: Option<&ProductConfig>, now: UnixMs) {
    incident.status = IncidentStatus::Triggered;
    incident.lease = None;
    incident.respond_by = now.plus_ms(respond_within_ms(policy, incident.priority));
    let before = std::mem::take(&mut incident.escalation);
    incident.escalation = ladder_again(policy, incident.priority, before, now);
}
