//! From observations to status: windows, rules, alerts, checks, products, targets, uptime. Pure: no clock, no
//! storage, no threads; time comes in with each call.
//!
//! Reading order: [`catalogue`] says what is watched, [`observe`] takes observations in, [`judge`] turns rules into
//! alerts ([`alert`], [`flapping`], [`show`]) and alerts into statuses, [`tick`] does what time alone does.

pub mod alert;
pub mod catalogue;
pub mod check;
pub mod dirty;
pub mod errors;
pub mod flapping;
pub mod format;
mod judge;
mod observe;
mod restore;
pub mod rule;
mod show;
pub mod target;
#[cfg(test)]
pub(crate) mod tests;
mod tick;
pub mod uptime;
pub mod window;
mod wording;

pub use restore::Since;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::deploy::Deploy;
use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::error_group::ErrorGroup;
use watchfloor_wire::id::{
    CheckId, DeployId, ErrorGroupId, Fingerprint, IncidentId, ProductId, SeriesId, TargetId,
};
use watchfloor_wire::product::Product;
use watchfloor_wire::series::Reading;
use watchfloor_wire::time::UnixMs;

use alert::Life;
use catalogue::Catalogue;
use check::CheckState;
use dirty::Dirty;
use target::TargetState;
use uptime::UptimeState;
use window::Window;

/// What evaluation tells its caller.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Entities that changed.
    pub dirty: Dirty,
    /// What incidents must hear of, in order.
    pub news: Vec<News>,
}

/// What incidents must hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// An alert began to fire, or fires worse than before.
    Fired(Fingerprint),
    /// A firing alert ended.
    Ended(Fingerprint),
    /// An alert turns again and again; it is held firing from now on.
    Flapping(Fingerprint),
    /// An alert that flapped is quiet, and fires on.
    Calmed(Fingerprint),
    /// A deploy took place.
    Deployed(DeployId),
}

/// Everything that evaluation knows.
#[derive(Debug)]
pub struct Evaluator {
    catalogue: Catalogue,
    started_at: UnixMs,
    products: BTreeMap<ProductId, Product>,
    checks: BTreeMap<CheckId, CheckState>,
    windows: HashMap<SeriesId, Window>,
    alerts: BTreeMap<Fingerprint, AlertRecord>,
    /// What is remembered of each rule's alert, in the catalogue's order.
    lives: Vec<Life>,
    readings: BTreeMap<SeriesId, Reading>,
    targets: BTreeMap<TargetId, TargetState>,
    uptime: BTreeMap<ProductId, UptimeState>,
    errors: BTreeMap<ErrorGroupId, ErrorGroup>,
    deploys: BTreeMap<DeployId, Deploy>,
    rules_of: HashMap<CheckId, Vec<usize>>,
    targets_of: HashMap<SeriesId, Vec<TargetId>>,
    /// Products whose roll-up must be worked out again.
    touched: BTreeSet<ProductId>,
    /// Checks that a maintenance window covers now, and until when; counts in the uptime alone.
    maintained: BTreeMap<CheckId, UnixMs>,
    due: tick::Due,
}

/// An alert with what evaluation remembers of it.
#[derive(Clone, Debug)]
struct AlertRecord {
    entity: Alert,
    /// When its text was last brought up to date, or when it ended.
    touched_at: UnixMs,
}

impl Evaluator {
    /// The entity as it is now; `None` when it is gone, or of a kind that is not evaluation's.
    #[must_use]
    pub fn entity(&self, key: &Key) -> Option<Entity> {
        let id = key.id();
        match key.kind()? {
            Kind::Product => self
                .products
                .get(&ProductId::from(id))
                .map(|it| Entity::Product(it.clone())),
            Kind::Check => self
                .checks
                .get(&CheckId::from(id))
                .map(|it| Entity::Check(it.entity.clone())),
            Kind::Alert => self
                .alert(&Fingerprint::from(id))
                .map(|it| Entity::Alert(it.clone())),
            Kind::Error => self
                .errors
                .get(&ErrorGroupId::from(id))
                .map(|it| Entity::Error(it.clone())),
            Kind::Target => self
                .targets
                .get(&TargetId::from(id))
                .map(|it| Entity::Target(it.entity.clone())),
            Kind::Deploy => self
                .deploy(&DeployId::from(id))
                .map(|it| Entity::Deploy(it.clone())),
            Kind::Uptime => self
                .uptime
                .get(&ProductId::from(id))
                .map(|it| Entity::Uptime(it.entity.clone())),
            Kind::Reading => self
                .readings
                .get(&SeriesId::from(id))
                .map(|it| Entity::Reading(it.clone())),
            Kind::Incident | Kind::Silence => None,
        }
    }

    /// The alert with this identity.
    #[must_use]
    pub fn alert(&self, fingerprint: &Fingerprint) -> Option<&Alert> {
        self.alerts.get(fingerprint).map(|it| &it.entity)
    }

    /// The deploy of this name.
    #[must_use]
    pub fn deploy(&self, id: &DeployId) -> Option<&Deploy> {
        self.deploys.get(id)
    }

    /// Alerts that fire.
    pub fn firing(&self) -> impl Iterator<Item = &Alert> {
        self.alerts
            .values()
            .map(|it| &it.entity)
            .filter(|it| it.state == AlertState::Firing)
    }

    /// Says which checks a maintenance window covers from now on, and until when. Their statuses stay what is observed;
    /// their products say when the work ends.
    pub fn maintain(&mut self, checks: BTreeMap<CheckId, UnixMs>, out: &mut Output) {
        // After a restart products still say what they said before it.
        if self.maintained == checks && checks.is_empty() != self.announces_work() {
            return;
        }
        self.maintained = checks;
        for (id, product) in &mut self.products {
            let own = self.maintained.iter().filter(|(check, _)| {
                let check = self.checks.get(*check);
                check.is_some_and(|it| it.entity.product == *id)
            });
            let until = own.map(|(_, until)| *until).max();
            if product.maintenance_until != until {
                product.maintenance_until = until;
                out.dirty.quiet(Key::new(Kind::Product, id));
            }
        }
    }

    fn announces_work(&self) -> bool {
        let mut products = self.products.values();
        products.any(|it| it.maintenance_until.is_some())
    }

    /// Notes on the alert which incident it opened or joined.
    pub fn link(&mut self, fingerprint: &Fingerprint, incident: IncidentId, out: &mut Output) {
        if let Some(record) = self.alerts.get_mut(fingerprint) {
            record.entity.incident = Some(incident);
            out.dirty.urgent(Key::new(Kind::Alert, fingerprint));
        }
    }

    /// The alert went to another incident, which is stored already.
    pub fn relink(&mut self, fingerprint: &Fingerprint, incident: IncidentId) {
        if let Some(record) = self.alerts.get_mut(fingerprint) {
            record.entity.incident = Some(incident);
        }
    }

    /// The title of an incident that this alert opens, and the chart that shows it best.
    #[must_use]
    pub fn headline(&self, alert: &Alert) -> (String, Option<SeriesId>) {
        let check = alert.check.as_ref().and_then(|id| self.checks.get(id));
        let rule = self.catalogue.rule(&alert.fingerprint);
        let title = match (rule, check) {
            // The product comes first: incidents of all products stand in one list, and on the wall.
            (Some(rule), Some(check)) => {
                let about = format!("{} {}", self.product_name(alert), check.entity.name);
                rule.title(alert.severity, &about)
            }
            _ => format!("{}: {}", self.product_name(alert), alert.summary),
        };
        let series = rule
            .and_then(|rule| rule.series().cloned())
            .or_else(|| check.and_then(|it| it.entity.series.clone()));
        (title, series)
    }

    fn product_name<'a>(&'a self, alert: &'a Alert) -> &'a str {
        let product = self.products.get(&alert.product);
        product.map_or(alert.product.as_str(), |it| it.name.as_str())
    }

    /// True when the series is one that products send in.
    #[must_use]
    pub fn is_pushed(&self, series: &SeriesId) -> bool {
        self.catalogue
            .series
            .get(series)
            .is_some_and(|spec| spec.pushed)
    }
}
