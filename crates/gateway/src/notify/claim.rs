//! Whether a notification may still be sent. Asked by the engine, which is the one writer, right before each try:
//! what it answers is on the disk before anything is sent.

use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::notification::NotificationState;
use watchfloor_wire::time::UnixMs;

use super::backoff::MAX_AGE_MS;
use super::outbox::Notification;

/// The one place where silences are asked: who mutes what is told of an incident now, in the words that the timeline
/// shows after "muted by"; `None` when nobody does.
pub trait Muting {
    /// Who mutes it.
    fn muted_by(&self, incident: &Incident, now: UnixMs) -> Option<String>;
}

/// Whether a notification may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Send,
    /// It is not its turn: it is on its way, has come to its end, or waits for a later time.
    Leave,
    /// It may not, and this is its end: the state and the reason.
    Settle(NotificationState, String),
}

/// Judges a notification at the moment before it is sent. `incident` is the one that it tells of, as it is stored.
#[must_use]
pub fn judge(
    row: &Notification,
    incident: Option<&Incident>,
    muting: &dyn Muting,
    now: UnixMs,
) -> Verdict {
    if row.state != NotificationState::Waiting || row.next_at > now {
        return Verdict::Leave;
    }
    verdict(row, incident, muting, now)
}

/// As [`judge`], for a member of a digest that is sent again: it waits no longer for itself.
#[must_use]
pub fn judge_member(
    row: &Notification,
    incident: Option<&Incident>,
    muting: &dyn Muting,
    now: UnixMs,
) -> Verdict {
    if row.state != NotificationState::Digested || row.settled_at.is_some() {
        return Verdict::Leave;
    }
    verdict(row, incident, muting, now)
}

fn verdict(
    row: &Notification,
    incident: Option<&Incident>,
    muting: &dyn Muting,
    now: UnixMs,
) -> Verdict {
    if let Some(why) = row.answered.clone().or_else(|| answered(row, incident)) {
        return Verdict::Settle(NotificationState::Withdrawn, why);
    }
    if now.since_ms(row.since) > MAX_AGE_MS {
        let why = "it was more than 24 h old before it could be sent".to_owned();
        return Verdict::Settle(NotificationState::Dead, why);
    }
    let muted = incident.and_then(|it| muting.muted_by(it, now));
    match muted {
        Some(by) => Verdict::Settle(NotificationState::Muted, format!("muted by {by}")),
        None => Verdict::Send,
    }
}

/// Why nobody needs to be asked any more; `None` when somebody does. A step that a person took while somebody had
/// the incident asks for help, so that only the incident's end answers it.
fn answered(row: &Notification, incident: Option<&Incident>) -> Option<String> {
    let incident = incident.filter(|_| row.kind.asks())?;
    let by_hand = row.facts.as_ref().is_some_and(|it| it.by_name.is_some());
    match incident.status {
        IncidentStatus::Triggered => None,
        IncidentStatus::Acknowledged if by_hand => None,
        IncidentStatus::Acknowledged | IncidentStatus::Resolved => Some(answer(incident)),
    }
}

/// Who answered an incident, as a reason.
#[must_use]
pub fn answer(incident: &Incident) -> String {
    let resolved_by = incident.resolution.as_ref().map(|it| it.by_name.as_deref());
    match (resolved_by, &incident.lease) {
        (Some(Some(name)), _) => format!("{name} resolved it before"),
        (Some(None), _) => "its alerts ended before".to_owned(),
        (None, Some(lease)) => format!("{} acknowledged it before", lease.owner_name),
        (None, None) => "somebody acknowledged it before".to_owned(),
    }
}
