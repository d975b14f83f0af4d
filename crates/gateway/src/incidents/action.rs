//! What people do to incidents. Pure: an incident, an action and a time give the incident after it, or why not.

use watchfloor_wire::action::{
    AcknowledgeRequest, LinkRequest, MergeRequest, NoteRequest, RenewRequest, ReviewRequest,
    note_problems,
};
use watchfloor_wire::id::{Fingerprint, IncidentId};
use watchfloor_wire::incident::{Incident, IncidentStatus, Resolution, TimelineKind};
use watchfloor_wire::permits::{Action, Refusal, permits, permits_person, role_permits};
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::session::Role;
use watchfloor_wire::time::UnixMs;

use super::log::subject;
use super::policy::take;
use super::{hand_over, lease, merge};
use crate::change::{AuditRow, NewTimelineEntry};
use crate::config::ProductConfig;
use crate::on_call::Roster;
use crate::order::Identity;

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

/// Whom an incident goes to, or is offered to; that the account exists and may act was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The account.
    pub account: String,
    /// Its name for people.
    pub name: String,
}

/// A request to act on an incident, already checked for form.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionRequest {
    /// On which.
    pub incident: IncidentId,
    /// What.
    pub action: ActionBody,
    /// The version that the person saw. What only adds to the incident ignores it.
    pub if_match: u64,
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of method, path and body, in hex.
    pub fingerprint: String,
    /// Who.
    pub actor: Actor,
}

impl ActionRequest {
    /// What makes it the same one when it comes again.
    #[must_use]
    pub fn identity(&self) -> Identity<'_> {
        Identity::new(&self.actor, &self.key, &self.fingerprint)
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum ActionBody {
    /// Take it, for a lease.
    Acknowledge(AcknowledgeRequest),
    /// Take it, and offer it to somebody else at once.
    AcknowledgeFor(AcknowledgeRequest, Recipient),
    /// Take the acknowledgement back.
    Undo(NoteRequest),
    /// Hold it for longer.
    Renew(RenewRequest),
    /// Give it back.
    Release(NoteRequest),
    /// Offer it to somebody else.
    HandOver {
        /// To whom.
        to: Recipient,
        /// Why; may be empty.
        note: String,
    },
    /// Take what was offered.
    Accept(NoteRequest),
    /// Leave what was offered with its owner.
    Decline(NoteRequest),
    /// Take the offer back.
    Withdraw(NoteRequest),
    /// Write into its timeline.
    Comment(NoteRequest),
    /// Move it to somebody else.
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
    /// Let it go on in another incident.
    Merge(MergeRequest),
    /// Say that another incident has to do with it.
    Link(LinkRequest),
    /// Write down what was learned.
    Review(ReviewRequest),
}

impl ActionBody {
    /// The action's kind.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Acknowledge(_) | Self::AcknowledgeFor(..) => Action::Acknowledge,
            Self::Undo(_) => Action::Undo,
            Self::Renew(_) => Action::Renew,
            Self::Release(_) => Action::Release,
            Self::HandOver { .. } => Action::HandOver,
            Self::Accept(_) => Action::Accept,
            Self::Decline(_) => Action::Decline,
            Self::Withdraw(_) => Action::Withdraw,
            Self::Comment(_) => Action::Comment,
            Self::Assign { .. } => Action::Assign,
            Self::Escalate(_) => Action::Escalate,
            Self::Resolve(_) => Action::Resolve,
            Self::Merge(_) => Action::Merge,
            Self::Link(_) => Action::Link,
            Self::Review(_) => Action::Review,
        }
    }

    /// The other incident that it is about; `None` for most.
    #[must_use]
    pub const fn other(&self) -> Option<IncidentId> {
        match self {
            Self::Merge(body) => Some(body.into),
            Self::Link(body) => Some(body.to),
            _ => None,
        }
    }

    /// Whether channels are told of it, where the person chose.
    #[must_use]
    pub const fn notify(&self) -> Option<bool> {
        match self {
            Self::Acknowledge(body) | Self::AcknowledgeFor(body, _) => body.notify,
            _ => None,
        }
    }

    /// What was written with it, without blanks around it.
    #[must_use]
    pub fn note(&self) -> &str {
        match self {
            Self::Acknowledge(body) | Self::AcknowledgeFor(body, _) => &body.note,
            Self::Renew(body) => &body.note,
            Self::Assign { note, .. } | Self::HandOver { note, .. } => note,
            Self::Merge(body) => &body.note,
            Self::Link(body) => &body.note,
            Self::Review(body) => &body.note,
            Self::Undo(body)
            | Self::Release(body)
            | Self::Accept(body)
            | Self::Decline(body)
            | Self::Withdraw(body)
            | Self::Comment(body)
            | Self::Escalate(body)
            | Self::Resolve(body) => &body.note,
        }
        .trim()
    }
}

/// An action that was carried out in thought; nothing is true before it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Acted {
    /// The incident after it.
    pub incident: Incident,
    /// The other incident after it, where it is about two.
    pub other: Option<Incident>,
    /// Alerts that moved to the other incident.
    pub moved: Vec<Fingerprint>,
    /// What goes into timelines, in order.
    pub entries: Vec<NewTimelineEntry>,
    /// What goes into the audit, in order.
    pub audit: Vec<AuditRow>,
    /// Whether channels are told of it, where the person chose; `None` leaves it to the product's policy.
    pub notify: Option<bool>,
}

/// Why an action is not carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Objection {
    /// It is not allowed as things stand.
    Refused(Refusal),
    /// It would be, but the incident is not as the person saw it.
    Changed,
    /// The other incident is not as the person saw it; this is how it stands.
    OtherChanged(Box<Incident>),
    /// What the product asks for is missing, or what the request names is not there.
    Incomplete(FieldProblem),
}

/// Carries the action out on copies; `other` is the incident that [`ActionBody::other`] names. What is forbidden is
/// said before that the version moved, because "somebody has it already" is worth more than "look again".
///
/// # Errors
/// The [`Objection`].
pub fn act(
    before: &Incident,
    other: Option<&Incident>,
    request: &ActionRequest,
    policy: Option<&ProductConfig>,
    roster: &Roster,
    now: UnixMs,
) -> Result<Acted, Objection> {
    let action = request.action.action();
    role_permits(request.actor.role, action).map_err(Objection::Refused)?;
    permits(before.status, action).map_err(Objection::Refused)?;
    permits_person(before, action, &request.actor.account, now).map_err(Objection::Refused)?;
    if !action.holds_for_any_version() && request.if_match != before.version {
        return Err(Objection::Changed);
    }
    if action == Action::Acknowledge && policy.is_none_or(|it| it.acknowledge_note.is_required()) {
        let missing = note_problems(request.action.note(), true)
            .into_iter()
            .next();
        missing.map_or(Ok(()), |it| Err(Objection::Incomplete(it)))?;
    }
    match &request.action {
        ActionBody::Merge(body) => merge::merge(before, other, body, request, policy, now),
        ActionBody::Link(_) => merge::link(before, other, request, now),
        _ => Ok(alone(before, request, policy, roster, now)),
    }
}

/// An action on one incident.
fn alone(
    before: &Incident,
    request: &ActionRequest,
    policy: Option<&ProductConfig>,
    roster: &Roster,
    now: UnixMs,
) -> Acted {
    let mut incident = before.clone();
    incident.version += 1;
    let (kind, text) = change(&mut incident, request, policy, roster, now);
    Acted {
        entries: vec![entry(incident.id, request, now, kind, text)],
        audit: vec![audit(before, &incident, request, now)],
        notify: request.action.notify(),
        other: None,
        moved: Vec::new(),
        incident,
    }
}

fn change(
    incident: &mut Incident,
    request: &ActionRequest,
    policy: Option<&ProductConfig>,
    roster: &Roster,
    now: UnixMs,
) -> (TimelineKind, String) {
    let actor = &request.actor;
    match &request.action {
        ActionBody::Acknowledge(body) => lease::acknowledge(incident, actor, body, None, now),
        ActionBody::AcknowledgeFor(body, to) => {
            lease::acknowledge(incident, actor, body, Some(to), now)
        }
        ActionBody::Undo(_) => lease::undo(incident),
        ActionBody::Renew(body) => lease::renew(incident, body, now),
        ActionBody::Release(_) => lease::release(incident, policy, now),
        ActionBody::HandOver { to, note } => hand_over::offer(incident, to, note, now),
        ActionBody::Accept(_) => hand_over::accept(incident, actor, now),
        ActionBody::Decline(_) => hand_over::decline(incident),
        ActionBody::Withdraw(_) => hand_over::withdraw(incident),
        ActionBody::Assign { account, name, .. } => hand_over::assign(incident, account, name, now),
        ActionBody::Escalate(_) => (TimelineKind::Escalated, escalate(incident, roster, now)),
        ActionBody::Resolve(_) => {
            let by_name = Some(actor.name.clone());
            resolve(incident, by_name, request.action.note(), now);
            (TimelineKind::Resolved, "Resolved".to_owned())
        }
        ActionBody::Review(_) => (TimelineKind::Review, "Wrote what was learned".to_owned()),
        // What is about two incidents went to `merge`.
        ActionBody::Comment(_) | ActionBody::Merge(_) | ActionBody::Link(_) => {
            (TimelineKind::Comment, "Commented".to_owned())
        }
    }
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
        merged_into: None,
    });
}

fn escalate(incident: &mut Incident, roster: &Roster, now: UnixMs) -> String {
    let next = incident
        .escalation
        .iter_mut()
        .find(|step| step.taken_at.is_none());
    match next {
        Some(step) => take(step, roster, now),
        None => "Escalated; the policy names nobody further".to_owned(),
    }
}

/// A timeline entry of who acts, with what they wrote.
pub(super) fn entry(
    incident: IncidentId,
    request: &ActionRequest,
    at: UnixMs,
    kind: TimelineKind,
    text: String,
) -> NewTimelineEntry {
    NewTimelineEntry {
        incident,
        at,
        kind,
        actor_name: Some(request.actor.name.clone()),
        text,
        note: request.action.note().to_owned(),
    }
}

/// A row of the audit: from what to what, by whom, under which key.
pub(super) fn audit(
    before: &Incident,
    after: &Incident,
    request: &ActionRequest,
    now: UnixMs,
) -> AuditRow {
    fn owner(it: &Incident) -> Option<&str> {
        it.lease.as_ref().map(|lease| lease.owner.as_str())
    }
    fn until(it: &Incident) -> Option<UnixMs> {
        it.lease.as_ref().map(|lease| lease.until)
    }
    fn offered_to(it: &Incident) -> Option<&str> {
        let offer = it.lease.as_ref().and_then(|lease| lease.offer.as_ref());
        offer.map(|offer| offer.account.as_str())
    }
    let merged_into = after.resolution.as_ref().and_then(|it| it.merged_into);
    let detail = serde_json::json!({
        "version": [before.version, after.version],
        "status": [before.status, after.status],
        "owner": [owner(before), owner(after)],
        "until": [until(before), until(after)],
        "offered_to": [offered_to(before), offered_to(after)],
        "merged_into": merged_into,
        "notify": request.action.notify(),
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
