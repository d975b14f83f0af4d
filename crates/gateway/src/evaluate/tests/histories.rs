//! Random histories.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Event {
    Wait(i64),
    Answer(Outcome, Option<f64>),
    Push,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (1_i64..80).prop_map(|ticks| Event::Wait(ticks * 250)),
        Just(Event::Push),
        (
            prop_oneof![
                Just(Outcome::Ok),
                Just(Outcome::Down("x".to_owned())),
                Just(Outcome::Unknown("y".to_owned())),
                Just(Outcome::Maintenance("z".to_owned())),
            ],
            prop_oneof![
                Just(None),
                Just(Some(0.0)),
                Just(Some(0.007)),
                Just(Some(0.02)),
                Just(Some(0.2))
            ],
        )
            .prop_map(|(outcome, value)| Event::Answer(outcome, value)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// I7, and that a product is as its worst member, after any history.
    #[test]
    fn green_is_never_older_than_its_validity(events in prop::collection::vec(event(), 1..40)) {
        let mut bench = Bench::new();
        for event in events {
            match event {
                Event::Wait(ms) => bench.wait(ms),
                Event::Answer(outcome, value) => bench.observe(seen(bench.now, outcome, value)),
                Event::Push => {
                    let points = vec![sample("shop.mail.delivered_ratio", bench.now, Some(1.0))];
                    bench.observe(Observation::Samples(points));
                }
            }
            let statuses = bench.evaluator.checks.values().map(|it| &it.entity);
            for check in statuses.clone() {
                prop_assert!(
                    check.status != Status::Ok || check.valid_until.is_some_and(|it| bench.now <= it)
                );
                prop_assert_eq!(check.last_known.is_some() && check.status != Status::Unknown, false);
            }
            let worst = Status::worst(statuses.map(|it| it.status));
            prop_assert_eq!(Some(bench.product().status), worst);
            for alert in bench.evaluator.firing() {
                prop_assert!(alert.firing_since.is_some());
            }
        }
    }
}
