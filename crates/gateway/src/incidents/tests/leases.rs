//! Taking back, holding longer, handing over, assigning.

use watchfloor_wire::action::RenewRequest;
use watchfloor_wire::lease::{OFFER_STANDS_MS, UNDO_WITHIN_MS};

use super::*;

/// Incident 1 of severity warning, which priya acknowledged at 1,000 for an hour.
fn taken() -> (Desk, Log, IncidentId) {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    perform(
        &mut desk,
        id,
        acknowledge(HOUR_MS, LeaseScope::Severity),
        1_000,
    );
    (desk, log, id)
}

fn undo() -> ActionBody {
    ActionBody::Undo(note(""))
}

fn renew(lease_ms: i64, text: &str) -> ActionBody {
    ActionBody::Renew(RenewRequest {
        lease_ms,
        note: text.to_owned(),
    })
}

fn offer_to(account: &str) -> ActionBody {
    ActionBody::HandOver {
        to: Recipient {
            account: account.to_owned(),
            name: actor(account).name,
        },
        note: "my shift ends".to_owned(),
    }
}

fn assign() -> ActionBody {
    ActionBody::Assign {
        account: "omar".to_owned(),
        name: "Omar Haddad".to_owned(),
        note: String::new(),
    }
}

fn refusal(result: Result<Acted, Objection>) -> Refusal {
    match result {
        Err(Objection::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn an_undone_acknowledgement_never_happened_but_is_in_timeline_and_audit() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Critical, 0);
    let before = desk.get(id).unwrap().clone();
    let action = acknowledge(HOUR_MS, LeaseScope::Severity);
    perform(&mut desk, id, action, 1_000);
    let last_moment = 1_000 + UNDO_WITHIN_MS - 1;
    let acted = do_as(&mut desk, "priya", id, undo(), last_moment);
    let after = desk.get(id).unwrap();
    let expected = Incident {
        version: before.version + 2,
        ..before
    };
    assert_eq!(*after, expected);
    assert_eq!(acted.entries[0].kind, TimelineKind::Undone);
    assert_eq!(acted.audit[0].action, "incident.undo");
}

#[test]
fn undo_keeps_an_earlier_answer() {
    let (mut desk, _, id) = taken();
    perform(&mut desk, id, ActionBody::Release(note("")), 2_000);
    let action = acknowledge(HOUR_MS, LeaseScope::Severity);
    perform(&mut desk, id, action, 3_000);
    perform(&mut desk, id, undo(), 4_000);
    assert_eq!(desk.get(id).unwrap().answered_at, Some(UnixMs(1_000)));
}

#[test]
fn undo_is_for_ten_seconds_for_its_author_and_until_something_else_happens() {
    let (mut desk, mut log, id) = taken();
    assert_eq!(
        refusal(try_as(&desk, "omar", id, undo(), 2_000)),
        Refusal::NotOwner
    );
    let too_late = try_do(&desk, id, undo(), 1_000 + UNDO_WITHIN_MS);
    assert_eq!(refusal(too_late), Refusal::UndoOver);
    fire(&mut desk, &mut log, "b", Severity::Warning, 2_000);
    assert_eq!(refusal(try_do(&desk, id, undo(), 2_001)), Refusal::UndoOver);
}

#[test]
fn who_has_it_holds_it_longer_from_now_and_nobody_else_does() {
    let (mut desk, _, id) = taken();
    assert_eq!(
        refusal(try_as(&desk, "omar", id, renew(HOUR_MS, ""), 2_000)),
        Refusal::NotOwner
    );
    perform(&mut desk, id, renew(2 * HOUR_MS, ""), 2_000);
    let lease = desk.get(id).unwrap().lease.clone().unwrap();
    assert_eq!(lease.until, UnixMs(2_000 + 2 * HOUR_MS));
    assert_eq!((lease.note.as_str(), lease.undo), ("looking", None));
    perform(&mut desk, id, renew(MINUTE_MS, "rebuilding"), 3_000);
    let lease = desk.get(id).unwrap().lease.clone().unwrap();
    assert_eq!(
        (lease.note.as_str(), lease.until),
        ("rebuilding", UnixMs(3_000 + MINUTE_MS))
    );
}

#[test]
fn an_offer_leaves_it_with_its_owner_until_the_other_accepts() {
    let (mut desk, _, id) = taken();
    assert_eq!(
        refusal(try_as(&desk, "omar", id, offer_to("omar"), 2_000)),
        Refusal::NotOwner
    );
    perform(&mut desk, id, offer_to("omar"), 2_000);
    let it = desk.get(id).unwrap();
    let lease = it.lease.as_ref().unwrap();
    assert_eq!(lease.owner, "priya");
    assert_eq!(it.status, IncidentStatus::Acknowledged);
    let offer = lease.offer.as_ref().unwrap();
    assert_eq!(offer.until, UnixMs(2_000 + OFFER_STANDS_MS));
    let accept = || ActionBody::Accept(note("got it"));
    for account in ["priya", "ada"] {
        assert_eq!(
            refusal(try_as(&desk, account, id, accept(), 3_000)),
            Refusal::NotOffered,
            "{account}"
        );
    }
    do_as(&mut desk, "omar", id, accept(), 3_000);
    let lease = desk.get(id).unwrap().lease.clone().unwrap();
    assert_eq!(
        (lease.owner.as_str(), lease.since, lease.until),
        ("omar", UnixMs(3_000), UnixMs(1_000 + HOUR_MS))
    );
    assert_eq!((lease.offer, lease.undo), (None, None));
}

#[test]
fn a_declined_withdrawn_or_unanswered_offer_changes_no_owner() {
    let (mut desk, mut log, id) = taken();
    perform(&mut desk, id, offer_to("omar"), 2_000);
    do_as(&mut desk, "omar", id, ActionBody::Decline(note("")), 3_000);
    perform(&mut desk, id, offer_to("omar"), 4_000);
    perform(&mut desk, id, ActionBody::Withdraw(note("")), 5_000);
    assert_eq!(
        refusal(try_do(&desk, id, ActionBody::Withdraw(note("")), 5_001)),
        Refusal::NotOffered
    );
    perform(&mut desk, id, offer_to("omar"), 6_000);
    let over = 6_000 + OFFER_STANDS_MS;
    let late = ActionBody::Accept(note(""));
    assert_eq!(
        refusal(try_as(&desk, "omar", id, late, over)),
        Refusal::NotOffered
    );
    let version = desk.get(id).unwrap().version;
    desk.tick(UnixMs(over), &mut log);
    desk.tick(UnixMs(over), &mut log);
    let it = desk.get(id).unwrap();
    assert_eq!(it.version, version + 1);
    let lease = it.lease.as_ref().unwrap();
    assert_eq!((lease.owner.as_str(), &lease.offer), ("priya", &None));
    assert_eq!(
        texts(&log).last(),
        Some(&"The offer to Omar Haddad ended without an answer")
    );
}

#[test]
fn an_offer_ends_with_the_lease() {
    let (mut desk, mut log, id) = taken();
    perform(&mut desk, id, renew(MINUTE_MS, ""), 2_000);
    perform(&mut desk, id, offer_to("omar"), 3_000);
    let offer = desk.get(id).unwrap().lease.clone().unwrap().offer.unwrap();
    assert_eq!(offer.until, UnixMs(2_000 + MINUTE_MS));
    desk.tick(offer.until, &mut log);
    let it = desk.get(id).unwrap();
    assert_eq!((it.status, &it.lease), (IncidentStatus::Triggered, &None));
}

#[test]
fn whoever_acknowledges_for_somebody_has_it_until_they_accept() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    let ActionBody::Acknowledge(body) = acknowledge(HOUR_MS, LeaseScope::Severity) else {
        panic!("no acknowledgement")
    };
    let to = Recipient {
        account: "omar".to_owned(),
        name: "Omar Haddad".to_owned(),
    };
    let acted = do_as(
        &mut desk,
        "priya",
        id,
        ActionBody::AcknowledgeFor(body, to),
        1_000,
    );
    assert_eq!(
        acted.entries[0].text,
        "Acknowledged, and offered it to Omar Haddad"
    );
    let lease = desk.get(id).unwrap().lease.clone().unwrap();
    assert_eq!(lease.owner, "priya");
    assert_eq!(lease.offer.unwrap().account, "omar");
    perform(&mut desk, id, undo(), 2_000);
    assert_eq!(desk.get(id).unwrap().lease, None);
}

#[test]
fn only_an_admin_moves_it_unasked_and_only_when_somebody_has_it() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    assert_eq!(
        refusal(try_as(&desk, "ada", id, assign(), 1)),
        Refusal::NotAcknowledged
    );
    perform(&mut desk, id, acknowledge(HOUR_MS, LeaseScope::Severity), 1);
    assert_eq!(refusal(try_do(&desk, id, assign(), 2)), Refusal::Admin);
    assert_eq!(
        refusal(try_as(&desk, "viewer", id, assign(), 2)),
        Refusal::Role
    );
    do_as(&mut desk, "ada", id, assign(), 2);
    let lease = desk.get(id).unwrap().lease.clone().unwrap();
    assert_eq!(
        (lease.owner.as_str(), lease.until),
        ("omar", UnixMs(1 + HOUR_MS))
    );
    perform(&mut desk, id, ActionBody::Release(note("off duty")), 3);
    assert_eq!(desk.get(id).unwrap().status, IncidentStatus::Triggered);
}

#[test]
fn a_note_is_needed_unless_the_product_says_that_it_is_not() {
    for (rule, fine) in [("required", false), ("optional", true)] {
        let text = PRODUCT.replace(
            "name = \"Shop\"",
            &format!("name = \"Shop\"\nacknowledge_note = \"{rule}\""),
        );
        let mut log = Log::default();
        let none = BTreeSet::new();
        let mut desk = Desk::new(&config(&text), [], 0, &none, UnixMs(0), &mut log);
        let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
        let ActionBody::Acknowledge(mut body) = acknowledge(HOUR_MS, LeaseScope::Severity) else {
            panic!("no acknowledgement")
        };
        " \n".clone_into(&mut body.note);
        match try_do(&desk, id, ActionBody::Acknowledge(body), 1) {
            Ok(_) => assert!(fine, "{rule}"),
            Err(Objection::Incomplete(problem)) => {
                assert!(!fine, "{rule}");
                assert_eq!(problem.field, "note");
            }
            other => panic!("{rule}: {other:?}"),
        }
    }
}
