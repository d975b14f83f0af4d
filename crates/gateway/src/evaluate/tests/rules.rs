//! What a rule can say: limits by severity, silence, lasting, flapping.

use super::*;

/// [`PRODUCT`] with this rule instead of its own.
fn with_rule(rule: &str) -> String {
    let (before, rest) = PRODUCT.split_once("[[rule]]").unwrap();
    let (_, after) = rest.split_once("[[target]]").unwrap();
    format!("{before}\n[[rule]]\n{rule}\n[[target]]{after}")
}

fn bench(rule: &str) -> Bench {
    Bench::restarted(Vec::new(), &with_rule(rule), UnixMs(1_000_000))
}

/// Answers with these values, ten seconds apart.
fn answers(bench: &mut Bench, values: &[f64]) {
    for value in values {
        bench.answer(Outcome::Ok, *value);
        bench.wait(10_000);
    }
}

fn fired(bench: &Bench) -> usize {
    let fired = |it: &&News| matches!(it, News::Fired(_));
    bench.out.news.iter().filter(fired).count()
}

const LEVELS: &str = r#"
name = "errors"
check = "api"
metric = "error_ratio"
statistic = "last"
above = { warning = 0.01, high = 0.03, critical = 0.05 }
clear = { critical = 0.04 }
"#;

#[test]
fn one_rule_rises_and_falls_through_its_severities_as_one_alert() {
    let mut bench = bench(LEVELS);
    let severity = |bench: &Bench| bench.alert("errors").unwrap().severity;
    bench.answer(Outcome::Ok, 0.02);
    assert_eq!(severity(&bench), Severity::Warning);
    assert_eq!(bench.status(), Status::Degraded);
    bench.wait(10_000);
    bench.answer(Outcome::Ok, 0.06);
    let alert = bench.alert("errors").unwrap();
    assert_eq!(
        (alert.severity, alert.threshold),
        (Severity::Critical, Some(0.05))
    );
    assert_eq!(alert.summary, "Error rate 6.0 %, critical above 5 %");
    assert_eq!(bench.status(), Status::Down);
    assert_eq!(fired(&bench), 2, "getting worse is news");
    bench.wait(10_000);
    bench.answer(Outcome::Ok, 0.045);
    assert_eq!(severity(&bench), Severity::Critical, "not past its clear");
    bench.wait(10_000);
    bench.answer(Outcome::Ok, 0.035);
    assert_eq!(severity(&bench), Severity::High);
    assert_eq!(bench.status(), Status::Degraded);
    assert_eq!(fired(&bench), 2, "getting better is not");
    bench.wait(10_000);
    bench.answer(Outcome::Ok, 0.0);
    assert_eq!(bench.state("errors"), Some(AlertState::Resolved));
}

#[test]
fn a_restart_keeps_the_severity_that_was_reached() {
    let mut before = bench(LEVELS);
    before.answer(Outcome::Ok, 0.06);
    let mut after = Bench::restarted(before.entities(), &with_rule(LEVELS), before.now);
    after.answer(Outcome::Ok, 0.045);
    assert_eq!(after.alert("errors").unwrap().severity, Severity::Critical);
    assert_eq!(fired(&after), 0);
}

#[test]
fn an_alert_fires_on_for_as_long_as_its_rule_asks() {
    let mut bench = bench(
        r#"
name = "errors"
check = "api"
metric = "error_ratio"
statistic = "last"
above = 0.01
keep_firing_for = "30s"
severity = "warning"
"#,
    );
    answers(&mut bench, &[0.02, 0.0, 0.0]);
    let alert = bench.alert("errors").unwrap();
    assert_eq!(alert.state, AlertState::Firing);
    assert!(alert.clear_since.is_some());
    answers(&mut bench, &[0.02]);
    assert_eq!(bench.alert("errors").unwrap().clear_since, None);
    answers(&mut bench, &[0.0, 0.0]);
    bench.answer(Outcome::Ok, 0.0);
    bench.wait(9_750);
    assert_eq!(bench.state("errors"), Some(AlertState::Firing));
    bench.wait(250);
    assert_eq!(bench.state("errors"), Some(AlertState::Resolved));
}

#[test]
fn without_data_an_alert_fires_on_and_says_so() {
    let mut bench = bench(LEVELS);
    bench.answer(Outcome::Ok, 0.02);
    bench.wait(25_000);
    assert_eq!(bench.alert("errors").unwrap().no_data_since, None);
    bench.wait(35_250);
    let alert = bench.alert("errors").unwrap().clone();
    assert_eq!(alert.state, AlertState::Firing);
    assert!(alert.no_data_since.is_some());
    bench.wait(600_000);
    let later = bench.alert("errors").unwrap();
    assert_eq!(
        (later.state, later.no_data_since),
        (AlertState::Firing, alert.no_data_since)
    );
    bench.answer(Outcome::Ok, 0.02);
    assert_eq!(bench.alert("errors").unwrap().no_data_since, None);
    assert_eq!(fired(&bench), 1);
}

#[test]
fn a_product_that_never_reported_fires_after_its_grace() {
    let rule = "name = \"silent\"\ncheck = \"*\"\nstatistic = \"absent\"\nwindow = \"1m\"\ngrace = \"2m\"\nseverity = \"high\"\n";
    let mut bench = bench(rule);
    bench.wait(119_750);
    assert_eq!(bench.state("silent"), None);
    bench.wait(1_000);
    let alert = bench.alert("silent").unwrap().clone();
    assert_eq!(alert.state, AlertState::Firing);
    assert_eq!(alert.summary, "Not heard of for 1 min");
    assert_eq!(bench.evaluator.headline(&alert).0, "Shop API: not heard of");
    let both = bench.evaluator.firing().filter(|it| it.rule == "silent");
    assert_eq!(both.count(), 2, "the pushed check never reported either");
    bench.answer(Outcome::Ok, 0.0);
    assert_eq!(bench.state("silent"), Some(AlertState::Resolved));
    bench.wait(61_000);
    assert_eq!(bench.state("silent"), Some(AlertState::Firing));
}

#[test]
fn after_a_restart_silence_counts_from_the_start() {
    let rule = "name = \"silent\"\ncheck = \"api\"\nstatistic = \"absent\"\nwindow = \"1m\"\nseverity = \"high\"\n";
    let mut before = bench(rule);
    before.answer(Outcome::Ok, 0.0);
    let later = before.now.plus_ms(3_600_000);
    let mut after = Bench::restarted(before.entities(), &with_rule(rule), later);
    after.wait(59_750);
    assert_eq!(after.state("silent"), None);
    after.wait(1_000);
    assert_eq!(after.state("silent"), Some(AlertState::Firing));
}

#[test]
fn a_ratio_is_of_sums_and_of_nothing_there_is_none() {
    let product = with_rule(
        "name = \"failed\"\ncheck = \"jobs\"\nmetric = \"failed\"\nof = \"all\"\nstatistic = \"ratio\"\nwindow = \"5m\"\nabove = 0.1\nseverity = \"warning\"\n",
    );
    let product = product.replace(
        "[[pushed]]",
        "[[pushed]]\ncheck = \"jobs\"\nmetric = \"failed\"\nunit = \"count\"\nevery = \"60s\"\n\n[[pushed]]\ncheck = \"jobs\"\nmetric = \"all\"\nunit = \"count\"\nevery = \"60s\"\n\n[[pushed]]",
    );
    let mut bench = Bench::restarted(Vec::new(), &product, UnixMs(1_000_000));
    let send = |bench: &mut Bench, failed: f64, all: f64| {
        let points = vec![
            sample("shop.jobs.failed", bench.now, Some(failed)),
            sample("shop.jobs.all", bench.now, Some(all)),
        ];
        bench.observe(Observation::Samples(points));
        bench.wait(60_000);
    };
    send(&mut bench, 0.0, 0.0);
    send(&mut bench, 1.0, 10.0);
    assert_eq!(bench.evaluator.firing().count(), 0, "a tenth is not more");
    send(&mut bench, 4.0, 10.0);
    let alert = bench.evaluator.firing().next().unwrap();
    assert_eq!(alert.summary, "Share of failed 25.0 %, warning above 10 %");
}

#[test]
fn labels_owner_and_runbook_go_with_the_alert() {
    let mut bench = bench(&format!(
        "{LEVELS}owner = \"Core team\"\nrunbook = \"https://example.com/r\"\nlabels = {{ team = \"core\" }}\n"
    ));
    bench.answer(Outcome::Ok, 0.02);
    let alert = bench.alert("errors").unwrap();
    assert_eq!(alert.owner.as_deref(), Some("Core team"));
    assert_eq!(alert.label("team"), Some("core"));
    assert_eq!(alert.label("check"), Some("api"));
}

const FLAPPY: &str = r#"
name = "errors"
check = "api"
metric = "error_ratio"
statistic = "last"
above = 0.01
severity = "warning"
"#;

#[test]
fn a_flapping_alert_is_held_firing_until_it_is_quiet() {
    let mut bench = bench(FLAPPY);
    answers(&mut bench, &[0.02, 0.0, 0.02, 0.0, 0.02]);
    assert_eq!(bench.alert("errors").unwrap().flapping, None);
    answers(&mut bench, &[0.0]);
    let alert = bench.alert("errors").unwrap();
    assert_eq!(alert.state, AlertState::Firing, "the sixth change is held");
    let flapping = alert.flapping.unwrap();
    assert_eq!((flapping.changes, flapping.within_ms), (6, 600_000));
    let told = bench.out.news.len();
    answers(&mut bench, &[0.02, 0.0, 0.02, 0.0]);
    assert_eq!(bench.out.news.len(), told, "and nothing more is told");
    assert_eq!(bench.alert("errors").unwrap().flapping.unwrap().changes, 10);
    for _ in 0..29 {
        answers(&mut bench, &[0.0]);
    }
    assert_eq!(bench.state("errors"), Some(AlertState::Firing));
    answers(&mut bench, &[0.0]);
    assert_eq!(bench.state("errors"), Some(AlertState::Resolved));
    assert_eq!(bench.alert("errors").unwrap().flapping, None);
}

#[test]
fn a_flapping_alert_that_settles_on_firing_says_that_it_is_calm() {
    let mut bench = bench(FLAPPY);
    answers(&mut bench, &[0.02, 0.0, 0.02, 0.0, 0.02, 0.0, 0.02]);
    for _ in 0..30 {
        answers(&mut bench, &[0.02]);
    }
    let alert = bench.alert("errors").unwrap();
    assert_eq!((alert.state, alert.flapping), (AlertState::Firing, None));
    assert!(matches!(bench.out.news.last(), Some(News::Calmed(_))));
}

#[test]
fn a_restart_keeps_what_flaps() {
    let mut before = bench(FLAPPY);
    answers(&mut before, &[0.02, 0.0, 0.02, 0.0, 0.02, 0.0]);
    let mut after = Bench::restarted(before.entities(), &with_rule(FLAPPY), before.now);
    answers(&mut after, &[0.0, 0.02, 0.0]);
    let alert = after.alert("errors").unwrap();
    assert!(alert.state == AlertState::Firing && alert.flapping.is_some());
    assert!(after.out.news.is_empty(), "{:?}", after.out.news);
}
