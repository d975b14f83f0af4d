//! Every check and every series that the configuration makes, with what it takes to read its values.

use std::collections::BTreeMap;

use watchfloor_wire::freshness::validity_ms;
use watchfloor_wire::id::{CheckId, ProductId, SeriesId};
use watchfloor_wire::series::{Statistic, Unit};

use super::probe::{ProbeConfig, ProbeKind};
use super::product::{ProductConfig, PushedConfig};

/// How late a pushed point may be, in milliseconds, besides two of its intervals.
const PUSH_GRACE_MS: i64 = 5_000;

/// The metric that each probe measures by itself, in milliseconds.
pub const LATENCY_MS: &str = "latency_ms";
/// The metric that a `tls` probe measures by itself, in days.
pub const DAYS_LEFT: &str = "days_left";

/// Whether points come by asking or by being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The gateway asks.
    Probed,
    /// The product sends.
    Pushed,
}

/// One check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckEntry {
    /// Its name in keys and addresses.
    pub id: CheckId,
    /// The product.
    pub product: ProductId,
    /// Its name for people.
    pub title: String,
    /// Whether it is asked for or sent in. A check with both is asked for.
    pub origin: Origin,
    /// How often a result is expected, in milliseconds.
    pub interval_ms: i64,
    /// How long a result may be believed, in milliseconds.
    pub validity_ms: i64,
    /// The series of the value on its tile; `None` when it has none.
    pub headline: Option<SeriesId>,
}

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesEntry {
    /// Its name in keys and addresses.
    pub id: SeriesId,
    /// The product.
    pub product: ProductId,
    /// The check that it belongs to.
    pub check: CheckId,
    /// The metric: the last part of its name.
    pub metric: String,
    /// Whether its points are asked for or sent in.
    pub origin: Origin,
    /// The unit of its values.
    pub unit: Unit,
    /// Which statistic the source says it is; `None` when it does not say.
    pub statistic: Option<Statistic>,
    /// What it counts, for the tile.
    pub label: Option<String>,
    /// Whether it is the value on its check's tile.
    pub headline: bool,
    /// How far apart two points normally are, in milliseconds.
    pub step_ms: i64,
    /// How long a point may be believed, in milliseconds.
    pub validity_ms: i64,
}

/// Every check and series, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    checks: BTreeMap<CheckId, CheckEntry>,
    series: BTreeMap<SeriesId, SeriesEntry>,
}

/// The id of a product's check.
#[must_use]
pub fn check_id(product: &str, check: &str) -> CheckId {
    CheckId(format!("{product}.{check}"))
}

/// The id of the series of a check's metric.
#[must_use]
pub fn series_id(product: &str, check: &str, metric: &str) -> SeriesId {
    SeriesId(format!("{product}.{check}.{metric}"))
}

impl Catalogue {
    /// What these products make. Of two things with one name the first counts; checking refuses such
    /// configurations.
    #[must_use]
    pub fn new<'a>(products: impl IntoIterator<Item = &'a ProductConfig>) -> Self {
        let mut catalogue = Self::default();
        for product in products {
            for probe in &product.probes {
                catalogue.add_probe(product, probe);
            }
            for pushed in &product.pushed {
                catalogue.add_pushed(product, pushed);
            }
        }
        catalogue.set_headlines();
        catalogue
    }

    /// A check; `None` when nothing makes it.
    #[must_use]
    pub fn check(&self, id: &CheckId) -> Option<&CheckEntry> {
        self.checks.get(id)
    }

    /// A series; `None` when nothing makes it.
    #[must_use]
    pub fn series(&self, id: &SeriesId) -> Option<&SeriesEntry> {
        self.series.get(id)
    }

    /// All checks.
    pub fn checks(&self) -> impl Iterator<Item = &CheckEntry> {
        self.checks.values()
    }

    /// All series.
    pub fn all_series(&self) -> impl Iterator<Item = &SeriesEntry> {
        self.series.values()
    }

    /// The metrics of one check.
    pub fn series_of<'a>(&'a self, check: &'a CheckId) -> impl Iterator<Item = &'a SeriesEntry> {
        self.series.values().filter(move |it| it.check == *check)
    }

    fn add_probe(&mut self, product: &ProductConfig, probe: &ProbeConfig) {
        let interval_ms = probe.interval.ms;
        let validity_ms = validity_ms(interval_ms, probe.timeout.ms);
        for check in &probe.checks {
            self.add_check(CheckEntry {
                id: check_id(&product.id, &check.name),
                product: ProductId(product.id.clone()),
                title: check.title.clone(),
                origin: Origin::Probed,
                interval_ms,
                validity_ms,
                headline: None,
            });
        }
        for metric in &probe.metrics {
            self.add_series(SeriesEntry {
                statistic: metric.statistic,
                label: metric.label.clone(),
                headline: metric.headline,
                step_ms: interval_ms,
                validity_ms,
                ..plain(product, &metric.check, &metric.name, metric.unit)
            });
        }
        let Some(first) = probe.checks.first() else {
            return;
        };
        for (name, unit) in built_in(probe.kind) {
            self.add_series(SeriesEntry {
                step_ms: interval_ms,
                validity_ms,
                ..plain(product, &first.name, name, *unit)
            });
        }
    }

    fn add_pushed(&mut self, product: &ProductConfig, pushed: &PushedConfig) {
        let interval_ms = pushed.every.ms;
        let validity_ms = validity_ms(interval_ms, PUSH_GRACE_MS);
        self.add_check(CheckEntry {
            id: check_id(&product.id, &pushed.check),
            product: ProductId(product.id.clone()),
            title: pushed.title.clone().unwrap_or_else(|| pushed.check.clone()),
            origin: Origin::Pushed,
            interval_ms,
            validity_ms,
            headline: None,
        });
        self.add_series(SeriesEntry {
            origin: Origin::Pushed,
            statistic: pushed.statistic,
            headline: pushed.headline,
            step_ms: interval_ms,
            validity_ms,
            ..plain(product, &pushed.check, &pushed.metric, pushed.unit)
        });
    }

    fn add_check(&mut self, entry: CheckEntry) {
        self.checks.entry(entry.id.clone()).or_insert(entry);
    }

    fn add_series(&mut self, entry: SeriesEntry) {
        self.series.entry(entry.id.clone()).or_insert(entry);
    }

    fn set_headlines(&mut self) {
        for series in self.series.values().filter(|it| it.headline) {
            if let Some(check) = self.checks.get_mut(&series.check) {
                check.headline.get_or_insert_with(|| series.id.clone());
            }
        }
    }
}

fn plain(product: &ProductConfig, check: &str, metric: &str, unit: Unit) -> SeriesEntry {
    SeriesEntry {
        id: series_id(&product.id, check, metric),
        product: ProductId(product.id.clone()),
        check: check_id(&product.id, check),
        metric: metric.to_owned(),
        origin: Origin::Probed,
        unit,
        statistic: None,
        label: None,
        headline: false,
        step_ms: 0,
        validity_ms: 0,
    }
}

/// What a probe of this kind measures by itself for its first check.
#[must_use]
pub const fn built_in(kind: ProbeKind) -> &'static [(&'static str, Unit)] {
    match kind {
        ProbeKind::Tls => &[(LATENCY_MS, Unit::Ms), (DAYS_LEFT, Unit::Days)],
        _ => &[(LATENCY_MS, Unit::Ms)],
    }
}
