//! Who sends: a product, known by its key, with what it may send and how fast.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use watchfloor_wire::id::{CheckId, ProductId, SeriesId};
use watchfloor_wire::series::Unit;

use super::redact::SecretKeys;
use super::refusal::Refusal;
use crate::clock::Clock;
use crate::config::{Config, ProductConfig};

/// Events a second that a key may send.
const EVENTS_PER_S: NonZeroU32 = NonZeroU32::new(1_000).unwrap();
/// Events that a key may send at once.
const EVENTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(10_000).unwrap();
/// Requests a second that a key may send, whatever is in them.
const REQUESTS_PER_S: NonZeroU32 = NonZeroU32::new(50).unwrap();
/// Requests that a key may send at once.
const REQUESTS_AT_ONCE: NonZeroU32 = NonZeroU32::new(200).unwrap();
/// A shorter key can be guessed.
const MIN_KEY_BYTES: usize = 16;

/// The gateway's clock in the form that the limiter asks for.
#[derive(Clone, Debug)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let ms = u64::try_from(self.0.monotonic_ms()).unwrap_or(0);
        Nanos::from(ms.saturating_mul(1_000_000))
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>;

/// A metric that the product may send.
#[derive(Clone, Debug)]
pub struct Pushed {
    /// The check that it belongs to.
    pub check: CheckId,
    /// Its series.
    pub series: SeriesId,
    /// The unit that points must have.
    pub unit: Unit,
    /// Whether a probe says how the check is; points then say nothing of it.
    pub probed: bool,
}

/// A product that may send.
pub struct Source {
    /// The product.
    pub product: ProductId,
    /// The names that hide their values.
    pub keys: SecretKeys,
    /// What may be sent, by `<check>.<metric>`.
    pub pushed: HashMap<String, Pushed>,
    key_hash: [u8; 32],
    clock: Ticks,
    requests: Limiter,
    events: Limiter,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("product", &self.product)
            .finish_non_exhaustive()
    }
}

impl Source {
    /// The source of a product with this key.
    #[must_use]
    pub fn new(product: &ProductConfig, key: &str, clock: Clock) -> Self {
        let clock = Ticks(clock);
        let limiter = |rate, burst| {
            let quota = Quota::per_second(rate).allow_burst(burst);
            RateLimiter::direct_with_clock(quota, clock.clone())
        };
        Self {
            product: product.id.clone().into(),
            keys: SecretKeys::new(&product.redact_keys),
            pushed: pushed(product),
            key_hash: Sha256::digest(key).into(),
            requests: limiter(REQUESTS_PER_S, REQUESTS_AT_ONCE),
            events: limiter(EVENTS_PER_S, EVENTS_AT_ONCE),
            clock,
        }
    }

    /// Takes one request off the key's share.
    ///
    /// # Errors
    /// 429 when nothing is left of it.
    pub fn admit_request(&self) -> Result<(), Refusal> {
        self.requests
            .check()
            .map_err(|until| self.too_fast(until.wait_time_from(self.clock.now())))
    }

    /// Takes `count` events off the key's share, all or none.
    ///
    /// # Errors
    /// 429 when less is left of it.
    pub fn admit_events(&self, count: usize) -> Result<(), Refusal> {
        let Some(count) = u32::try_from(count).ok().and_then(NonZeroU32::new) else {
            return Ok(());
        };
        match self.events.check_n(count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => Err(self.too_fast(until.wait_time_from(self.clock.now()))),
            Err(_) => Err(Refusal::too_large("Send at most 10,000 events at once.")),
        }
    }

    fn too_fast(&self, wait: Duration) -> Refusal {
        metrics::counter!("watchfloor_ingest_limited_total", "product" => self.product.0.clone())
            .increment(1);
        Refusal::too_fast(wait.as_secs() + 1)
    }
}

fn pushed(product: &ProductConfig) -> HashMap<String, Pushed> {
    let probed = |check: &str| {
        let mut checks = product.probes.iter().flat_map(|probe| &probe.checks);
        checks.any(|it| it.name == check)
    };
    product
        .pushed
        .iter()
        .map(|it| {
            let name = format!("{}.{}", it.check, it.metric);
            let pushed = Pushed {
                check: format!("{}.{}", product.id, it.check).into(),
                series: format!("{}.{name}", product.id).into(),
                unit: it.unit,
                probed: probed(&it.check),
            };
            (name, pushed)
        })
        .collect()
}

/// All products that may send.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Arc<Source>>);

impl Sources {
    /// The products whose key is set; `environment` reads a variable. A product whose key is missing, too
    /// short, or another product's, may send nothing, and the gateway's log says so.
    #[must_use]
    pub fn new(
        config: &Config,
        environment: &dyn Fn(&str) -> Option<String>,
        clock: &Clock,
    ) -> Self {
        let mut sources = Self::default();
        for product in &config.products {
            let Some(variable) = &product.ingest_key_env else {
                continue;
            };
            let key = environment(variable).unwrap_or_default();
            if let Some(reason) = sources.unusable(&key) {
                tracing::warn!(
                    product = product.id,
                    variable,
                    reason,
                    "nothing can be sent in"
                );
                continue;
            }
            sources
                .0
                .push(Arc::new(Source::new(product, &key, clock.clone())));
        }
        sources
    }

    fn unusable(&self, key: &str) -> Option<&'static str> {
        if key.is_empty() {
            Some("the variable is not set")
        } else if key.len() < MIN_KEY_BYTES {
            Some("the key is shorter than 16 bytes")
        } else if self.by_key(key).is_some() {
            Some("another product has the same key")
        } else {
            None
        }
    }

    /// The product of the key in `Authorization: Bearer <key>`.
    ///
    /// # Errors
    /// 401 when there is none, whatever the reason.
    pub fn find(&self, headers: &HeaderMap) -> Result<Arc<Source>, Refusal> {
        headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .and_then(|(_, key)| self.by_key(key.trim()))
            .ok_or_else(Refusal::unknown_key)
    }

    /// Compares with every key, in constant time, so that the time taken says nothing about any of them.
    fn by_key(&self, key: &str) -> Option<Arc<Source>> {
        let hash: [u8; 32] = Sha256::digest(key).into();
        let mut found = None;
        for source in &self.0 {
            if bool::from(source.key_hash.ct_eq(&hash)) {
                found = Some(Arc::clone(source));
            }
        }
        found
    }
}
