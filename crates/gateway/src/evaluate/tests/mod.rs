#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod alerts;
mod checks;
mod histories;
mod rules;

use watchfloor_wire::alert::AlertState;
use watchfloor_wire::check::Check;
use watchfloor_wire::priority::Severity;
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
        let since = Since {
            now,
            set_back_ms: 0,
        };
        let evaluator = Evaluator::new(catalogue, stored, since, &mut out);
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
