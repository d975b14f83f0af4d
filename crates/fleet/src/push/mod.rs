//! What the products say to the gateway: log lines, errors, metrics, deploys.

mod deploys;
mod errors;
mod fill;
mod lines;
mod metrics;
mod sender;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

pub use sender::{Sender, SenderError};

use crate::instant;
use crate::model::Signal;
use crate::product::Product;
use crate::world::Scene;
use deploys::Releases;

/// One request to the gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Push {
    /// Who says it.
    pub product: Product,
    /// The last part of the address: `logs`, `errors`, `metrics` or `deploys`.
    pub route: &'static str,
    /// The body.
    pub body: Value,
}

/// Log lines and errors are sent together for this many seconds.
const BATCH_TICKS: u64 = 2;
/// Metrics are sent this often, in seconds.
const METRIC_TICKS: u64 = 10;
/// At most this many error events in a second; a real reporter samples, too.
const MAX_ERRORS_A_TICK: u32 = 3;

/// A product's voice.
pub(crate) struct Voice {
    product: Product,
    rng: ChaCha8Rng,
    releases: Releases,
    lines: Vec<Value>,
    errors: Vec<Value>,
}

impl Voice {
    pub(crate) fn new(product: Product, seed: u64, _now_ms: i64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // The models use the streams below 100.
        rng.set_stream(100 + u64::try_from(product.index()).unwrap_or(0));
        Self {
            product,
            rng,
            releases: Releases::new(product),
            lines: Vec::new(),
            errors: Vec::new(),
        }
    }

    pub(crate) fn version(&self) -> String {
        self.releases.version()
    }

    /// What the product says in this second.
    pub(crate) fn speak(&mut self, scene: &Scene) -> Vec<Push> {
        let mut pushes = Vec::new();
        let at = at(scene);
        self.lines.push(lines::line(scene, &at, &mut self.rng));
        for _ in 0..self.errors_now(scene) {
            self.errors.push(errors::event(scene, &at, &mut self.rng));
        }
        if scene.tick.is_multiple_of(BATCH_TICKS) {
            let lines = std::mem::take(&mut self.lines);
            pushes.push(self.push("logs", json!({ "lines": lines })));
            let errors = std::mem::take(&mut self.errors);
            if !errors.is_empty() {
                pushes.push(self.push("errors", json!({ "errors": errors })));
            }
        }
        if scene.tick.is_multiple_of(METRIC_TICKS) || scene.tick == 1 {
            let points = metrics::points(scene, &at);
            if !points.is_empty() {
                pushes.push(self.push("metrics", json!({ "points": points })));
            }
        }
        if self.releases.due(scene.tick) {
            pushes.push(self.deploy(scene.now_ms));
        }
        pushes
    }

    /// A new version goes out now.
    pub(crate) fn deploy(&mut self, now_ms: i64) -> Push {
        let body = self.releases.deploy(now_ms);
        self.push("deploys", body)
    }

    /// The version before comes back; nothing when there is none.
    pub(crate) fn roll_back(&mut self, now_ms: i64) -> Option<Push> {
        let body = self.releases.roll_back(now_ms)?;
        Some(self.push("deploys", body))
    }

    fn errors_now(&mut self, scene: &Scene) -> u32 {
        let expected = scene.get(Signal::Requests) * scene.get(Signal::ErrorRatio);
        let chance: f64 = self.rng.random();
        let count = expected.floor() + if chance < expected.fract() { 1.0 } else { 0.0 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small number of requests, never negative; `as` saturates"
        )]
        let count = count as u32;
        count.min(MAX_ERRORS_A_TICK)
    }

    const fn push(&self, route: &'static str, body: Value) -> Push {
        Push {
            product: self.product,
            route,
            body,
        }
    }
}

/// The instant in the product's own manner; DeedPro writes `utcnow().isoformat()`, without a zone.
fn at(scene: &Scene) -> Value {
    match scene.product {
        Product::Deedpro => json!(instant::naive(scene.now_ms)),
        Product::Pourtrait | Product::UniversalAssistant => json!(instant::rfc3339(scene.now_ms)),
        Product::Donna | Product::Chatpdd => json!(scene.now_ms),
    }
}
