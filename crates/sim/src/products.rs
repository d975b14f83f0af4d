//! Two small products with what the invariants need: checks that age, rules that fire, a ladder that escalates.

use anyhow::{Context as _, Result};
use watchfloor_gateway::config::{Config, ProductConfig};
use watchfloor_gateway::observation::{
    CheckObservation, ErrorSighting, Observation, Outcome, Sample,
};
use watchfloor_wire::deploy::{Deploy, DeployKind};
use watchfloor_wire::time::UnixMs;

/// How often each check is probed, in milliseconds.
pub const PROBE_EVERY_MS: i64 = 5_000;
/// How long a result may be believed: two intervals and the probe's time-out, in milliseconds.
pub const VALIDITY_MS: i64 = 12_000;

/// The checks.
pub const CHECKS: [&str; 4] = ["shop.api", "shop.pay", "shop.mail", "depot.api"];
/// The products with the places of their checks.
pub const PRODUCTS: [(&str, &[usize]); 2] = [("shop", &[0, 1, 2]), ("depot", &[3])];

const SHOP: &str = r#"
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
  { after = "20s", name = "Team lead" },
  { after = "60s", name = "CTO" },
]

[response.P1]
respond_within = "1h"
escalation = [{ after = "30s", name = "Team lead" }]

[response.P2]
respond_within = "4h"
escalation = [{ after = "45s", name = "Team lead" }]

[[probe]]
kind = "http"
url = "http://127.0.0.1:9000/health"
interval = "5s"
timeout = "2s"
[[probe.check]]
name = "api"
title = "API"
[[probe.check]]
name = "pay"
title = "Payments"
[[probe.check]]
name = "mail"
title = "E-mail"
[[probe.metric]]
check = "api"
name = "error_ratio"
from = "/errors"
unit = "ratio"
headline = true

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
for = "10s"
severity = "critical"

[[rule]]
name = "down"
check = "*"
status = "down"
severity = "critical"

[[rule]]
name = "silent"
check = "*"
status = "unknown"
for = "5s"
severity = "high"

[[target]]
name = "Errors"
check = "api"
metric = "error_ratio"
statistic = "avg"
window = "1h"
threshold = 0.001
"#;

const DEPOT: &str = r#"
id = "depot"
name = "Depot"

[priority]
critical = "P1"

[response.P1]
respond_within = "30m"
escalation = [{ after = "10s", name = "Yard" }, { after = "40s", name = "Owner" }]

[[probe]]
kind = "http"
url = "http://127.0.0.1:9001/health"
interval = "5s"
timeout = "2s"
[[probe.check]]
name = "api"
title = "API"

[[rule]]
name = "down"
check = "api"
status = "down"
severity = "critical"
"#;

/// What broken payments bring about.
const SYMPTOMS: &str = r#"
[[inhibit]]
cause = { check = "pay" }
symptom = { check = ["api", "mail"] }
within = "20s"
"#;

/// The gateway's configuration.
///
/// # Errors
/// When the texts above are no configuration any more.
pub fn config() -> Result<Config> {
    with_shop(SHOP)
}

/// As [`config`], with causes and symptoms in the shop.
///
/// # Errors
/// As [`config`].
pub fn config_with_symptoms() -> Result<Config> {
    with_shop(&format!("{SHOP}{SYMPTOMS}"))
}

fn with_shop(shop: &str) -> Result<Config> {
    let product = |text: &str| toml::from_str::<ProductConfig>(text).context("a product");
    Ok(Config {
        gateway: toml::from_str("products = []").context("the gateway")?,
        products: vec![product(shop)?, product(DEPOT)?],
    })
}

/// How a check really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Well.
    Well,
    /// It answers with errors.
    Erring,
    /// Down.
    Down,
    /// It does not answer, and the probe reports nothing.
    Silent,
}

/// What a probe reports of a check; `None` when it reports nothing.
#[must_use]
pub fn probe(check: usize, health: Health, error_ratio: f64, now: UnixMs) -> Option<Observation> {
    let outcome = match health {
        Health::Well | Health::Erring => Outcome::Ok,
        Health::Down => Outcome::Down("HTTP 503".to_owned()),
        Health::Silent => return None,
    };
    let samples = (check == 0).then(|| Sample {
        series: "shop.api.error_ratio".into(),
        at: now,
        value: Some(error_ratio),
    });
    Some(Observation::Check(CheckObservation {
        check: CHECKS[check].into(),
        observed_at: now,
        outcome,
        samples: samples.into_iter().collect(),
    }))
}

/// Some events of an error group that displays do not see.
#[must_use]
pub fn errors(group: i64, count: u64, now: UnixMs) -> Observation {
    Observation::Errors(ErrorSighting {
        group: format!("e{group}").into(),
        product: "shop".into(),
        service: "api".to_owned(),
        title: format!("Card {group} refused"),
        error_type: "PaymentError".to_owned(),
        category: String::new(),
        boundary: String::new(),
        version: None,
        at: now,
        count,
    })
}

/// A deploy.
#[must_use]
pub fn deploy(number: u64, now: UnixMs) -> Observation {
    Observation::Deploy(Deploy {
        id: format!("d{number}").into(),
        product: "shop".into(),
        version: format!("1.{number}"),
        at: now,
        kind: DeployKind::Deploy,
        commit: None,
        note: String::new(),
    })
}
