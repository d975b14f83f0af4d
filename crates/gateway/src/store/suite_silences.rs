//! What stores keep of silences, and of what fired for their preview.

use std::collections::BTreeMap;

use super::*;
use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::silence::{Silence, SilenceId};

pub(crate) fn silence(id: u64, ended_at: Option<i64>) -> Silence {
    let json = include_str!("../../../wire/golden/entity.silence.json");
    Silence {
        id: SilenceId(id),
        ended_at: ended_at.map(UnixMs),
        ..serde_json::from_str(json).unwrap()
    }
}

fn upserts(silences: &[Silence]) -> Transaction {
    let silences = silences.iter().cloned();
    changes(
        silences
            .map(|it| Change::Upsert(Entity::Silence(it)))
            .collect(),
    )
}

pub(crate) fn silences_stay_after_they_leave_the_feed(store: &mut impl Store, _: &Clock) {
    assert_eq!(store.last_silence().unwrap(), 0);
    let all: Vec<Silence> = (1..=4).map(|id| silence(id, Some(5))).collect();
    store.commit(&upserts(&all)).unwrap();
    let key = Key::new(Kind::Silence, &2);
    store.commit(&changes(vec![Change::Delete(key)])).unwrap();
    assert_eq!(store.entities().unwrap().len(), 3);
    assert_eq!(
        store.silence(SilenceId(2)).unwrap(),
        Some(silence(2, Some(5)))
    );
    let reader = store.reader().unwrap();
    let first = reader.silences(None, 3).unwrap();
    let numbers = |page: &[Silence]| page.iter().map(|it| it.id.0).collect::<Vec<_>>();
    assert_eq!(numbers(&first.silences), [4, 3, 2]);
    let second = reader.silences(first.next_before, 3).unwrap();
    assert_eq!(
        (numbers(&second.silences), second.next_before),
        (vec![1], None)
    );
    assert_eq!(reader.silence(SilenceId(9)).unwrap(), None);
}

fn alert(at: i64, incident: Option<u64>) -> Change {
    alert_of("core", at, incident)
}

fn alert_of(team: &str, at: i64, incident: Option<u64>) -> Change {
    let json = include_str!("../../../wire/golden/entity.alert.json");
    let mut alert: Alert = serde_json::from_str(json).unwrap();
    alert.state = AlertState::Firing;
    alert.firing_since = Some(UnixMs(at));
    alert.incident = incident.map(IncidentId);
    alert.labels = BTreeMap::from([("team".to_owned(), team.to_owned())]);
    Change::Upsert(Entity::Alert(alert))
}

pub(crate) fn what_fired_is_kept_once_a_time_with_its_incidents_title(
    store: &mut impl Store,
    _: &Clock,
) {
    store.commit(&changes(vec![alert(1_010, None)])).unwrap();
    store
        .commit(&changes(vec![
            alert(1_010, Some(1)),
            Change::Upsert(Entity::Incident(incident(1, None))),
            alert(1_020, None),
        ]))
        .unwrap();
    let reader = store.reader().unwrap();
    let history = reader.fired_since(UnixMs(0)).unwrap();
    // The store was made at 1,000; what was before is not known.
    assert_eq!(history.from, UnixMs(1_000));
    let times: Vec<i64> = history.alerts.iter().map(|it| it.at.0).collect();
    assert_eq!(times, [1_020, 1_010]);
    assert_eq!(history.alerts[1].title, "Something");
    assert_ne!(history.alerts[0].title, "Something");
    let newer = reader.fired_since(UnixMs(1_015)).unwrap();
    assert_eq!((newer.alerts.len(), newer.from), (1, UnixMs(1_015)));
}

pub(crate) fn what_fired_keeps_the_labels_that_it_had_as_it_began(
    store: &mut impl Store,
    _: &Clock,
) {
    store
        .commit(&changes(vec![alert_of("core", 1_010, None)]))
        .unwrap();
    // The rule's labels are changed while it fires; then it ends and fires again.
    store
        .commit(&changes(vec![
            alert_of("data", 1_010, Some(1)),
            alert_of("data", 1_020, Some(1)),
        ]))
        .unwrap();
    let history = store.reader().unwrap().fired_since(UnixMs(0)).unwrap();
    let labels = history.alerts.into_iter().map(|it| it.labels.unwrap());
    let teams: Vec<String> = labels.map(|it| it["team"].clone()).collect();
    assert_eq!(teams, ["data", "core"]);
}

pub(crate) fn retention_keeps_silences_that_are_not_over_and_numbers(
    store: &mut impl Store,
    _: &Clock,
) {
    let all = [
        silence(1, Some(100)),
        silence(2, None),
        silence(3, Some(900)),
    ];
    let mut transaction = upserts(&all);
    transaction.changes.push(alert(1_010, None));
    transaction.changes.push(alert(1_020, None));
    store.commit(&transaction).unwrap();
    store
        .retain(&RetainBefore {
            feed_log: UnixMs(0),
            answers: UnixMs(0),
            incidents: UnixMs(500),
            fired: UnixMs(1_015),
            notifications: UnixMs(0),
        })
        .unwrap();
    let there = |id| store.silence(SilenceId(id)).unwrap().is_some();
    assert_eq!([1, 2, 3].map(there), [false, true, true]);
    assert_eq!(store.last_silence().unwrap(), 3);
    let reader = store.reader().unwrap();
    assert_eq!(reader.fired_since(UnixMs(0)).unwrap().alerts.len(), 1);
}
