//! What is watched, worked out from the configuration: checks, series, rules and targets with their keys, units and
//! spans in place.

use std::collections::BTreeMap;

use watchfloor_wire::freshness::validity_ms;
use watchfloor_wire::id::{CheckId, Fingerprint, ProductId, SeriesId};
use watchfloor_wire::product::ChartSpec;
use watchfloor_wire::series::{Statistic, Unit};

use super::rule::RuleSpec;
use super::target::TargetSpec;
use crate::config::probe::{ProbeConfig, ProbeKind};
use crate::config::product::PushedConfig;
use crate::config::rule::RuleConfig;
use crate::config::{Config, ProductConfig};

/// Everything that is watched.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Products, in the configured order.
    pub products: Vec<ProductSpec>,
    /// Checks by id.
    pub checks: BTreeMap<CheckId, CheckSpec>,
    /// Series by id.
    pub series: BTreeMap<SeriesId, SeriesSpec>,
    /// Rules, one for each check that they judge.
    pub rules: Vec<RuleSpec>,
    /// Targets.
    pub targets: Vec<TargetSpec>,
}

/// A product.
#[derive(Clone, Debug)]
pub struct ProductSpec {
    /// Its id.
    pub id: ProductId,
    /// Its name for people.
    pub name: String,
    /// The promised uptime, 0 to 1.
    pub uptime_target_ratio: Option<f64>,
    /// What the overview draws.
    pub charts: Vec<ChartSpec>,
}

/// A check.
#[derive(Clone, Debug)]
pub struct CheckSpec {
    /// Its product.
    pub product: ProductId,
    /// Its name for people.
    pub title: String,
    /// How often it is probed or told, in milliseconds.
    pub interval_ms: i64,
    /// How long a result is believed, in milliseconds.
    pub validity_ms: i64,
    /// The series on its tile.
    pub headline: Option<SeriesId>,
    /// True when nothing probes it: points that come in are its results.
    pub pushed_only: bool,
}

/// A series.
#[derive(Clone, Debug)]
pub struct SeriesSpec {
    /// Its check.
    pub check: CheckId,
    /// Its name for people: its chart's title, else made from the metric's name.
    pub title: String,
    /// Its unit.
    pub unit: Unit,
    /// Which statistic its values are.
    pub statistic: Option<Statistic>,
    /// What it counts.
    pub label: Option<String>,
    /// How long a value is believed, in milliseconds.
    pub validity_ms: i64,
    /// True when products send it in.
    pub pushed: bool,
    /// How long its values are kept for rules, in milliseconds.
    pub window_ms: i64,
    /// Whether the overview draws it.
    pub charted: bool,
}

/// A pushed point may be this late, in milliseconds, on top of two intervals.
const PUSHED_SLACK_MS: i64 = 5_000;

impl Catalogue {
    /// Works out what is watched.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let mut catalogue = Self::default();
        for product in &config.products {
            for probe in &product.probes {
                catalogue.add_probe(product, probe);
            }
            for pushed in &product.pushed {
                catalogue.add_pushed(product, pushed);
            }
            catalogue.add_product(product);
            for rule in &product.rules {
                catalogue.add_rule(product, rule);
            }
            for target in &product.targets {
                let spec = TargetSpec::new(&product.id, target, &catalogue.series);
                catalogue.targets.push(spec);
            }
        }
        catalogue
    }

    fn add_probe(&mut self, product: &ProductConfig, probe: &ProbeConfig) {
        let validity_ms = validity_ms(probe.interval.ms, probe.timeout.ms);
        for check in &probe.checks {
            self.checks.insert(
                check_id(&product.id, &check.name),
                CheckSpec {
                    product: ProductId::from(product.id.as_str()),
                    title: check.title.clone(),
                    interval_ms: probe.interval.ms,
                    validity_ms,
                    headline: None,
                    pushed_only: false,
                },
            );
        }
        self.add_own_metrics(product, probe, validity_ms);
        for metric in &probe.metrics {
            let check = check_id(&product.id, &metric.check);
            let id = series_id(&product.id, &metric.check, &metric.name);
            self.series.insert(
                id.clone(),
                SeriesSpec {
                    check: check.clone(),
                    title: words(&metric.name),
                    unit: metric.unit,
                    statistic: metric.statistic,
                    label: metric.label.clone(),
                    validity_ms,
                    pushed: false,
                    window_ms: 0,
                    charted: false,
                },
            );
            if metric.headline {
                self.set_headline(&check, id);
            }
        }
    }

    /// What each probe measures by itself, for its first check.
    fn add_own_metrics(&mut self, product: &ProductConfig, probe: &ProbeConfig, validity_ms: i64) {
        let Some(first) = probe.checks.first() else {
            return;
        };
        let check = check_id(&product.id, &first.name);
        let mut own = vec![("latency_ms", Unit::Ms)];
        if probe.kind == ProbeKind::Tls {
            own.push(("days_left", Unit::Days));
        }
        for (name, unit) in own {
            let id = series_id(&product.id, &first.name, name);
            self.series.insert(
                id.clone(),
                SeriesSpec {
                    check: check.clone(),
                    title: words(name),
                    unit,
                    statistic: None,
                    label: None,
                    validity_ms,
                    pushed: false,
                    window_ms: 0,
                    charted: false,
                },
            );
            self.set_headline(&check, id);
        }
    }

    fn add_pushed(&mut self, product: &ProductConfig, pushed: &PushedConfig) {
        let check = check_id(&product.id, &pushed.check);
        let validity_ms = validity_ms(pushed.every.ms, PUSHED_SLACK_MS);
        let spec = self.checks.entry(check.clone()).or_insert_with(|| CheckSpec {
            product: ProductId::from(product.id.as_str()),
            title: pushed.check.clone(),
            interval_ms: pushed.every.ms,
            validity_ms,
            headline: None,
            pushed_only: true,
        });
        if spec.pushed_only {
            spec.interval_ms = spec.interval_ms.min(pushed.every.ms);
            if let Some(title) = &pushed.title {
                spec.title.clone_from(title);
            }
        }
        let id = series_id(&product.id, &pushed.check, &pushed.metric);
        if pushed.headline || (spec.pushed_only && spec.headline.is_none()) {
            spec.headline = Some(id.clone());
        }
        self.series.insert(
            id,
            SeriesSpec {
                check,
                title: words(&pushed.metric),
                unit: pushed.unit,
                statistic: pushed.statistic,
                label: None,
                validity_ms,
                pushed: true,
                window_ms: 0,
                charted: false,
            },
        );
    }

    fn add_product(&mut self, product: &ProductConfig) {
        let mut charts = Vec::new();
        for chart in &product.charts {
            let id = series_id(&product.id, &chart.check, &chart.metric);
            // Checked when the configuration is loaded; a chart of nothing is left out rather than guessed at.
            let Some(series) = self.series.get_mut(&id) else {
                continue;
            };
            series.charted = true;
            series.title.clone_from(&chart.title);
            charts.push(ChartSpec {
                kind: chart.kind,
                series: id,
                title: chart.title.clone(),
                note: chart.note.clone(),
                unit: series.unit,
                statistic: series.statistic,
                levels: chart.levels,
            });
        }
        self.products.push(ProductSpec {
            id: ProductId::from(product.id.as_str()),
            name: product.name.clone(),
            uptime_target_ratio: product.uptime_target_ratio,
            charts,
        });
    }

    fn add_rule(&mut self, product: &ProductConfig, rule: &RuleConfig) {
        let of_product = ProductId::from(product.id.as_str());
        let named = check_id(&product.id, &rule.check);
        let checks: Vec<CheckId> = self
            .checks
            .iter()
            .filter(|(id, spec)| {
                spec.product == of_product && (rule.check == "*" || **id == named)
            })
            .map(|(id, _)| id.clone())
            .collect();
        for check in checks {
            let series = rule
                .metric
                .as_ref()
                .map(|metric| SeriesId::from(format!("{check}.{metric}")));
            if let Some(spec) = series.as_ref().and_then(|id| self.series.get_mut(id)) {
                spec.window_ms = spec.window_ms.max(rule.window.ms);
            }
            let known = series.filter(|id| self.series.contains_key(id));
            self.rules.extend(RuleSpec::new(
                rule,
                &of_product,
                check,
                known,
                &self.series,
            ));
        }
    }

    fn set_headline(&mut self, check: &CheckId, series: SeriesId) {
        if let Some(spec) = self.checks.get_mut(check) {
            spec.headline = Some(series);
        }
    }

    /// The rule behind an alert.
    #[must_use]
    pub fn rule(&self, fingerprint: &Fingerprint) -> Option<&RuleSpec> {
        self.rules.iter().find(|rule| rule.fingerprint == *fingerprint)
    }
}

fn check_id(product: &str, check: &str) -> CheckId {
    CheckId::from(format!("{product}.{check}"))
}

fn series_id(product: &str, check: &str, metric: &str) -> SeriesId {
    SeriesId::from(format!("{product}.{check}.{metric}"))
}

/// A metric's name for people: `error_ratio` is "Error ratio"; the unit is said with the value.
fn words(metric: &str) -> String {
    let stem = ["_ms", "_bytes", "_per_s"]
        .iter()
        .find_map(|suffix| metric.strip_suffix(suffix))
        .unwrap_or(metric);
    let spaced = stem.replace(['_', '-'], " ");
    let mut letters = spaced.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => spaced,
    }
}
