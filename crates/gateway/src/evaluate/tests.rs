#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

use proptest::prelude::*;
use watchfloor_wire::alert::AlertState;
use watchfloor_wire::check::Check;
use watchfloor_wire::deploy::{Deploy, DeployKind};
use watchfloor_wire::status::Status;

use super::*;
use crate::config::{Config, ProductConfig};
use crate::observation::{CheckObservation, Observation, Outcome, Sample};

/// A product with one probed check, one pushed check, and a rule of each kind.
pub(crate) const PRODUCT: &str = r#"
id = "shop"
name = "Shop"
uptime_target_ratio = 0.999

[priority]
critical = "P0"
high = "P1"
warning = "P2"

[response.P0]
respond_within = "15m"
escalation = [
  { after = "0s", name = "On-call" },
  { after = "10m", name = "Team lead" },
  { after = "20m", name = "CTO" },
]

[response.P2]
respond_within = "4h"
escalation = [{ after = "1h", name = "Team lead" }]

[[probe]]
kind = "http"
url = "http://127.0.0.1:9000/health"
interval = "10s"
timeout = "5s"
[[probe.check]]
name = "api"
title = "API"
[[probe.metric]]
check = "api"
name = "error_ratio"
from = "/errors"
unit = "ratio"
headline = true

[[pushed]]
check = "mail"
title = "E-mail"
metric = "delivered_ratio"
unit = "ratio"
every = "60s"

[[rule]]
name = "errors-warning"
check = "api"
metric = "error_ratio"
window = "10s"
above = 0.01
clear = 0.005
severity = "warning"
summary = "Error rate {value}, warning above {threshold}"

[[rule]]
name = "errors-critical"
check = "api"
metric = "error_ratio"
window = "10s"
statistic = "max"
above = 0.05
for = "20s"
severity = "critical"

[[rule]]
name = "down"
check = "*"
status = "down"
severity = "critical"

[[rule]]
name = "silent"
check = "api"
status = "unknown"
for = "10s"
severity = "high"

[[rule]]
name = "no-mail"
check = "mail"
metric = "delivered_ratio"
statistic = "absent"
window = "5m"
severity = "warning"

[[target]]
name = "Errors"
check = "api"
metric = "error_ratio"
statistic = "avg"
window = "1h"
threshold = 0.001

[[chart]]
kind = "error_ratio"
check = "api"
metric = "error_ratio"
title = "Error rate"
"#;

pub(crate) fn config(product: &str) -> Config {
    let product: ProductConfig = toml::from_str(product).unwrap();
    Config {
        gateway: toml::from_str("products = []").unwrap(),
        products: vec![product],
    }
}

pub(crate) fn seen(at: UnixMs, outcome: Outcome, error_ratio: Option<f64>) -> Observation {
    let samples = error_ratio.map(|value| sample("shop.api.error_ratio", at, Some(value)));
    Observation::Check(CheckObservation {
        check: CheckId::from("shop.api"),
        observed_at: at,
        outcome,
        samples: samples.into_iter().collect(),
    })
}

pub(crate) fn sample(series: &str, at: UnixMs, value: Option<f64>) -> Sample {
    Sample {
        series: SeriesId::from(series),
        at,
        value,
    }
}

struct Bench {
    evaluator: Evaluator,
    out: Output,
    now: UnixMs,
}

impl Bench {
    fn new() -> Self {
        Self::restarted(Vec::new(), PRODUCT, UnixMs(1_000_000))
    }

    fn restarted(stored: Vec<Entity>, product: &str, now: UnixMs) -> Self {
        let mut out = Output::default();
        let catalogue = Catalogue::new(&config(product));
        let evaluator = Evaluator::new(catalogue, stored, now, &mut out);
        Self {
            evaluator,
            out,
            now,
        }
    }

    /// Lets time pass in steps of a tick.
    fn wait(&mut self, ms: i64) {
        for _ in 0..ms / 250 {
            self.now = self.now.plus_ms(250);
            self.evaluator.tick(self.now, &mut self.out);
        }
    }

    fn observe(&mut self, observation: Observation) {
        self.evaluator.observe(observation, self.now, &mut self.out);
        self.evaluator.settle_products(self.now, &mut self.out);
    }

    fn answer(&mut self, outcome: Outcome, error_ratio: f64) {
        self.observe(seen(self.now, outcome, Some(error_ratio)));
    }

    fn check(&self, id: &str) -> Check {
        self.evaluator.checks[&CheckId::from(id)].entity.clone()
    }

    fn status(&self) -> Status {
        self.check("shop.api").status
    }

    fn product(&self) -> &Product {
        &self.evaluator.products[&ProductId::from("shop")]
    }

    fn alert(&self, rule: &str) -> Option<&Alert> {
        self.evaluator
            .alerts
            .values()
            .map(|it| &it.entity)
            .find(|it| it.rule == rule && it.check == Some(CheckId::from("shop.api")))
    }

    fn state(&self, rule: &str) -> Option<AlertState> {
        self.alert(rule).map(|it| it.state)
    }

    fn entities(&self) -> Vec<Entity> {
        let it = &self.evaluator;
        let keys = it
            .products
            .keys()
            .map(|id| Key::new(Kind::Product, id))
            .chain(it.checks.keys().map(|id| Key::new(Kind::Check, id)))
            .chain(it.alerts.keys().map(|id| Key::new(Kind::Alert, id)))
            .chain(it.targets.keys().map(|id| Key::new(Kind::Target, id)))
            .chain(it.uptime.keys().map(|id| Key::new(Kind::Uptime, id)))
            .chain(it.readings.keys().map(|id| Key::new(Kind::Reading, id)));
        keys.map(|key| it.entity(&key).unwrap()).collect()
    }
}

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
    assert_eq!(bench.evaluator.headline(&alert).0, "API: down");
    bench.wait(250);
    bench.answer(Outcome::Ok, 0.2);
    let alert = bench.alert("errors-warning").unwrap().clone();
    let (title, series) = bench.evaluator.headline(&alert);
    assert_eq!(title, "API: Error rate, warning above 1 %");
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
