//! What people open, merge and link.

use watchfloor_wire::action::{LinkRequest, MergeRequest, OpenRequest, ReviewRequest};

use super::*;
use crate::incidents::merge::MAX_LINKS;
use crate::incidents::opening::OpenOrder;

fn open(desk: &mut Desk, account: &str, priority: Priority, now: i64) -> IncidentId {
    let order = OpenOrder {
        request: OpenRequest {
            product: ProductId::from("shop"),
            title: " Invitations arrive twice ".to_owned(),
            priority,
            note: "three customers".to_owned(),
        },
        key: "k".to_owned(),
        fingerprint: "f".to_owned(),
        actor: actor(account),
    };
    let acted = desk.open(&order, UnixMs(now)).unwrap();
    let id = acted.incident.id;
    desk.adopt(acted.incident);
    id
}

/// The alert `name` of another check begins to fire.
fn fire_mail(desk: &mut Desk, log: &mut Log, name: &str, severity: Severity) -> IncidentId {
    let alert = Alert {
        check: Some(CheckId::from("shop.mail")),
        ..alert(name, severity)
    };
    desk.fired(&alert, (name.to_owned(), None), UnixMs(5), log)
        .unwrap()
}

fn merge(desk: &Desk, into: IncidentId) -> ActionBody {
    ActionBody::Merge(MergeRequest {
        into,
        version: desk.get(into).map_or(0, |it| it.version),
        note: "same pool".to_owned(),
    })
}

fn link(to: IncidentId) -> ActionBody {
    ActionBody::Link(LinkRequest {
        to,
        note: String::new(),
    })
}

#[test]
fn what_a_person_opens_has_the_products_clocks_and_only_people_end_it() {
    let (mut desk, mut log) = desk();
    let id = open(&mut desk, "priya", Priority::P0, 1_000);
    let it = desk.get(id).unwrap();
    assert_eq!(
        (it.id.0, it.title.as_str()),
        (1, "Invitations arrive twice")
    );
    assert_eq!(it.respond_by, UnixMs(1_000 + 15 * MINUTE_MS));
    assert_eq!((it.severity, it.escalation.len()), (Severity::Critical, 3));
    desk.tick(UnixMs(HOUR_MS), &mut log);
    assert!(is_open(desk.get(id).unwrap()));
    let stored: Vec<Incident> = desk.all().cloned().collect();
    let none = BTreeSet::new();
    let mut after = Desk::new(
        &config(PRODUCT),
        stored,
        1,
        &none,
        UnixMs(HOUR_MS),
        &mut log,
    );
    after.tick(UnixMs(2 * HOUR_MS), &mut log);
    assert!(is_open(after.get(id).unwrap()));
    // What an alert is about is not what people saw: it opens an incident of its own.
    assert_ne!(fire(&mut after, &mut log, "a", Severity::Critical, 1), id);
}

#[test]
fn who_may_only_look_opens_nothing_and_nothing_is_opened_for_no_product() {
    let (desk, _) = desk();
    let mut order = OpenOrder {
        request: OpenRequest {
            product: ProductId::from("shop"),
            title: "Something".to_owned(),
            priority: Priority::P2,
            note: String::new(),
        },
        key: "k".to_owned(),
        fingerprint: "f".to_owned(),
        actor: actor("viewer"),
    };
    assert_eq!(
        desk.open(&order, UnixMs(0)).unwrap_err(),
        Objection::Refused(Refusal::Role)
    );
    order.actor = actor("omar");
    order.request.product = ProductId::from("stranger");
    let Err(Objection::Incomplete(problem)) = desk.open(&order, UnixMs(0)) else {
        panic!("opened")
    };
    assert_eq!(problem.field, "product");
}

#[test]
fn a_merged_incident_goes_on_in_the_other_with_its_alerts_and_what_fires_later() {
    let (mut desk, mut log) = desk();
    let target = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    let source = fire_mail(&mut desk, &mut log, "mail", Severity::Critical);
    let action = merge(&desk, target);
    let acted = do_as(&mut desk, "omar", source, action, 10);
    let (gone, kept) = (desk.get(source).unwrap(), desk.get(target).unwrap());
    let end = gone.resolution.as_ref().unwrap();
    assert_eq!(gone.status, IncidentStatus::Resolved);
    assert_eq!(
        (end.merged_into, end.note.as_str()),
        (Some(target), "same pool")
    );
    assert!(gone.alerts.is_empty());
    assert_eq!(acted.moved, [Fingerprint::from("mail")]);
    assert_eq!(kept.alerts.len(), 2);
    assert_eq!(
        (kept.severity, kept.priority),
        (Severity::Critical, Priority::P0)
    );
    let written: Vec<u64> = acted.entries.iter().map(|it| it.incident.0).collect();
    assert_eq!(written, [source.0, target.0]);
    assert_eq!(
        fire_mail(&mut desk, &mut log, "mail-2", Severity::Warning),
        target
    );
}

#[test]
fn a_merge_that_brings_a_worse_severity_ends_a_lease_that_minds() {
    let (mut desk, mut log) = desk();
    let target = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    perform(
        &mut desk,
        target,
        acknowledge(HOUR_MS, LeaseScope::Severity),
        1,
    );
    let source = fire_mail(&mut desk, &mut log, "mail", Severity::Critical);
    let action = merge(&desk, target);
    do_as(&mut desk, "omar", source, action, 10);
    assert_eq!(desk.get(target).unwrap().status, IncidentStatus::Triggered);
}

#[test]
fn a_merge_needs_another_open_incident_of_the_product_as_it_was_seen() {
    let (mut desk, mut log) = desk();
    let target = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    let source = fire_mail(&mut desk, &mut log, "mail", Severity::Warning);
    let itself = try_do(&desk, source, merge(&desk, source), 10);
    assert_eq!(
        itself.unwrap_err(),
        Objection::Refused(Refusal::NotMergeable)
    );
    let Err(Objection::Incomplete(problem)) =
        try_do(&desk, source, merge(&desk, IncidentId(99)), 10)
    else {
        panic!("merged into nothing")
    };
    assert_eq!(problem.field, "into");
    let stale = merge(&desk, target);
    perform(&mut desk, target, ActionBody::Comment(note("seen")), 11);
    let Err(Objection::OtherChanged(current)) = try_do(&desk, source, stale, 12) else {
        panic!("merged into what had changed")
    };
    assert_eq!(current.id, target);
    perform(&mut desk, target, ActionBody::Resolve(note("over")), 13);
    let into_resolved = try_do(&desk, source, merge(&desk, target), 14);
    assert_eq!(
        into_resolved.unwrap_err(),
        Objection::Refused(Refusal::NotMergeable)
    );
}

#[test]
fn linked_incidents_know_of_each_other_once_and_up_to_twenty() {
    let (mut desk, _) = desk();
    let one = open(&mut desk, "priya", Priority::P2, 0);
    let two = open(&mut desk, "omar", Priority::P2, 0);
    perform(&mut desk, one, link(two), 1);
    do_as(&mut desk, "omar", two, link(one), 2);
    assert_eq!(desk.get(one).unwrap().links, [two]);
    assert_eq!(desk.get(two).unwrap().links, [one]);
    assert!(matches!(
        try_do(&desk, one, link(one), 3),
        Err(Objection::Incomplete(_))
    ));
    for _ in 1..MAX_LINKS {
        let next = open(&mut desk, "omar", Priority::P2, 4);
        perform(&mut desk, one, link(next), 5);
    }
    let next = open(&mut desk, "omar", Priority::P2, 6);
    assert_eq!(
        try_do(&desk, one, link(next), 7).unwrap_err(),
        Objection::Refused(Refusal::LinksFull)
    );
}

#[test]
fn what_was_learned_is_written_once_it_is_over() {
    let (mut desk, mut log) = desk();
    let id = fire(&mut desk, &mut log, "a", Severity::Warning, 0);
    let review = || {
        ActionBody::Review(ReviewRequest {
            note: "The pool was too small.".to_owned(),
        })
    };
    assert_eq!(
        try_do(&desk, id, review(), 1).unwrap_err(),
        Objection::Refused(Refusal::NotResolved)
    );
    perform(&mut desk, id, ActionBody::Resolve(note("restarted")), 2);
    let acted = do_as(&mut desk, "omar", id, review(), 3);
    assert_eq!(acted.entries[0].kind, TimelineKind::Review);
    assert_eq!(desk.get(id).unwrap().status, IncidentStatus::Resolved);
}
