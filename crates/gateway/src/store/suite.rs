//! The tests that every store passes. `store_suite!` makes one test function of each claim.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::id::{IncidentId, ProductId};
use watchfloor_wire::incident::{Incident, IncidentStatus, Resolution, TimelineKind};
use watchfloor_wire::priority::{Priority, Severity};
use watchfloor_wire::product::Product;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::audit::AuditPlace;
use super::{RetainBefore, Store};
use crate::change::{AuditRow, Change, KeptAnswer, NewTimelineEntry, Transaction};
use crate::clock::Clock;
use crate::machine_clock::MachineClock;

#[path = "suite_on_call.rs"]
pub(crate) mod on_call;
#[path = "suite_outbox.rs"]
pub(crate) mod outbox;
#[path = "suite_silences.rs"]
pub(crate) mod silences;
pub(crate) use on_call::*;
pub(crate) use silences::*;

macro_rules! store_suite {
    ($make:expr) => {
        $crate::store::suite::store_suite!(@each $make;
            a_new_store_is_empty_at_zero,
            changes_are_numbered_without_holes,
            the_newest_body_stays_and_deletes_delete,
            timeline_and_audit_alone_do_not_move_the_head,
            the_feed_log_tells_what_is_missing,
            kept_answers_carry_the_sequence_number,
            timelines_are_newest_first_and_separate,
            incidents_stay_after_they_leave_the_feed,
            incident_pages_follow_one_another,
            the_audit_chain_holds,
            the_audit_is_read_from_a_place_in_both_directions,
            retention_takes_the_old_end_only,
            retention_keeps_open_incidents_and_numbers,
            readers_see_what_was_committed,
            another_epoch_begins_at_the_same_place,
            where_the_wall_clock_stood_is_kept,
            silences_stay_after_they_leave_the_feed,
            what_fired_is_kept_once_a_time_with_its_incidents_title,
            what_fired_keeps_the_labels_that_it_had_as_it_began,
            retention_keeps_silences_that_are_not_over_and_numbers,
            overrides_and_calendars_are_kept_as_they_were_last,
            retention_keeps_overrides_that_are_not_over_and_the_newest,
        );
        mod outbox {
            use super::*;
            $crate::store::suite::store_suite!(@outbox $make;
                notifications_come_with_their_change_or_not_at_all,
                the_same_notification_is_added_once,
                a_notification_is_moved_only_from_where_it_was_seen,
                questions_about_the_outbox_are_answered_in_order,
                retention_keeps_what_has_not_come_to_its_end,
            );
        }
    };
    (@each $make:expr; $($claim:ident,)+) => {
        $(#[test]
        fn $claim() {
            let clock = $crate::clock::Clock::manual(watchfloor_wire::time::UnixMs(1_000));
            let (mut store, _keep) = $make(clock.clone());
            $crate::store::suite::$claim(&mut store, &clock);
        })+
    };
    (@outbox $make:expr; $($claim:ident,)+) => {
        $(#[test]
        fn $claim() {
            let clock = $crate::clock::Clock::manual(watchfloor_wire::time::UnixMs(1_000));
            let (mut store, _keep) = $make(clock.clone());
            $crate::store::suite::outbox::$claim(&mut store, &clock);
        })+
    };
}
pub(crate) use store_suite;

pub(crate) fn product(name: &str, reason: &str) -> Change {
    Change::Upsert(Entity::Product(Product {
        id: ProductId::from(name),
        name: name.to_owned(),
        status: Status::Ok,
        reason: reason.to_owned(),
        since: UnixMs(1),
        maintenance_until: None,
        acknowledge: None,
        charts: Vec::new(),
    }))
}

pub(crate) fn product_key(name: &str) -> Key {
    Key::new(Kind::Product, &name)
}

pub(crate) fn incident(id: u64, resolved_at: Option<i64>) -> Incident {
    Incident {
        id: IncidentId(id),
        version: 1,
        product: ProductId::from("p"),
        check: None,
        title: "Something".to_owned(),
        priority: Priority::P1,
        severity: Severity::High,
        status: match resolved_at {
            Some(_) => IncidentStatus::Resolved,
            None => IncidentStatus::Triggered,
        },
        opened_at: UnixMs(10),
        respond_by: UnixMs(20),
        answered_at: None,
        symptoms: Vec::new(),
        alerts: Vec::new(),
        lease: None,
        escalation: Vec::new(),
        resolution: resolved_at.map(|at| Resolution {
            at: UnixMs(at),
            by_name: None,
            note: String::new(),
            merged_into: None,
        }),
        opened_by_name: None,
        covers: Vec::new(),
        links: Vec::new(),
        series: None,
        runbook_url: None,
        notified_at: None,
    }
}

fn entry(incident: u64, text: &str) -> NewTimelineEntry {
    NewTimelineEntry {
        incident: IncidentId(incident),
        at: UnixMs(5),
        kind: TimelineKind::Comment,
        actor_name: Some("Priya Raman".to_owned()),
        text: text.to_owned(),
        note: "ä \" \n".to_owned(),
    }
}

fn audit_row(action: &str) -> AuditRow {
    AuditRow {
        at: UnixMs(5),
        actor: "priya".to_owned(),
        action: action.to_owned(),
        subject: "incident/1".to_owned(),
        detail: "{}".to_owned(),
    }
}

fn answer(key: &str, at: i64) -> KeptAnswer {
    KeptAnswer {
        actor: "priya".to_owned(),
        key: key.to_owned(),
        fingerprint: "f".to_owned(),
        at: UnixMs(at),
        status: 200,
        body: "{\"note\":\"{{SEQ}}\",\"seq\":{{SEQ}}}".to_owned(),
    }
}

fn changes(changes: Vec<Change>) -> Transaction {
    Transaction {
        changes,
        ..Transaction::default()
    }
}

pub(crate) fn a_new_store_is_empty_at_zero(store: &mut impl Store, _: &Clock) {
    let head = store.head().unwrap();
    assert_eq!(head.seq, 0);
    assert!(!head.epoch.is_empty());
    assert!(store.entities().unwrap().is_empty());
    assert_eq!(store.last_incident().unwrap(), 0);
    assert_eq!(store.feed_log_after(0, 10).unwrap().unwrap().len(), 0);
}

pub(crate) fn changes_are_numbered_without_holes(store: &mut impl Store, _: &Clock) {
    let first = store
        .commit(&changes(vec![product("a", ""), product("b", "")]))
        .unwrap();
    let second = store.commit(&changes(vec![product("a", "x")])).unwrap();
    assert_eq!((first.from, first.to), (0, 2));
    assert_eq!((second.from, second.to), (2, 3));
    let seqs: Vec<u64> = first.ops.iter().chain(&second.ops).map(|op| op.v).collect();
    assert_eq!(seqs, [1, 2, 3]);
    assert_eq!(store.head().unwrap().seq, 3);
}

pub(crate) fn the_newest_body_stays_and_deletes_delete(store: &mut impl Store, _: &Clock) {
    store
        .commit(&changes(vec![product("a", "old"), product("b", "")]))
        .unwrap();
    let committed = store
        .commit(&changes(vec![
            product("a", "new"),
            Change::Delete(product_key("b")),
        ]))
        .unwrap();
    assert!(committed.ops[1].p.is_none());
    let entities = store.entities().unwrap();
    assert_eq!(entities.len(), 1);
    let (key, seq, Entity::Product(it)) = &entities[0] else {
        panic!("no product")
    };
    assert_eq!(
        (key.as_str(), *seq, it.reason.as_str()),
        ("product/a", 3, "new")
    );
}

pub(crate) fn timeline_and_audit_alone_do_not_move_the_head(store: &mut impl Store, _: &Clock) {
    let committed = store
        .commit(&Transaction {
            timeline: vec![entry(1, "x")],
            audit: vec![audit_row("session.open")],
            ..Transaction::default()
        })
        .unwrap();
    assert_eq!((committed.from, committed.to), (0, 0));
    assert_eq!(store.head().unwrap().seq, 0);
}

pub(crate) fn the_feed_log_tells_what_is_missing(store: &mut impl Store, _: &Clock) {
    for reason in ["1", "2", "3"] {
        store.commit(&changes(vec![product("a", reason)])).unwrap();
    }
    let ops = store.feed_log_after(1, 10).unwrap().unwrap();
    assert_eq!(ops.iter().map(|op| op.v).collect::<Vec<_>>(), [2, 3]);
    assert!(
        ops[1]
            .p
            .as_ref()
            .unwrap()
            .get()
            .contains("\"reason\":\"3\"")
    );
    assert_eq!(store.feed_log_after(1, 1).unwrap().unwrap().len(), 1);
    assert_eq!(store.feed_log_after(3, 10).unwrap().unwrap().len(), 0);
}

pub(crate) fn kept_answers_carry_the_sequence_number(store: &mut impl Store, _: &Clock) {
    let committed = store
        .commit(&Transaction {
            changes: vec![product("a", "")],
            answers: vec![answer("k", 5)],
            ..Transaction::default()
        })
        .unwrap();
    // A note that holds the placeholder stays as its author wrote it.
    assert_eq!(
        committed.answers[0].body,
        "{\"note\":\"{{SEQ}}\",\"seq\":1}"
    );
    assert_eq!(
        store.kept_answer("priya", "k").unwrap().as_ref(),
        committed.answers.first()
    );
    assert_eq!(store.kept_answer("omar", "k").unwrap(), None);
}

pub(crate) fn timelines_are_newest_first_and_separate(store: &mut impl Store, _: &Clock) {
    store
        .commit(&Transaction {
            timeline: vec![entry(1, "a"), entry(2, "b"), entry(1, "c")],
            ..Transaction::default()
        })
        .unwrap();
    let entries = store.timeline(IncidentId(1), 10).unwrap();
    let texts: Vec<&str> = entries.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["c", "a"]);
    assert!(entries[0].id > entries[1].id);
    assert_eq!(entries[0].kind, TimelineKind::Comment);
    assert_eq!(entries[0].note, "ä \" \n");
    assert_eq!(store.timeline(IncidentId(1), 1).unwrap().len(), 1);
}

pub(crate) fn incidents_stay_after_they_leave_the_feed(store: &mut impl Store, _: &Clock) {
    let it = incident(7, Some(50));
    let key = Entity::Incident(it.clone()).key();
    store
        .commit(&changes(vec![Change::Upsert(Entity::Incident(it.clone()))]))
        .unwrap();
    store.commit(&changes(vec![Change::Delete(key)])).unwrap();
    assert!(store.entities().unwrap().is_empty());
    assert_eq!(store.incident(IncidentId(7)).unwrap(), Some(it));
    assert_eq!(store.last_incident().unwrap(), 7);
}

pub(crate) fn incident_pages_follow_one_another(store: &mut impl Store, _: &Clock) {
    let all = (1..=5)
        .map(|id| incident(id, (id % 2 == 0).then_some(50)))
        .map(|it| Change::Upsert(Entity::Incident(it)))
        .collect();
    store.commit(&changes(all)).unwrap();
    let reader = store.reader().unwrap();
    let ids = |before, limit, open_only| {
        let page = reader.incidents(before, limit, open_only).unwrap();
        let ids: Vec<u64> = page.incidents.iter().map(|it| it.id.0).collect();
        (ids, page.next_before)
    };
    assert_eq!(ids(None, 2, false), (vec![5, 4], Some(4)));
    assert_eq!(ids(Some(4), 3, false), (vec![3, 2, 1], None));
    assert_eq!(ids(None, 2, true), (vec![5, 3], Some(3)));
}

pub(crate) fn the_audit_chain_holds(store: &mut impl Store, _: &Clock) {
    for action in ["session.open", "incident.acknowledge", "session.close"] {
        store
            .commit(&Transaction {
                audit: vec![audit_row(action), audit_row(action)],
                ..Transaction::default()
            })
            .unwrap();
    }
    assert_eq!(store.reader().unwrap().audit_break().unwrap(), None);
}

pub(crate) fn the_audit_is_read_from_a_place_in_both_directions(store: &mut impl Store, _: &Clock) {
    let reader = store.reader().unwrap();
    let nothing = reader.audit_rows(AuditPlace::After(0), 9).unwrap();
    assert_eq!((nothing.given, nothing.rows.len()), (0, 0));
    for action in ["a", "b", "c", "d"] {
        let audit = vec![audit_row(action)];
        let transaction = Transaction {
            audit,
            ..Transaction::default()
        };
        store.commit(&transaction).unwrap();
    }
    let read = |place, limit| {
        let stretch = reader.audit_rows(place, limit).unwrap();
        assert_eq!(stretch.given, 4);
        let rows = stretch.rows.into_iter();
        rows.map(|it| (it.row, it.it.action)).collect::<Vec<_>>()
    };
    let named = |rows: &[(i64, &str)]| -> Vec<(i64, String)> {
        rows.iter()
            .map(|(row, it)| (*row, (*it).to_owned()))
            .collect()
    };
    assert_eq!(read(AuditPlace::After(0), 2), named(&[(1, "a"), (2, "b")]));
    assert_eq!(read(AuditPlace::After(3), 9), named(&[(4, "d")]));
    assert_eq!(read(AuditPlace::After(4), 9), named(&[]));
    assert_eq!(
        read(AuditPlace::Before(i64::MAX), 2),
        named(&[(4, "d"), (3, "c")])
    );
    assert_eq!(read(AuditPlace::Before(3), 9), named(&[(2, "b"), (1, "a")]));
    assert_eq!(read(AuditPlace::Before(1), 9), named(&[]));
}

pub(crate) fn retention_takes_the_old_end_only(store: &mut impl Store, clock: &Clock) {
    store
        .commit(&Transaction {
            changes: vec![product("a", "1")],
            answers: vec![answer("old", 1_000)],
            ..Transaction::default()
        })
        .unwrap();
    clock.advance_ms(1_000);
    store
        .commit(&Transaction {
            changes: vec![product("a", "2")],
            answers: vec![answer("new", 2_000)],
            ..Transaction::default()
        })
        .unwrap();
    let before = RetainBefore {
        feed_log: UnixMs(1_500),
        answers: UnixMs(1_500),
        incidents: UnixMs(0),
        fired: UnixMs(0),
        notifications: UnixMs(0),
    };
    store.retain(&before).unwrap();
    assert!(store.feed_log_after(0, 10).unwrap().is_none());
    assert_eq!(store.feed_log_after(1, 10).unwrap().unwrap().len(), 1);
    assert!(store.kept_answer("priya", "old").unwrap().is_none());
    assert!(store.kept_answer("priya", "new").unwrap().is_some());
    assert_eq!(store.head().unwrap().seq, 2);
    assert_eq!(store.entities().unwrap().len(), 1);
}

pub(crate) fn retention_keeps_open_incidents_and_numbers(store: &mut impl Store, _: &Clock) {
    let all = [
        incident(1, Some(100)),
        incident(2, None),
        incident(3, Some(900)),
    ];
    store
        .commit(&Transaction {
            changes: all
                .iter()
                .map(|it| Change::Upsert(Entity::Incident(it.clone())))
                .collect(),
            timeline: vec![entry(1, "gone"), entry(2, "kept")],
            ..Transaction::default()
        })
        .unwrap();
    store
        .retain(&RetainBefore {
            feed_log: UnixMs(0),
            answers: UnixMs(0),
            incidents: UnixMs(500),
            fired: UnixMs(0),
            notifications: UnixMs(0),
        })
        .unwrap();
    assert!(store.incident(IncidentId(1)).unwrap().is_none());
    assert!(store.timeline(IncidentId(1), 10).unwrap().is_empty());
    assert!(store.incident(IncidentId(2)).unwrap().is_some());
    assert_eq!(store.timeline(IncidentId(2), 10).unwrap().len(), 1);
    assert!(store.incident(IncidentId(3)).unwrap().is_some());
    assert_eq!(store.last_incident().unwrap(), 3);
}

pub(crate) fn readers_see_what_was_committed(store: &mut impl Store, _: &Clock) {
    let reader = store.reader().unwrap();
    store
        .commit(&Transaction {
            changes: vec![Change::Upsert(Entity::Incident(incident(1, None)))],
            timeline: vec![entry(1, "x")],
            answers: vec![answer("k", 1)],
            ..Transaction::default()
        })
        .unwrap();
    assert_eq!(reader.feed_log_after(0, 10).unwrap().unwrap().len(), 1);
    assert_eq!(reader.timeline(IncidentId(1), 10).unwrap().len(), 1);
    assert!(reader.incident(IncidentId(1)).unwrap().is_some());
    assert!(reader.kept_answer("priya", "k").unwrap().is_some());
}

pub(crate) fn another_epoch_begins_at_the_same_place(store: &mut impl Store, _: &Clock) {
    let transaction = Transaction {
        changes: vec![product("a", "")],
        ..Transaction::default()
    };
    store.commit(&transaction).unwrap();
    let before = store.head().unwrap();
    let after = store.begin_epoch().unwrap();
    assert_eq!(after.seq, before.seq);
    assert_ne!(after.epoch, before.epoch);
    assert_eq!(store.head().unwrap().epoch, after.epoch);
}

pub(crate) fn where_the_wall_clock_stood_is_kept(store: &mut impl Store, _: &Clock) {
    assert_eq!(store.machine_clock().unwrap(), None);
    for (boot, ahead_ms) in [("a", 7), ("b", i64::MIN)] {
        let clock = MachineClock {
            boot: boot.to_owned(),
            ahead_ms,
        };
        store.note_machine_clock(&clock).unwrap();
        assert_eq!(store.machine_clock().unwrap(), Some(clock));
    }
}
