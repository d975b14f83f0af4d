//! Actions that are stored together are answered as if they had come one after the other.

use proptest::prelude::*;
use watchfloor_wire::action::OpenRequest;
use watchfloor_wire::id::ProductId;
use watchfloor_wire::priority::Priority;

use super::histories::action;
use super::*;

const INCIDENTS: u64 = 4;

/// Incidents 1 to [`INCIDENTS`]; the first one is of an alert.
fn several() -> Bench {
    let mut bench = Bench::broken();
    for number in 2..=INCIDENTS {
        let order = OpenOrder {
            request: OpenRequest {
                product: ProductId::from("shop"),
                title: "Checkout is slow".to_owned(),
                priority: Priority::P2,
                note: String::new(),
            },
            key: format!("open-{number}"),
            fingerprint: format!("open-{number}"),
            actor: request(comment(), 1, "", "priya").actor,
        };
        let opened = bench.engine.open(&order);
        assert!(matches!(
            opened,
            ActionOutcome::Answered { status: 201, .. }
        ));
    }
    bench
}

fn about(incident: u64, asked: ActionRequest) -> ActionRequest {
    ActionRequest {
        incident: IncidentId(incident),
        ..asked
    }
}

fn version_of(bench: &Bench, incident: u64) -> u64 {
    let found = Store::incident(&bench.store, IncidentId(incident)).unwrap();
    found.map_or(1, |it| it.version)
}

/// The outcome without the place in the feed, which is another one when several are stored at once.
fn apart_from_place(outcome: &ActionOutcome) -> ActionOutcome {
    let mut outcome = outcome.clone();
    if let ActionOutcome::Answered { body, .. } = &mut outcome {
        let mut answer: serde_json::Value = serde_json::from_str(body).unwrap();
        assert!(answer["seq"].is_u64());
        answer["seq"] = serde_json::Value::Null;
        *body = answer.to_string();
    }
    outcome
}

fn incidents(bench: &Bench) -> Vec<Option<Incident>> {
    (1..=INCIDENTS)
        .map(|id| Store::incident(&bench.store, IncidentId(id)).unwrap())
        .collect()
}

#[test]
fn actions_on_different_incidents_wait_for_the_disk_once() {
    let mut bench = several();
    let requests: Vec<ActionRequest> = (1..=INCIDENTS)
        .map(|id| {
            let version = version_of(&bench, id);
            about(
                id,
                request(acknowledge(), version, &format!("k{id}"), "priya"),
            )
        })
        .collect();
    let before = bench.published.count();
    let outcomes = bench.engine.act_together(&requests);
    assert_eq!(bench.published.count(), before + 1);
    let head = Store::head(&bench.store).unwrap().seq;
    for (id, outcome) in (1..).zip(&outcomes) {
        let answer = body(outcome);
        assert_eq!((answer.incident.id, answer.seq), (IncidentId(id), head));
        assert_eq!(answer.incident.status, IncidentStatus::Acknowledged);
    }
    // Each answer is kept under its own key.
    let again = bench.engine.act_together(&requests);
    for (first, second) in outcomes.iter().zip(&again) {
        assert_eq!(body(first), body(second));
    }
    assert_eq!(bench.published.count(), before + 1);
}

#[test]
fn of_two_who_come_together_the_first_has_it_and_the_other_learns_who() {
    let mut bench = several();
    let version = version_of(&bench, 1);
    let outcomes = bench.engine.act_together(&[
        request(acknowledge(), version, "a", "priya"),
        request(acknowledge(), version, "b", "omar"),
    ]);
    assert_eq!(body(&outcomes[0]).incident.lease.unwrap().owner, "priya");
    let ActionOutcome::Refused(ActionObjection::Refused { refusal, current }) = &outcomes[1] else {
        panic!("not refused: {:?}", outcomes[1])
    };
    assert_eq!(*refusal, Refusal::AlreadyAcknowledged);
    assert_eq!(current.lease.as_ref().unwrap().owner, "priya");
}

#[test]
fn when_the_disk_takes_nothing_none_of_them_happened() {
    let mut bench = several();
    bench.wait(250);
    let before = (incidents(&bench), bench.published.count());
    let requests: Vec<ActionRequest> = (1..=INCIDENTS)
        .map(|id| about(id, request(comment(), 1, &format!("k{id}"), "priya")))
        .collect();
    bench.store.faults().fail_commits(1);
    for outcome in bench.engine.act_together(&requests) {
        assert!(matches!(outcome, ActionOutcome::StoreFailed(_)));
    }
    assert_eq!((incidents(&bench), bench.published.count()), before);
    for outcome in bench.engine.act_together(&requests) {
        body(&outcome);
    }
}

#[test]
fn one_that_names_itself_besides_is_refused_and_holds_nobody_up() {
    let mut bench = several();
    let to_itself = about(2, request(action(10), version_of(&bench, 2), "k", "priya"));
    let outcomes = bench
        .engine
        .act_together(&[to_itself, about(2, request(comment(), 1, "c", "omar"))]);
    assert!(!matches!(outcomes[0], ActionOutcome::Answered { .. }));
    body(&outcomes[1]);
}

/// An action, its incident, whether it saw an old version, its key, and whose it is.
type Asked = (u8, u64, bool, u8, bool);

fn requests(bench: &Bench, asked: &[Asked]) -> Vec<ActionRequest> {
    let request_of = |&(number, incident, stale, key, mine): &Asked| {
        let version = version_of(bench, incident).saturating_sub(u64::from(stale));
        let account = if mine { "priya" } else { "omar" };
        about(
            incident,
            request(action(number), version, &format!("key-{key}"), account),
        )
    };
    asked.iter().map(request_of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn together_is_as_one_after_the_other(
        rounds in prop::collection::vec(
            prop::collection::vec(
                (0_u8..13, 1..=INCIDENTS + 1, any::<bool>(), 0_u8..12, any::<bool>()),
                1..8,
            ),
            1..5,
        ),
    ) {
        let (mut alone, mut together) = (several(), several());
        for asked in rounds {
            let all = requests(&alone, &asked);
            prop_assert_eq!(&all, &requests(&together, &asked));
            let one_by_one: Vec<_> = all.iter().map(|it| alone.engine.act(it)).collect();
            let at_once = together.engine.act_together(&all);
            for (one, other) in one_by_one.iter().zip(&at_once) {
                prop_assert_eq!(apart_from_place(one), apart_from_place(other));
            }
            prop_assert_eq!(one_by_one.len(), at_once.len());
            prop_assert_eq!(incidents(&alone), incidents(&together));
            prop_assert!(together.published.count() <= alone.published.count());
            for bench in [&mut alone, &mut together] {
                bench.wait(1_000);
            }
        }
        prop_assert_eq!(alone.store.audit().len(), together.store.audit().len());
        prop_assert_eq!(together.store.reader().unwrap().audit_break().unwrap(), None);
    }
}
