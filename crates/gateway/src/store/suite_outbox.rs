//! What every store promises of the outbox; part of [`suite`](super).

use watchfloor_wire::id::IncidentId;
use watchfloor_wire::notification::{NotificationKind, NotificationState};
use watchfloor_wire::time::UnixMs;

use super::super::{RetainBefore, Store, StoreError};
use super::product;
use crate::change::Transaction;
use crate::clock::Clock;
use crate::notify::outbox::{Notification, OutboxChange, OutboxQuery};
use crate::notify::plan::tests::facts;

fn row(id: &str, channel: &str, next_at: i64) -> Notification {
    Notification {
        facts: Some(facts(7)),
        next_at: UnixMs(next_at),
        ..Notification::waiting(id.to_owned(), channel, NotificationKind::Opened, UnixMs(5))
    }
}

fn outbox(changes: Vec<OutboxChange>) -> Transaction {
    Transaction {
        outbox: changes,
        ..Transaction::default()
    }
}

fn ids(store: &impl Store, query: &OutboxQuery) -> Vec<String> {
    let rows = store.notifications(query).unwrap();
    rows.into_iter().map(|it| it.id).collect()
}

fn waiting(channel: &str) -> OutboxQuery {
    OutboxQuery::Waiting {
        channel: channel.to_owned(),
    }
}

pub(crate) fn notifications_come_with_their_change_or_not_at_all(
    store: &mut impl Store,
    _: &Clock,
) {
    let absent = row("b", "slack", 1).moved_to(row("b", "slack", 2));
    let refused = store.commit(&Transaction {
        changes: vec![product("a", "")],
        outbox: vec![OutboxChange::Add(row("a", "slack", 1)), absent],
        ..Transaction::default()
    });
    assert!(matches!(refused, Err(StoreError::Moved { id }) if id == "b"));
    assert_eq!(store.head().unwrap().seq, 0);
    assert!(ids(store, &OutboxQuery::Recent).is_empty());
    let added = Transaction {
        changes: vec![product("a", "")],
        outbox: vec![OutboxChange::Add(row("a", "slack", 1))],
        ..Transaction::default()
    };
    store.commit(&added).unwrap();
    let there = store.notifications(&OutboxQuery::One("a".to_owned()));
    assert_eq!(there.unwrap(), [row("a", "slack", 1)]);
}

pub(crate) fn the_same_notification_is_added_once(store: &mut impl Store, _: &Clock) {
    let first = OutboxChange::Add(row("a", "slack", 1));
    store.commit(&outbox(vec![first.clone(), first])).unwrap();
    let again = OutboxChange::Add(row("a", "slack", 9));
    store.commit(&outbox(vec![again])).unwrap();
    assert_eq!(
        store.notifications(&OutboxQuery::Recent).unwrap(),
        [row("a", "slack", 1)]
    );
}

pub(crate) fn a_notification_is_moved_only_from_where_it_was_seen(
    store: &mut impl Store,
    _: &Clock,
) {
    let seen = row("a", "slack", 1);
    store
        .commit(&outbox(vec![OutboxChange::Add(seen.clone())]))
        .unwrap();
    let sending = Notification {
        state: NotificationState::Sending,
        ..seen.clone()
    };
    store
        .commit(&outbox(vec![seen.moved_to(sending.clone())]))
        .unwrap();
    let withdrawn = seen.settled(NotificationState::Withdrawn, "x", UnixMs(9));
    let late = store.commit(&outbox(vec![seen.moved_to(withdrawn)]));
    assert!(matches!(late, Err(StoreError::Moved { .. })));
    assert_eq!(
        store.notifications(&OutboxQuery::Recent).unwrap(),
        [sending]
    );
}

pub(crate) fn questions_about_the_outbox_are_answered_in_order(store: &mut impl Store, _: &Clock) {
    let settle = |id: &str, state, at| {
        let seen = row(id, "slack", 1);
        let mut settled = seen.settled(state, "why", UnixMs(at));
        settled.failed_at = (state == NotificationState::Dead).then_some(UnixMs(at));
        [OutboxChange::Add(seen.clone()), seen.moved_to(settled)]
    };
    let mut changes = vec![
        OutboxChange::Add(row("late", "slack", 30)),
        OutboxChange::Add(row("soon", "slack", 10)),
        OutboxChange::Add(row("mail", "mail", 20)),
    ];
    changes.extend(settle("done-1", NotificationState::Delivered, 40));
    changes.extend(settle("done-2", NotificationState::Delivered, 60));
    changes.extend(settle("dead-1", NotificationState::Dead, 50));
    changes.extend(settle("dead-2", NotificationState::Dead, 70));
    let seen = row("part", "slack", 1);
    let part = Notification {
        state: NotificationState::Digested,
        digest: Some("digest".to_owned()),
        ..seen.clone()
    };
    changes.extend([OutboxChange::Add(seen.clone()), seen.moved_to(part)]);
    store.commit(&outbox(changes)).unwrap();
    let slack = "slack".to_owned();
    for (query, expected) in [
        (waiting("slack"), &["soon", "late"][..]),
        (waiting("none"), &[]),
        (OutboxQuery::Unsettled, &["late", "soon", "mail"]),
        (
            OutboxQuery::Of(IncidentId(7)),
            &["late", "soon", "mail", "part"],
        ),
        (OutboxQuery::Of(IncidentId(8)), &[]),
        (OutboxQuery::Members("digest".to_owned()), &["part"]),
        (OutboxQuery::Dead(UnixMs(0)), &["dead-2", "dead-1"]),
        (OutboxQuery::Dead(UnixMs(51)), &["dead-2"]),
        (OutboxQuery::LastDelivered(slack.clone()), &["done-2"]),
        (OutboxQuery::LastFailed(slack), &["dead-2"]),
        (
            OutboxQuery::Recent,
            &[
                "part", "dead-2", "dead-1", "done-2", "done-1", "mail", "soon", "late",
            ],
        ),
    ] {
        assert_eq!(ids(store, &query), expected, "{query:?}");
    }
    let reader = store.reader().unwrap();
    assert_eq!(reader.notifications(&waiting("mail")).unwrap().len(), 1);
}

pub(crate) fn retention_keeps_what_has_not_come_to_its_end(store: &mut impl Store, _: &Clock) {
    let mut changes = vec![OutboxChange::Add(row("open", "slack", 1))];
    for (id, at) in [("old", 100), ("new", 900)] {
        let seen = row(id, "slack", 1);
        let settled = seen.settled(NotificationState::Delivered, "", UnixMs(at));
        changes.extend([OutboxChange::Add(seen.clone()), seen.moved_to(settled)]);
    }
    store.commit(&outbox(changes)).unwrap();
    store
        .retain(&RetainBefore {
            feed_log: UnixMs(0),
            answers: UnixMs(0),
            incidents: UnixMs(0),
            fired: UnixMs(0),
            notifications: UnixMs(500),
        })
        .unwrap();
    assert_eq!(ids(store, &OutboxQuery::Recent), ["new", "open"]);
}
