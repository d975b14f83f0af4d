//! Handing an incident to somebody else. It stays with its owner until the other person accepts; only an admin's
//! assignment moves it unasked.

use serde_json::json;
use watchfloor_wire::incident::{Incident, Lease, TimelineKind};
use watchfloor_wire::lease::{OFFER_STANDS_MS, Offer};
use watchfloor_wire::time::UnixMs;

use super::action::{Actor, Recipient};
use super::log::Log;

/// The owner offers it; an offer to somebody else that still stood is replaced.
pub(super) fn offer(
    incident: &mut Incident,
    to: &Recipient,
    note: &str,
    now: UnixMs,
) -> (TimelineKind, String) {
    if let Some(lease) = &mut incident.lease {
        lease.offer = Some(Offer {
            account: to.account.clone(),
            name: to.name.clone(),
            note: note.trim().to_owned(),
            at: now,
            until: now.plus_ms(OFFER_STANDS_MS).min(lease.until),
        });
    }
    (TimelineKind::Offered, format!("Offered it to {}", to.name))
}

/// Who was asked takes it, for what is left of the lease.
pub(super) fn accept(
    incident: &mut Incident,
    actor: &Actor,
    now: UnixMs,
) -> (TimelineKind, String) {
    let mut before = String::new();
    if let Some(lease) = &mut incident.lease {
        before.clone_from(&lease.owner_name);
        give(lease, &actor.account, &actor.name, now);
    }
    (
        TimelineKind::Assigned,
        format!("Took it over from {before}"),
    )
}

/// Who was asked leaves it where it is.
pub(super) fn decline(incident: &mut Incident) -> (TimelineKind, String) {
    if let Some(lease) = &mut incident.lease {
        lease.offer = None;
    }
    (TimelineKind::Offered, "Declined the offer".to_owned())
}

/// The owner keeps it after all.
pub(super) fn withdraw(incident: &mut Incident) -> (TimelineKind, String) {
    let offer = incident.lease.as_mut().and_then(|lease| lease.offer.take());
    let name = offer.map_or_else(String::new, |it| it.name);
    (
        TimelineKind::Offered,
        format!("Took the offer to {name} back"),
    )
}

/// An admin moves it.
pub(super) fn assign(
    incident: &mut Incident,
    account: &str,
    name: &str,
    now: UnixMs,
) -> (TimelineKind, String) {
    if let Some(lease) = &mut incident.lease {
        give(lease, account, name, now);
    }
    (TimelineKind::Assigned, format!("Assigned it to {name}"))
}

fn give(lease: &mut Lease, account: &str, name: &str, now: UnixMs) {
    account.clone_into(&mut lease.owner);
    name.clone_into(&mut lease.owner_name);
    lease.since = now;
    lease.offer = None;
    lease.undo = None;
}

/// An offer that nobody answered ends at its time; true when one did.
pub(super) fn end_offer(incident: &mut Incident, now: UnixMs, log: &mut Log) -> bool {
    let over = |lease: &mut Lease| lease.offer.take_if(|offer| now >= offer.until);
    let Some(offer) = incident.lease.as_mut().and_then(over) else {
        return false;
    };
    let text = format!("The offer to {} ended without an answer", offer.name);
    log.note(incident, now, TimelineKind::Offered, text);
    log.audit(
        incident,
        now,
        "offer_ended",
        json!({ "offered_to": [offer.account, null] }),
    );
    true
}
