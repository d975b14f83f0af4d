//! What stores keep of who is on call.

use watchfloor_wire::on_call::{Override, OverrideId};

use super::*;
use crate::on_call::calendar::{CalendarCopy, CalendarShift};
use crate::on_call::{OnCallChange, StoredOnCall};

fn over_at(id: u64, ends_at: i64) -> Override {
    Override {
        id: OverrideId(id),
        rotation: "primary".to_owned(),
        person: "omar".to_owned(),
        starts_at: UnixMs(10),
        ends_at: UnixMs(ends_at),
        reason: "dentist".to_owned(),
        author: "priya".to_owned(),
        author_name: "Priya Raman".to_owned(),
        created_at: UnixMs(5),
        ended_at: None,
        ended_by_name: None,
    }
}

fn copy(rotation: &str, problem: &str) -> CalendarCopy {
    CalendarCopy {
        rotation: rotation.to_owned(),
        read_at: Some(UnixMs(7)),
        tried_at: UnixMs(9),
        problem: problem.to_owned(),
        shifts: vec![CalendarShift {
            person: "omar".to_owned(),
            starts_at: UnixMs(1),
            ends_at: UnixMs(2),
        }],
    }
}

fn on_call(changes: Vec<OnCallChange>) -> Transaction {
    Transaction {
        on_call: changes,
        ..Transaction::default()
    }
}

pub(crate) fn overrides_and_calendars_are_kept_as_they_were_last(
    store: &mut impl Store,
    _: &Clock,
) {
    assert_eq!(store.on_call(UnixMs(0)).unwrap(), StoredOnCall::default());
    store
        .commit(&on_call(vec![
            OnCallChange::Override(over_at(1, 100)),
            OnCallChange::Override(over_at(2, 200)),
            OnCallChange::Calendar(copy("primary", "")),
            OnCallChange::Calendar(copy("night", "")),
        ]))
        .unwrap();
    let mut ended = over_at(2, 200);
    ended.ended_at = Some(UnixMs(150));
    store
        .commit(&on_call(vec![
            OnCallChange::Override(ended.clone()),
            OnCallChange::Calendar(copy("primary", "it answers 500")),
            OnCallChange::ForgetCalendar("night".to_owned()),
        ]))
        .unwrap();
    let expected = |overrides: Vec<Override>| StoredOnCall {
        overrides,
        calendars: vec![copy("primary", "it answers 500")],
        last_override: 2,
    };
    let reader = store.reader().unwrap();
    for (since, overrides) in [
        (0, vec![over_at(1, 100), ended.clone()]),
        (100, vec![ended]),
        (150, Vec::new()),
    ] {
        let stored = reader.on_call(UnixMs(since)).unwrap();
        assert_eq!(stored, expected(overrides), "since {since}");
        assert_eq!(store.on_call(UnixMs(since)).unwrap(), stored);
    }
}

pub(crate) fn retention_keeps_overrides_that_are_not_over_and_the_newest(
    store: &mut impl Store,
    _: &Clock,
) {
    let ends = [(1, 100), (2, 900), (3, 200)];
    let changes = ends.map(|(id, ends_at)| OnCallChange::Override(over_at(id, ends_at)));
    store.commit(&on_call(changes.to_vec())).unwrap();
    store
        .retain(&RetainBefore {
            feed_log: UnixMs(0),
            answers: UnixMs(0),
            incidents: UnixMs(500),
            fired: UnixMs(0),
            notifications: UnixMs(0),
        })
        .unwrap();
    let stored = store.on_call(UnixMs(0)).unwrap();
    let numbers: Vec<u64> = stored.overrides.iter().map(|it| it.id.0).collect();
    // The next one counts on from the newest.
    assert_eq!((numbers, stored.last_override), (vec![2, 3], 3));
}
