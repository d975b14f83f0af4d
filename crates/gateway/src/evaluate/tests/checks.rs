//! Checks, products, readings, restarts.

use watchfloor_wire::deploy::{Deploy, DeployKind};

use super::*;

#[test]
fn before_the_first_reading_everything_is_unknown() {
    let bench = Bench::new();
    assert_eq!(bench.status(), Status::Unknown);
    assert_eq!(bench.product().status, Status::Unknown);
    assert!(bench.out.dirty.is_urgent());
}

#[test]
fn an_observation_turns_the_check_and_the_product_at_once() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Down("HTTP 503".to_owned()), 0.0);
    assert_eq!(bench.status(), Status::Down);
    assert_eq!(bench.product().status, Status::Down);
    assert_eq!(bench.product().reason, "API: HTTP 503");
    assert!(bench.out.dirty.is_urgent());
}

#[test]
fn samples_do_not_speak_for_a_probed_check() {
    let mut bench = Bench::new();
    let points = vec![sample("shop.api.error_ratio", bench.now, Some(0.0))];
    bench.observe(Observation::Samples(points));
    assert_eq!(bench.status(), Status::Unknown);
}

#[test]
fn only_charted_series_make_readings_and_gaps_stay_gaps() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok, 0.25);
    let key = Key::new(Kind::Reading, &"shop.api.error_ratio");
    let Some(Entity::Reading(reading)) = bench.evaluator.entity(&key) else {
        panic!("no reading")
    };
    assert_eq!(reading.value, Some(0.25));
    assert_eq!(reading.valid_until.since_ms(reading.observed_at), 25_000);
    bench.wait(250);
    let gap = sample("shop.api.error_ratio", bench.now, None);
    bench.observe(Observation::Samples(vec![gap]));
    let Some(Entity::Reading(reading)) = bench.evaluator.entity(&key) else {
        panic!("no reading")
    };
    assert_eq!(reading.value, None);
    assert_eq!(bench.check("shop.api").value, None);
}

#[test]
fn idle_ticks_change_nothing() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok, 0.0);
    bench.wait(1_000);
    bench.out = Output::default();
    bench.wait(5_000);
    assert!(bench.out.dirty.is_empty(), "{:?}", bench.out.dirty.keys());
}

#[test]
fn what_is_unknown_to_the_configuration_is_left_out() {
    let mut bench = Bench::new();
    bench.out = Output::default();
    bench.observe(Observation::Samples(vec![sample(
        "shop.api.nothing",
        bench.now,
        Some(1.0),
    )]));
    bench.observe(Observation::Check(CheckObservation {
        check: CheckId::from("other.api"),
        observed_at: bench.now,
        outcome: Outcome::Ok,
        samples: Vec::new(),
    }));
    assert!(bench.out.dirty.is_empty());
}

#[test]
fn a_restart_keeps_statuses_alerts_and_their_clocks() {
    let mut before = Bench::new();
    before.answer(Outcome::Ok, 0.06);
    before.wait(5_000);
    let mut after = Bench::restarted(before.entities(), PRODUCT, before.now.plus_ms(1_000));
    assert!(after.out.dirty.is_empty(), "{:?}", after.out.dirty.keys());
    assert_eq!(after.status(), Status::Degraded);
    let since = after.alert("errors-critical").unwrap().since;
    after.answer(Outcome::Ok, 0.06);
    after.wait(10_000);
    after.answer(Outcome::Ok, 0.06);
    after.wait(10_000);
    let fired = after.alert("errors-critical").unwrap();
    assert_eq!((fired.state, fired.since), (AlertState::Firing, since));
}

#[test]
fn what_is_no_longer_configured_is_deleted() {
    let mut before = Bench::new();
    before.answer(Outcome::Ok, 0.06);
    let smaller = PRODUCT.replace(
        "[[pushed]]\ncheck = \"mail\"",
        "[[pushed]]\ncheck = \"post\"",
    );
    let smaller = smaller.replace("check = \"mail\"", "check = \"post\"");
    let smaller = smaller.replace("errors-warning", "errors-renamed");
    let after = Bench::restarted(before.entities(), &smaller, before.now);
    let gone: Vec<String> = after
        .out
        .dirty
        .keys()
        .into_iter()
        .filter(|key| after.evaluator.entity(key).is_none())
        .map(|key| key.to_string())
        .collect();
    assert!(gone.contains(&"check/shop.mail".to_owned()), "{gone:?}");
    assert_eq!(
        gone.iter().filter(|key| key.starts_with("alert/")).count(),
        1
    );
}

#[test]
fn a_clock_set_back_makes_nothing_valid_for_longer() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok, 0.0);
    bench.now = bench.now.plus_ms(-3_600_000);
    bench.wait(250);
    let valid_until = bench.check("shop.api").valid_until.unwrap();
    assert!(valid_until.since_ms(bench.now) <= 25_000);
    bench.answer(Outcome::Ok, 0.02);
    assert_eq!(bench.state("errors-warning"), Some(AlertState::Firing));
}

#[test]
fn a_result_is_as_old_after_the_clock_was_set_back_as_before() {
    for (age_ms, step_ms, status) in [
        // It had not passed its time, and does not get more of it.
        (20_000, 3_600_000, Status::Ok),
        // It had, by a span that the clock goes back by.
        (30_000, 20_000, Status::Unknown),
        (30_000, 30_000, Status::Unknown),
        (30_000, 3_600_000, Status::Unknown),
    ] {
        let mut bench = Bench::new();
        bench.answer(Outcome::Ok, 0.0);
        bench.wait(age_ms);
        bench.now = bench.now.plus_ms(-step_ms);
        bench.out = Output::default();
        bench.wait(250);
        let check = bench.check("shop.api");
        let case = format!("{age_ms} ms old, set back by {step_ms} ms");
        assert_eq!(check.status, status, "{case}");
        let told_age_ms = bench.now.since_ms(check.observed_at.unwrap());
        assert!((age_ms..=age_ms + 250).contains(&told_age_ms), "{case}");
        let key = Key::new(Kind::Check, &"shop.api");
        assert!(bench.out.dirty.keys().contains(&key), "{case}");
        bench.wait(25_000 - 250);
        assert_eq!(bench.check("shop.api").status, Status::Unknown, "{case}");
    }
}

#[test]
fn nothing_is_believed_of_before_a_restart_in_which_the_clock_was_set_back() {
    let mut before = Bench::new();
    before.answer(Outcome::Ok, 0.0);
    let observed_at = before.check("shop.api").observed_at.unwrap();
    for (step_ms, status) in [
        (0, Status::Ok),
        (-1, Status::Unknown),
        (-3_600_000, Status::Unknown),
    ] {
        let now = observed_at.plus_ms(step_ms);
        let mut after = Bench::restarted(before.entities(), PRODUCT, now);
        after.wait(250);
        assert_eq!(after.check("shop.api").status, status, "{step_ms} ms");
    }
}

#[test]
fn deploys_are_told_once() {
    let mut bench = Bench::new();
    let deploy = Deploy {
        id: DeployId::from("d1"),
        product: ProductId::from("shop"),
        version: "v2".to_owned(),
        at: bench.now,
        kind: DeployKind::Deploy,
        commit: None,
        note: String::new(),
    };
    bench.observe(Observation::Deploy(deploy.clone()));
    bench.observe(Observation::Deploy(deploy));
    assert_eq!(bench.out.news, [News::Deployed(DeployId::from("d1"))]);
}

#[test]
fn uptime_counts_the_time_before_a_change_to_the_status_before_it() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok, 0.0);
    let points = vec![sample("shop.mail.delivered_ratio", bench.now, Some(1.0))];
    bench.observe(Observation::Samples(points));
    bench.wait(2_000);
    bench.answer(Outcome::Down("x".to_owned()), 0.0);
    bench.wait(1_000);
    let day = bench.evaluator.uptime[&ProductId::from("shop")].entity.days[0];
    assert_eq!((day.ok_ms, day.down_ms), (2_000, 1_000));
}

#[test]
fn every_rule_target_and_chart_of_the_shipped_configuration_finds_its_series() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    let read =
        |file: &str| std::fs::read_to_string(folder.join(file)).map_err(|error| error.to_string());
    let lookup = |_: &str| None;
    let config = crate::config::load::load_from("demo.toml", &read, &lookup).unwrap();
    let catalogue = Catalogue::new(&config);
    for (product, spec) in config.products.iter().zip(&catalogue.products) {
        let rules = catalogue.rules.iter().filter(|it| it.product == spec.id);
        assert!(rules.count() >= product.rules.len(), "{}", product.id);
        assert_eq!(spec.charts.len(), product.charts.len(), "{}", product.id);
    }
    for target in &catalogue.targets {
        let series = &target.blank.series;
        assert!(catalogue.series.contains_key(series), "{series}");
    }
}
