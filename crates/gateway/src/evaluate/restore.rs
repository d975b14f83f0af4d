//! Starting: what was stored, under today's configuration.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use watchfloor_wire::alert::Alert;
use watchfloor_wire::check::Check;
use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::freshness::rollup;
use watchfloor_wire::id::{CheckId, ProductId, SeriesId, TargetId};
use watchfloor_wire::product::Product;
use watchfloor_wire::series::Reading;
use watchfloor_wire::status::Status;
use watchfloor_wire::target::Target;
use watchfloor_wire::time::{MINUTE_MS, UnixMs};
use watchfloor_wire::uptime::Uptime;

use super::alert::Life;
use super::catalogue::{Catalogue, ProductSpec};
use super::check::CheckState;
use super::rule::RuleSpec;
use super::target::TargetState;
use super::tick::Due;
use super::uptime::UptimeState;
use super::window::Window;
use super::{AlertRecord, Evaluator, Output};

/// What lies between what was stored and now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// The wall clock now.
    pub now: UnixMs,
    /// By how much it was set back meanwhile, in milliseconds; 0 when it was not, or nobody can tell.
    pub set_back_ms: i64,
}

/// What was stored, by kind.
#[derive(Default)]
struct Stored {
    products: BTreeMap<ProductId, Product>,
    checks: BTreeMap<CheckId, Check>,
    alerts: Vec<Alert>,
    readings: BTreeMap<SeriesId, Reading>,
    targets: BTreeMap<TargetId, Target>,
    uptime: BTreeMap<ProductId, Uptime>,
}

impl Evaluator {
    /// Begins with what was stored. Whatever the configuration no longer names is deleted; whatever it newly names
    /// begins unknown. Both are in `out`.
    #[must_use]
    pub fn new(catalogue: Catalogue, stored: Vec<Entity>, since: Since, out: &mut Output) -> Self {
        let now = since.now;
        let before: BTreeMap<Key, Entity> =
            stored.iter().map(|it| (it.key(), it.clone())).collect();
        let mut evaluator = Self::empty(catalogue, now);
        let stored = evaluator.sort(stored);
        evaluator.restore_products(&stored, now);
        evaluator.restore_checks(stored.checks, since);
        evaluator.restore_alerts(stored.alerts, now);
        evaluator.restore_rest(stored.readings, &stored.targets, now);
        if since.set_back_ms > 0 {
            evaluator.clock_was_set_back(since.set_back_ms, now, out);
        }
        evaluator.mark_differences(&before, out);
        evaluator.touched = evaluator.products.keys().cloned().collect();
        evaluator.settle_products(now, out);
        evaluator
    }

    fn empty(catalogue: Catalogue, now: UnixMs) -> Self {
        let mut rules_of: HashMap<CheckId, Vec<usize>> = HashMap::new();
        for (index, rule) in catalogue.rules.iter().enumerate() {
            rules_of.entry(rule.check.clone()).or_default().push(index);
        }
        Self {
            started_at: now,
            products: BTreeMap::new(),
            checks: BTreeMap::new(),
            windows: catalogue
                .series
                .iter()
                .map(|(id, spec)| (id.clone(), Window::new(spec.window_ms.max(MINUTE_MS))))
                .collect(),
            alerts: BTreeMap::new(),
            lives: vec![Life::default(); catalogue.rules.len()],
            readings: BTreeMap::new(),
            targets: BTreeMap::new(),
            uptime: BTreeMap::new(),
            errors: BTreeMap::new(),
            deploys: BTreeMap::new(),
            rules_of,
            targets_of: HashMap::new(),
            touched: BTreeSet::new(),
            maintained: BTreeMap::new(),
            due: Due::starting_at(now),
            catalogue,
        }
    }

    /// Sorts by kind. Errors and deploys of configured products are taken as they are.
    fn sort(&mut self, stored: Vec<Entity>) -> Stored {
        let known: BTreeSet<ProductId> = self
            .catalogue
            .products
            .iter()
            .map(|it| it.id.clone())
            .collect();
        let mut sorted = Stored::default();
        for entity in stored {
            match entity {
                Entity::Product(it) => drop(sorted.products.insert(it.id.clone(), it)),
                Entity::Check(it) => drop(sorted.checks.insert(it.id.clone(), it)),
                Entity::Alert(it) => sorted.alerts.push(it),
                Entity::Reading(it) => drop(sorted.readings.insert(it.series.clone(), it)),
                Entity::Target(it) => drop(sorted.targets.insert(it.id.clone(), it)),
                Entity::Uptime(it) => drop(sorted.uptime.insert(it.product.clone(), it)),
                Entity::Error(it) if known.contains(&it.product) => {
                    self.errors.insert(it.id.clone(), it);
                }
                Entity::Deploy(it) if known.contains(&it.product) => {
                    self.deploys.insert(it.id.clone(), it);
                }
                Entity::Error(_) | Entity::Deploy(_) | Entity::Incident(_) | Entity::Silence(_) => {
                }
            }
        }
        sorted
    }

    fn restore_products(&mut self, stored: &Stored, now: UnixMs) {
        for spec in &self.catalogue.products {
            let product = product(spec, stored.products.get(&spec.id), now);
            self.products.insert(spec.id.clone(), product);
            let before = stored.uptime.get(&spec.id).cloned();
            let uptime = UptimeState::new(&spec.id, spec.uptime_target_ratio, before, now);
            self.uptime.insert(spec.id.clone(), uptime);
        }
    }

    fn restore_checks(&mut self, mut stored: BTreeMap<CheckId, Check>, since: Since) {
        let now = since.now;
        // One result from the future says that the clock was set back meanwhile. By how much is not known then, and how
        // old any of them is neither.
        let is_from_the_future = stored.values().any(|it| it.observed_at > Some(now));
        let age_is_unknown = since.set_back_ms == 0 && is_from_the_future;
        for (id, spec) in &self.catalogue.checks {
            let state = match stored.remove(id) {
                Some(check) if age_is_unknown => CheckState::restored(outlived(check, now), spec),
                Some(check) => CheckState::restored(check, spec),
                None => CheckState::new(id, spec, now),
            };
            self.checks.insert(id.clone(), state);
        }
    }

    fn restore_alerts(&mut self, stored: Vec<Alert>, now: UnixMs) {
        for mut alert in stored {
            let Some(index) = self.catalogue.rule_index(&alert.fingerprint) else {
                continue;
            };
            let rule = &self.catalogue.rules[index];
            under_rule(&mut alert, rule);
            let level = rule.level_of(alert.severity);
            self.lives[index] = Life::restored(&alert, level, rule.levels.len());
            self.alerts.insert(
                alert.fingerprint.clone(),
                AlertRecord {
                    entity: alert,
                    touched_at: now,
                },
            );
        }
    }

    fn restore_rest(
        &mut self,
        readings: BTreeMap<SeriesId, Reading>,
        targets: &BTreeMap<TargetId, Target>,
        now: UnixMs,
    ) {
        let charted = |id: &SeriesId| self.catalogue.series.get(id).is_some_and(|it| it.charted);
        self.readings = readings.into_iter().filter(|(id, _)| charted(id)).collect();
        for spec in &self.catalogue.targets {
            let id = spec.blank.id.clone();
            self.targets_of
                .entry(spec.blank.series.clone())
                .or_default()
                .push(id.clone());
            let mut state = TargetState::new(spec, targets.get(&id));
            if state.entity.observed_at == UnixMs(0) {
                state.entity.observed_at = now;
                state.entity.valid_until = now;
            }
            self.targets.insert(id, state);
        }
    }

    /// Marks everything that is not as it was stored.
    fn mark_differences(&self, before: &BTreeMap<Key, Entity>, out: &mut Output) {
        let now_keys = self
            .products
            .keys()
            .map(|id| Key::new(Kind::Product, id))
            .chain(self.checks.keys().map(|id| Key::new(Kind::Check, id)))
            .chain(self.targets.keys().map(|id| Key::new(Kind::Target, id)))
            .chain(self.uptime.keys().map(|id| Key::new(Kind::Uptime, id)));
        for key in before.keys().cloned().chain(now_keys) {
            if key.kind() == Some(Kind::Incident) {
                continue;
            }
            if self.entity(&key).as_ref() != before.get(&key) {
                out.dirty.urgent(key);
            }
        }
    }

    /// Rolls up the products whose checks changed.
    pub fn settle_products(&mut self, now: UnixMs, out: &mut Output) {
        for id in std::mem::take(&mut self.touched) {
            let Some(product) = self.products.get_mut(&id) else {
                continue;
            };
            let checks = self
                .checks
                .values()
                .map(|it| &it.entity)
                .filter(|it| it.product == id);
            let rolled = rollup(product, checks, now);
            let key = Key::new(Kind::Product, &id);
            if product.status != rolled.status {
                out.dirty.urgent(key);
            } else if product.reason != rolled.reason || product.since != rolled.since {
                out.dirty.quiet(key);
            }
            product.status = rolled.status;
            product.reason = rolled.reason;
            product.since = rolled.since;
        }
    }
}

/// The check with a result that has passed its time, whenever it was found.
fn outlived(mut check: Check, now: UnixMs) -> Check {
    check.observed_at = check.observed_at.map(|at| at.min(now));
    check.valid_until = check.valid_until.map(|at| at.min(now.plus_ms(-1)));
    check
}

fn product(spec: &ProductSpec, before: Option<&Product>, now: UnixMs) -> Product {
    let mut product = before.cloned().unwrap_or_else(|| Product {
        id: spec.id.clone(),
        name: String::new(),
        status: Status::Unknown,
        reason: String::new(),
        since: now,
        maintenance_until: None,
        acknowledge: None,
        charts: Vec::new(),
    });
    product.name.clone_from(&spec.name);
    product.acknowledge.clone_from(&spec.acknowledge);
    product.charts.clone_from(&spec.charts);
    product
}

fn under_rule(alert: &mut Alert, rule: &RuleSpec) {
    let level = rule.level(rule.level_of(alert.severity));
    alert.severity = level.severity;
    alert.threshold = level.threshold;
    alert.runbook_url.clone_from(&rule.config.runbook);
    alert.owner.clone_from(&rule.config.owner);
    alert.labels.clone_from(&rule.config.labels);
}
