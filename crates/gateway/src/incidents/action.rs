//! What people do to incidents. Pure: an incident, an action and a time give the incident after it, or why not.

use watchfloor_wire::action::{AcknowledgeRequest, NoteRequest};
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentStatus, Lease, Resolution, TimelineKind};
use watchfloor_wire::permits::{Action, Refusal, permits, role_permits};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::UnixMs;

use super::log::subject;
use super::policy::respond_within_ms;
use crate::change::{AuditRow, NewTimelineEntry};
use crate::config::ProductConfig;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: String,
    /// Its name for people.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

/// A request to act on an incident, already checked for form.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionRequest {
    /// On which.
    pub incident: IncidentId,
    /// What.
    pub action: ActionBody,
    /// The version that the person saw. A comment ignores it.
    pub if_match: u64,
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of method, path and body, in hex.
    pub fingerprint: String,
    /// Who.
    pub actor: Actor,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum ActionBody {
    /// Take it, for a lease.
    Acknowledge(AcknowledgeRequest),
    /// Give it back.
    Release(NoteRequest),
    /// Write into its timeline.
    Comment(NoteRequest),
    /// Hand it to somebody else.
    Assign {
        /// The account that gets it; its existence was checked.
        account: String,
        /// That account's name for people.
        name: String,
        /// Why; may be empty.
        note: String,
    },
    /// Take the next escalation step now.
    Escalate(NoteRequest),
    /// End it.
    Resolve(NoteRequest),
}

impl ActionBody {
    /// The action's kind.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Acknowledge(_) => Action::Acknowledge,
            Self::Release(_) => Action::Release,
            Self::Comment(_) => Action::Comment,
            Self::Assign { .. } => Action::Assign,
            Self::Escalate(_) => Action::Escalate,
            Self::Resolve(_) => Action::Resolve,
        }
    }

    fn note(&self) -> &str {
        match self {
            Self::Acknowledge(body) => body.note.trim(),
            Self::Assign { note, .. } => note.trim(),
            Self::Release(body)
            | Self::Comment(body)
            | Self::Escalate(body)
            | Self::Resolve(body) => body.note.trim(),
        }
    }
}

/// An action that was carried out in thought; nothing is true before it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Acted {
    /// The incident after it.
    pub incident: Incident,
    /// What goes into its timeline.
    pub entry: NewTimelineEntry,
    /// What goes into the audit.
    pub audit: AuditRow,
}

/// Why an action is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// It is not allowed as things stand.
    Refused(Refusal),
    /// It would be, but the incident is not as the person saw it.
    Changed,
}

/// Carries the action out on a copy. What is forbidden is said before that the version moved, because "somebody
/// has it already" is worth more than "look again".
///
/// # Errors
/// The [`Objection`].
pub fn act(
    before: &Incident,
    request: &ActionRequest,
    policy: Option<&ProductConfig>,
    now: UnixMs,
) -> Result<Acted, Objection> {
    let action = request.action.action();
    role_permits(request.actor.role, action).map_err(Objection::Refused)?;
    permits(before.status, action).map_err(Objection::Refused)?;
    if action != Action::Comment && request.if_match != before.version {
        return Err(Objection::Changed);
    }
    let mut incident = before.clone();
    incident.version += 1;
    let (kind, text) = change(&mut incident, request, policy, now);
    let entry = NewTimelineEntry {
        incident: incident.id,
        at: now,
        kind,
        actor_name: Some(request.actor.name.clone()),
        text,
        note: request.action.note().to_owned(),
    };
    Ok(Acted {
        audit: audit(before, &incident, request, now),
        entry,
        incident,
    })
}

fn change(
    incident: &mut Incident,
    request: &ActionRequest,
    policy: Option<&ProductConfig>,
    now: UnixMs,
) -> (TimelineKind, String) {
    match &request.action {
        ActionBody::Acknowledge(body) => {
            incident.status = IncidentStatus::Acknowledged;
            incident.answered_at.get_or_insert(now);
            incident.lease = Some(Lease {
                owner: request.actor.account.clone(),
                owner_name: request.actor.name.clone(),
                note: body.note.trim().to_owned(),
                since: now,
                until: now.plus_ms(body.lease_ms),
                scope: body.scope,
            });
            (TimelineKind::Acknowledged, "Acknowledged".to_owned())
        }
        ActionBody::Release(_) => {
            trigger_again(incident, policy, now);
            (TimelineKind::Released, "Gave it back".to_owned())
        }
        ActionBody::Comment(_) => (TimelineKind::Comment, "Commented".to_owned()),
        ActionBody::Assign { account, name, .. } => {
            if let Some(lease) = &mut incident.lease {
                lease.owner.clone_from(account);
                lease.owner_name.clone_from(name);
                lease.since = now;
            }
            (TimelineKind::Assigned, format!("Handed to {name}"))
        }
        ActionBody::Escalate(_) => (TimelineKind::Escalated, escalate(incident, now)),
        ActionBody::Resolve(_) => {
            let by_name = Some(request.actor.name.clone());
            resolve(incident, by_name, request.action.note(), now);
            (TimelineKind::Resolved, "Resolved".to_owned())
        }
    }
}

/// Nobody has it any more; the response clock starts again.
pub(super) fn trigger_again(incident: &mut Incident, policy: Option<&ProductConfig>, now: UnixMs) {
    incident.status = IncidentStatus::Triggered;
    incident.lease = None;
    incident.respond_by = now.plus_ms(respond_within_ms(policy, incident.priority));
}

/// Ends it, for good.
pub(super) fn resolve(incident: &mut Incident, by_name: Option<String>, note: &str, now: UnixMs) {
    incident.status = IncidentStatus::Resolved;
    incident.lease = None;
    incident.alerts.clear();
    incident.resolution = Some(Resolution {
        at: now,
        by_name,
        note: note.to_owned(),
    });
}

fn escalate(incident: &mut Incident, now: UnixMs) -> String {
    let next = incident
        .escalation
        .iter_mut()
        .find(|step| step.taken_at.is_none());
    match next {
        Some(step) => {
            step.taken_at = Some(now);
            format!("Escalated to {}", step.name)
        }
        None => "Escalated; the policy names nobody further".to_owned(),
    }
}

fn audit(before: &Incident, after: &Incident, request: &ActionRequest, now: UnixMs) -> AuditRow {
    let detail = serde_json::json!({
        "version": [before.version, after.version],
        "status": [before.status, after.status],
        "owner": after.lease.as_ref().map(|lease| lease.owner.as_str()),
        "until": after.lease.as_ref().map(|lease| lease.until),
        "note": request.action.note(),
        "key": request.key,
    });
    AuditRow {
        at: now,
        actor: request.actor.account.clone(),
        action: format!("incident.{}", request.action.action().slug()),
        subject: subject(after.id),
        detail: detail.to_string(),
    }
}
