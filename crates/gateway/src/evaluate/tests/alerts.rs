//! Rules and alerts.

use super::*;

#[test]
fn a_firing_alert_raises_its_check_and_ends_only_past_the_clear_limit() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok, 0.02);
    assert_eq!(bench.state("errors-warning"), Some(AlertState::Firing));
    assert_eq!(bench.status(), Status::Degraded);
    assert_eq!(
        bench.check("shop.api").reason,
        "Error rate 2.0 %, warning above 1 %"
    );
    bench.wait(10_250);
    bench.answer(Outcome::Ok, 0.007);
    assert_eq!(bench.state("errors-warning"), Some(AlertState::Firing));
    bench.wait(10_250);
    bench.answer(Outcome::Ok, 0.005);
    assert_eq!(bench.state("errors-warning"), Some(AlertState::Resolved));
    assert_eq!(bench.status(), Status::Ok);
    assert_eq!(bench.check("shop.api").reason, "");
    let fired = bench.alert("errors-warning").unwrap().fingerprint.clone();
    assert_eq!(
        bench.out.news,
        [News::Fired(fired.clone()), News::Ended(fired)]
    );
}

#[test]
fn a_condition_must_hold_before_it_fires() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok, 0.06);
    assert_eq!(bench.state("errors-critical"), Some(AlertState::Pending));
    bench.wait(10_000);
    bench.answer(Outcome::Ok, 0.06);
    bench.wait(9_750);
    assert_eq!(bench.state("errors-critical"), Some(AlertState::Pending));
    bench.wait(250);
    let alert = bench.alert("errors-critical").unwrap();
    assert_eq!(alert.state, AlertState::Firing);
    assert_eq!(
        alert.summary,
        "Highest error rate 6.0 %, critical above 5 %"
    );
    assert_eq!(alert.firing_since.unwrap().since_ms(alert.since), 20_000);
    assert_eq!(bench.status(), Status::Down);
}

#[test]
fn a_condition_that_stops_before_its_time_leaves_no_alert() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok, 0.06);
    bench.wait(10_250);
    bench.answer(Outcome::Ok, 0.0);
    assert_eq!(bench.state("errors-critical"), None);
    assert!(
        bench.out.dirty.keys().iter().any(|key| {
            key.kind() == Some(Kind::Alert) && bench.evaluator.entity(key).is_none()
        })
    );
}

#[test]
fn silence_makes_unknown_and_does_not_end_an_alert() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok, 0.02);
    bench.wait(25_000);
    assert_eq!(bench.status(), Status::Degraded);
    bench.wait(250);
    assert_eq!(bench.status(), Status::Unknown);
    assert_eq!(bench.check("shop.api").last_known, Some(Status::Degraded));
    assert_eq!(bench.product().status, Status::Unknown);
    bench.wait(60_000);
    assert_eq!(bench.state("errors-warning"), Some(AlertState::Firing));
    assert_eq!(bench.state("silent"), Some(AlertState::Firing));
}

#[test]
fn a_verdict_rule_speaks_in_the_words_of_the_source() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Down("HTTP 503".to_owned()), 0.0);
    assert_eq!(bench.alert("down").unwrap().summary, "HTTP 503");
    let alert = bench.alert("down").unwrap().clone();
    assert_eq!(bench.evaluator.headline(&alert).0, "Shop API: down");
    bench.wait(250);
    bench.answer(Outcome::Ok, 0.2);
    let alert = bench.alert("errors-warning").unwrap().clone();
    let (title, series) = bench.evaluator.headline(&alert);
    assert_eq!(title, "Shop API: Error rate, warning above 1 %");
    assert_eq!(series, Some(SeriesId::from("shop.api.error_ratio")));
}

#[test]
fn announced_work_begins_no_alert() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Maintenance("upgrade".to_owned()), 0.5);
    bench.wait(5_000);
    assert_eq!(bench.status(), Status::Maintenance);
    assert!(bench.evaluator.alerts.is_empty());
}

#[test]
fn a_pushed_check_lives_by_its_points() {
    let mut bench = Bench::new();
    let points = vec![sample("shop.mail.delivered_ratio", bench.now, Some(0.98))];
    bench.observe(Observation::Samples(points));
    let check = bench.check("shop.mail");
    assert_eq!(check.status, Status::Ok);
    assert_eq!(check.value.unwrap().value, 0.98);
    bench.wait(125_000);
    assert_eq!(bench.check("shop.mail").status, Status::Ok);
    bench.wait(250);
    assert_eq!(bench.check("shop.mail").status, Status::Unknown);
    bench.wait(175_000);
    let absent = bench.evaluator.firing().find(|it| it.rule == "no-mail");
    assert_eq!(
        absent.unwrap().summary,
        "Delivered ratio: no reading for 5 min"
    );
}
