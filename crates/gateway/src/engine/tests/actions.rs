//! People's actions: stored before they are answered, once a key, the first owner stays.

use super::*;

#[test]
fn an_acknowledgement_is_stored_before_it_is_answered_and_in_its_own_place() {
    let mut bench = Bench::broken();
    let outcome = bench.act(acknowledge(), "k1");
    let answer = body(&outcome);
    assert_eq!(answer.incident.status, IncidentStatus::Acknowledged);
    assert_eq!(answer.incident, bench.stored());
    assert_eq!(answer.seq, Store::head(&bench.store).unwrap().seq);
    let published = bench.published.0.lock().unwrap();
    let last = published.last().unwrap();
    assert_eq!((last.to, last.ops.len()), (answer.seq, 1));
    let lease = answer.incident.lease.unwrap();
    assert_eq!(lease.note, "looking at {{SEQ}}");
}

#[test]
fn the_same_key_gets_the_same_bytes_and_changes_nothing() {
    let mut bench = Bench::broken();
    let version = bench.stored().version;
    let asked = request(acknowledge(), version, "k1", "priya");
    let first = bench.engine.act(&asked);
    let audited = bench.store.audit().len();
    let mut bench = bench.restart();
    let second = bench.engine.act(&asked);
    let (
        ActionOutcome::Answered { body: a, .. },
        ActionOutcome::Answered {
            body: b, replayed, ..
        },
    ) = (first, second)
    else {
        panic!("not answered")
    };
    assert_eq!(a, b);
    assert!(replayed);
    assert_eq!(bench.store.audit().len(), audited);
}

#[test]
fn a_key_is_good_for_one_request_of_one_account() {
    let mut bench = Bench::broken();
    bench.act(acknowledge(), "k1");
    assert_eq!(bench.act(resolve(), "k1"), ActionOutcome::KeyReused);
    let other = request(comment(), 0, "k1", "omar");
    assert!(matches!(
        bench.engine.act(&other),
        ActionOutcome::Answered {
            replayed: false,
            ..
        }
    ));
}

#[test]
fn the_slower_one_learns_who_was_faster() {
    let mut bench = Bench::broken();
    let version = bench.stored().version;
    bench
        .engine
        .act(&request(acknowledge(), version, "a", "priya"));
    let second = bench
        .engine
        .act(&request(acknowledge(), version, "b", "omar"));
    let ActionOutcome::Refused(ActionObjection::Refused { refusal, current }) = second else {
        panic!("not refused: {second:?}")
    };
    assert_eq!(refusal, Refusal::AlreadyAcknowledged);
    assert_eq!(current.lease.unwrap().owner, "priya");
}

#[test]
fn a_version_that_moved_is_told_with_the_incident_as_it_is() {
    let mut bench = Bench::broken();
    let version = bench.stored().version;
    bench.act(comment(), "c");
    let late = bench
        .engine
        .act(&request(acknowledge(), version, "a", "priya"));
    assert_eq!(
        late,
        ActionOutcome::Refused(ActionObjection::Changed {
            current: bench.stored()
        })
    );
}

#[test]
fn resolve_wins_and_an_old_incident_still_takes_comments() {
    let mut bench = Bench::broken();
    body(&bench.act(resolve(), "r"));
    let refused = bench.act(acknowledge(), "a");
    let ActionOutcome::Refused(ActionObjection::Refused { refusal, .. }) = refused else {
        panic!("not refused")
    };
    assert_eq!(refusal, Refusal::Resolved);
    bench.clock.advance_ms(25 * HOUR_MS);
    bench.wait(250);
    let key = Key::new(Kind::Incident, &1);
    assert!(bench.engine.entity(&key).is_none());
    let answer = body(&bench.act(comment(), "c"));
    assert_eq!(answer.incident.status, IncidentStatus::Resolved);
    let nowhere = ActionRequest {
        incident: IncidentId(99),
        ..request(comment(), 1, "x", "priya")
    };
    assert_eq!(
        bench.engine.act(&nowhere),
        ActionOutcome::Refused(ActionObjection::NotFound)
    );
}
