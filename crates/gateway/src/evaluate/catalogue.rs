//! What is watched, worked out from the configuration: checks, series, rules and targets with their keys, units and
//! spans in place.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use watchfloor_wire::id::{CheckId, Fingerprint, ProductId, SeriesId};
use watchfloor_wire::lease::AcknowledgePolicy;
use watchfloor_wire::product::ChartSpec;
use watchfloor_wire::series::{Statistic, Unit};

use super::rule::RuleSpec;
use super::target::TargetSpec;
use crate::config::catalogue::{
    CheckEntry, DAYS_LEFT, LATENCY_MS, Origin, SeriesEntry, check_id, series_id,
};
use crate::config::rule::RuleConfig;
use crate::config::{self, Config, ProductConfig};

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
    pub rules: Vec<Arc<RuleSpec>>,
    /// Targets.
    pub targets: Vec<TargetSpec>,
    rule_of: HashMap<Fingerprint, usize>,
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
    /// What it asks of those who acknowledge; `None`: the usual.
    pub acknowledge: Option<AcknowledgePolicy>,
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

impl Catalogue {
    /// Works out what is watched.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let known = config.catalogue();
        let mut catalogue = Self {
            series: known
                .all_series()
                .map(|entry| (entry.id.clone(), SeriesSpec::new(entry)))
                .collect(),
            checks: known
                .checks()
                .map(|entry| (entry.id.clone(), CheckSpec::new(entry, &known)))
                .collect(),
            ..Self::default()
        };
        for product in &config.products {
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
            acknowledge: product.acknowledge_policy(),
            charts,
        });
    }

    fn add_rule(&mut self, product: &ProductConfig, rule: &RuleConfig) {
        let of_product = ProductId::from(product.id.as_str());
        let named = check_id(&product.id, &rule.check);
        let checks: Vec<CheckId> = self
            .checks
            .iter()
            .filter(|(id, spec)| spec.product == of_product && (rule.check == "*" || **id == named))
            .map(|(id, _)| id.clone())
            .collect();
        for check in checks {
            for metric in rule.metric.iter().chain(&rule.of) {
                let series = SeriesId::from(format!("{check}.{metric}"));
                if let Some(spec) = self.series.get_mut(&series) {
                    spec.window_ms = spec.window_ms.max(rule.window.ms);
                }
            }
            let flapping = product.flapping;
            if let Some(spec) = RuleSpec::new(rule, &of_product, check, flapping, &self.series) {
                self.rule_of
                    .insert(spec.fingerprint.clone(), self.rules.len());
                self.rules.push(Arc::new(spec));
            }
        }
    }

    /// The rule behind an alert.
    #[must_use]
    pub fn rule(&self, fingerprint: &Fingerprint) -> Option<&RuleSpec> {
        let index = self.rule_index(fingerprint)?;
        self.rules.get(index).map(AsRef::as_ref)
    }

    /// The place of the rule behind an alert among all rules.
    #[must_use]
    pub fn rule_index(&self, fingerprint: &Fingerprint) -> Option<usize> {
        self.rule_of.get(fingerprint).copied()
    }
}

impl CheckSpec {
    /// Without a configured headline the tile shows what the probe measures by itself, or the only thing that is
    /// sent in.
    fn new(entry: &CheckEntry, known: &config::Catalogue) -> Self {
        let own = [DAYS_LEFT, LATENCY_MS].map(|metric| SeriesId(format!("{}.{metric}", entry.id)));
        let pushed_only = entry.origin == Origin::Pushed;
        let headline = entry
            .headline
            .clone()
            .or_else(|| own.into_iter().find(|id| known.series(id).is_some()))
            .or_else(|| {
                let first = known.series_of(&entry.id).next();
                first.filter(|_| pushed_only).map(|it| it.id.clone())
            });
        Self {
            product: entry.product.clone(),
            title: entry.title.clone(),
            interval_ms: entry.interval_ms,
            validity_ms: entry.validity_ms,
            headline,
            pushed_only,
        }
    }
}

impl SeriesSpec {
    fn new(entry: &SeriesEntry) -> Self {
        Self {
            check: entry.check.clone(),
            title: words(&entry.metric),
            unit: entry.unit,
            statistic: entry.statistic,
            label: entry.label.clone(),
            validity_ms: entry.validity_ms,
            pushed: entry.origin == Origin::Pushed,
            window_ms: 0,
            charted: false,
        }
    }
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
