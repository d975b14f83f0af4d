//! What holds after any history.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Event {
    Fire(usize, Severity),
    End(usize),
    Wait(i64),
    /// Of the open incidents, by place.
    Merge(usize, usize),
    OpenByPerson,
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    let severity = prop_oneof![
        Just(Severity::Critical),
        Just(Severity::High),
        Just(Severity::Warning)
    ];
    prop_oneof![
        6 => (0_usize..5, severity).prop_map(|(check, severity)| Event::Fire(check, severity)),
        4 => (0_usize..5).prop_map(Event::End),
        4 => (1_i64..200_000).prop_map(Event::Wait),
        3 => (0_usize..6, 0_usize..6).prop_map(|(from, into)| Event::Merge(from, into)),
        1 => Just(Event::OpenByPerson),
        1 => Just(Event::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// After any history, with what people merge and open, each firing alert is in one open incident, once; no ended
    /// one is in any; and every open incident has a cause, or lost its last one less than a minute ago, or is a
    /// person's.
    #[test]
    fn every_firing_alert_is_in_one_place(events in prop::collection::vec(event(), 1..60)) {
        let checks = ["database", "api", "web", "mail", "whole"];
        let mut floor = Floor::new();
        for event in events {
            match event {
                Event::Fire(check, severity) => {
                    let known = floor.firing.get(checks[check]).map(|it| it.severity);
                    // An alert that fires is told of again only when it gets worse.
                    if known.is_none_or(|known| severity < known) {
                        floor.fire(checks[check], severity);
                    }
                }
                Event::End(check) => floor.end(checks[check]),
                Event::Wait(ms) => floor.wait(ms),
                Event::Merge(from, into) => {
                    let open: Vec<IncidentId> = floor.open().iter().map(|it| it.id).collect();
                    if let (Some(from), Some(into)) = (open.get(from), open.get(into))
                        && from != into
                    {
                        floor.merge(*from, *into);
                    }
                }
                Event::OpenByPerson => {
                    floor.open_by_person();
                }
                Event::Restart => floor.restart(),
            }
            let mut found: Vec<Fingerprint> = Vec::new();
            for it in floor.open() {
                let is_a_persons = it.opened_by_name.is_some();
                let is_ending = floor.desk.cleared_at.contains_key(&it.id);
                prop_assert!(is_a_persons || is_ending == it.alerts.is_empty());
                found.extend(it.alerts.iter().cloned());
                found.extend(firing_symptoms(it));
            }
            found.sort();
            let firing: Vec<Fingerprint> =
                floor.firing.values().map(|it| it.fingerprint.clone()).collect();
            let mut firing = firing;
            firing.sort();
            prop_assert_eq!(&found, &firing, "{:?}", floor.shape());
        }
    }
}
