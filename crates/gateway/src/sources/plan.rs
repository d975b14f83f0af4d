//! A probe, ready to run: addresses and selectors read once, metrics tied to their series.

use url::Url;
use watchfloor_wire::id::{CheckId, SeriesId};

use super::prometheus::Selector;
use crate::config::catalogue::{DAYS_LEFT, LATENCY_MS, built_in, check_id, series_id};
use crate::config::probe::{ProbeConfig, ProbeKind, ProbeMetricConfig};
use crate::config::product::ProductConfig;
use crate::ingest::redact::keys::SecretKeys;

/// A probe, ready to run.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its settings as written.
    pub config: ProbeConfig,
    /// Whom it asks.
    pub url: Url,
    /// The checks it feeds, in the order of the settings; at least one.
    pub checks: Vec<CheckId>,
    /// What it measures.
    pub metrics: Vec<MetricPlan>,
    /// What the product keeps secret.
    pub secrets: SecretKeys,
}

/// One number that a probe yields.
#[derive(Clone, Debug)]
pub struct MetricPlan {
    /// Its check, as a position in [`Probe::checks`].
    pub check: usize,
    /// Its series.
    pub series: SeriesId,
    /// Where it comes from.
    pub source: MetricSource,
    /// Multiplied in.
    pub scale: f64,
}

/// Where a number comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricSource {
    /// How long the round took.
    Latency,
    /// How long the certificate lasts.
    DaysLeft,
    /// A place in a JSON answer.
    Pointer(String),
    /// Samples of a Prometheus page, as they are.
    Gauge(Selector),
    /// Their growth a second.
    Rate(Selector),
    /// Their growth over that of others.
    Ratio(Selector, Selector),
}

impl Probe {
    /// Makes a product's probe ready.
    ///
    /// # Errors
    /// What is wrong; checked configurations have nothing wrong.
    pub fn new(product: &ProductConfig, config: &ProbeConfig) -> Result<Self, String> {
        let url = Url::parse(&config.url).map_err(|error| format!("{}: {error}", config.url))?;
        let Some(first) = config.checks.first() else {
            return Err(format!("{}: the probe feeds no check", config.url));
        };
        let metrics = config.metrics.iter();
        let mut metrics = metrics
            .map(|metric| planned(product, config, metric))
            .collect::<Result<Vec<_>, _>>()?;
        for (name, _) in built_in(config.kind) {
            let series = series_id(&product.id, &first.name, name);
            if !metrics.iter().any(|metric| metric.series == series) {
                metrics.push(MetricPlan {
                    check: 0,
                    series,
                    source: measured(name)?,
                    scale: 1.0,
                });
            }
        }
        let checks = config.checks.iter();
        Ok(Self {
            url,
            checks: checks
                .map(|check| check_id(&product.id, &check.name))
                .collect(),
            metrics,
            secrets: SecretKeys::new(&product.redact_keys),
            config: config.clone(),
        })
    }

    /// Whether the answer must be read as JSON.
    #[must_use]
    pub fn reads_json(&self) -> bool {
        let checks = self.config.checks.iter();
        self.config.timestamp.is_some()
            || checks
                .into_iter()
                .any(|check| check.status.is_some() || !check.required.is_empty())
            || self
                .metrics
                .iter()
                .any(|it| matches!(it.source, MetricSource::Pointer(_)))
    }

    /// The counters whose growth is wanted.
    pub fn counters(&self) -> impl Iterator<Item = &Selector> {
        self.metrics.iter().flat_map(|metric| {
            let (one, other) = match &metric.source {
                MetricSource::Rate(counter) => (Some(counter), None),
                MetricSource::Ratio(counter, over) => (Some(counter), Some(over)),
                _ => (None, None),
            };
            one.into_iter().chain(other)
        })
    }
}

fn planned(
    product: &ProductConfig,
    config: &ProbeConfig,
    metric: &ProbeMetricConfig,
) -> Result<MetricPlan, String> {
    let mut checks = config.checks.iter();
    let check = checks
        .position(|check| check.name == metric.check)
        .ok_or_else(|| format!("{}: no check `{}`", config.url, metric.check))?;
    Ok(MetricPlan {
        check,
        series: series_id(&product.id, &metric.check, &metric.name),
        source: source(config.kind, metric)?,
        scale: metric.scale,
    })
}

fn source(kind: ProbeKind, metric: &ProbeMetricConfig) -> Result<MetricSource, String> {
    let Some(from) = &metric.from else {
        return measured(&metric.name);
    };
    if kind != ProbeKind::Prometheus {
        return Ok(MetricSource::Pointer(from.clone()));
    }
    let counter: Selector = from.parse()?;
    Ok(match &metric.over {
        Some(over) => MetricSource::Ratio(counter, over.parse()?),
        None if metric.rate => MetricSource::Rate(counter),
        None => MetricSource::Gauge(counter),
    })
}

fn measured(name: &str) -> Result<MetricSource, String> {
    match name {
        LATENCY_MS => Ok(MetricSource::Latency),
        DAYS_LEFT => Ok(MetricSource::DaysLeft),
        _ => Err(format!("no probe measures `{name}` by itself")),
    }
}
