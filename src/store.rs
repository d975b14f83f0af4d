//! What the gateway said last, one signal an entity, so that a tile redraws when its own check changes and
//! not when another does.
//!
//! [`Stores::reset`], [`Stores::change`], [`Stores::doubt`] and [`Stores::answer`] are the only ways in; views only
//! read.

mod keyed;

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use watchfloor_wire::action::ActionAnswer;
use watchfloor_wire::alert::Alert;
use watchfloor_wire::check::Check;
use watchfloor_wire::deploy::Deploy;
use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::error_group::ErrorGroup;
use watchfloor_wire::freshness;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::product::Product;
use watchfloor_wire::replica::KeyChange;
use watchfloor_wire::series::Reading;
use watchfloor_wire::silence::Silence;
use watchfloor_wire::silence::request::SilenceAnswer;
use watchfloor_wire::target::Target;
use watchfloor_wire::time::UnixMs;
use watchfloor_wire::uptime::Uptime;

pub use self::keyed::Keyed;
use crate::lasting::forget_reader;

/// Everything that the gateway sends.
#[derive(Clone, Copy)]
pub struct Stores {
    /// By product id.
    pub products: Keyed<Product>,
    /// By check id.
    pub checks: Keyed<Check>,
    /// By fingerprint.
    pub alerts: Keyed<Alert>,
    /// By number, as text.
    pub incidents: Keyed<Incident>,
    /// By group id.
    pub errors: Keyed<ErrorGroup>,
    /// By target id.
    pub targets: Keyed<Target>,
    /// By deploy id.
    pub deploys: Keyed<Deploy>,
    /// By product id.
    pub uptime: Keyed<Uptime>,
    /// By series id.
    pub readings: Keyed<Reading>,
    /// By number, as text.
    pub silences: Keyed<Silence>,
    names: Memo<BTreeMap<String, String>>,
    loaded: RwSignal<bool>,
}

impl Stores {
    /// Empty stores, owned by the current reactive owner.
    #[must_use]
    pub fn new() -> Self {
        let products = Keyed::<Product>::new();
        let names = Memo::new(move |_| {
            let mut names = BTreeMap::new();
            for it in products.all() {
                names.insert(it.id.0, it.name);
            }
            names
        });
        Self {
            products,
            names,
            checks: Keyed::new(),
            alerts: Keyed::new(),
            incidents: Keyed::new(),
            errors: Keyed::new(),
            targets: Keyed::new(),
            deploys: Keyed::new(),
            uptime: Keyed::new(),
            readings: Keyed::new(),
            silences: Keyed::new(),
            loaded: RwSignal::new(false),
        }
    }

    /// Whether a snapshot has been read; tracked: changes when the answer does, and not with each snapshot. Until then
    /// empty means "not known", not "none".
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        forget_reader(&self.loaded);
        self.loaded.get()
    }

    /// A product's name for people, or its id while it is not known; tracked: changes when the name does.
    #[must_use]
    pub fn product_name(&self, id: &str) -> String {
        forget_reader(&ArcMemo::from(self.names));
        let name = self.names.with(|names| names.get(id).cloned());
        name.unwrap_or_else(|| id.to_owned())
    }

    /// The names of all products for people, by id; tracked.
    #[must_use]
    pub fn product_names(&self) -> BTreeMap<String, String> {
        forget_reader(&ArcMemo::from(self.names));
        self.names.get()
    }

    /// Replaces everything by a snapshot's entities at `now`; rows that stay keep their signals, so that views of them
    /// only change their content.
    pub(crate) fn reset(&self, entities: Vec<Entity>, now: UnixMs) {
        self.replace(entities, now);
        self.load(true);
    }

    fn replace(&self, entities: Vec<Entity>, now: UnixMs) {
        let mut keys = BTreeSet::new();
        for entity in &entities {
            keys.insert(entity.key());
        }
        self.retain(&keys);
        for entity in entities {
            self.put(entity, now);
        }
    }

    fn retain(&self, keys: &BTreeSet<Key>) {
        self.products.retain(Kind::Product, keys);
        self.checks.retain(Kind::Check, keys);
        self.alerts.retain(Kind::Alert, keys);
        self.incidents.retain(Kind::Incident, keys);
        self.errors.retain(Kind::Error, keys);
        self.targets.retain(Kind::Target, keys);
        self.deploys.retain(Kind::Deploy, keys);
        self.uptime.retain(Kind::Uptime, keys);
        self.readings.retain(Kind::Reading, keys);
        self.silences.retain(Kind::Silence, keys);
    }

    /// Forgets everything: somebody else may sign in next.
    pub(crate) fn clear(&self) {
        self.replace(Vec::new(), UnixMs(0));
        self.load(false);
    }

    fn load(&self, is_loaded: bool) {
        if self.loaded.get_untracked() != is_loaded {
            self.loaded.set(is_loaded);
        }
    }

    /// Takes one change of the feed at `now`, the gateway's time.
    pub(crate) fn change(&self, change: KeyChange, now: UnixMs) {
        match change {
            KeyChange::Upserted(Entity::Incident(it)) => self.incident(it),
            KeyChange::Upserted(Entity::Silence(it)) => self.silence(it),
            KeyChange::Upserted(entity) => self.put(entity, now),
            KeyChange::Deleted(key) => self.remove(&key),
        }
    }

    /// The gateway's clock was set back from `before` to `now`.
    pub(crate) fn doubt(&self, before: UnixMs, now: UnixMs) {
        for row in self.checks.handles() {
            if row.with_untracked(|check| freshness::is_doubtful(check, before, now)) {
                row.update(freshness::doubt);
            }
        }
    }

    /// Takes the answer of an action; the feed will say the same, sooner or later.
    pub(crate) fn answer(&self, answer: &ActionAnswer) {
        self.incident(answer.incident.clone());
    }

    /// Takes an incident as a detail request or a refusal showed it.
    pub(crate) fn incident(&self, incident: Incident) {
        let id = incident.id.0.to_string();
        // An answer may overtake the feed; the older frame that follows must not turn it back.
        let newest = self
            .incidents
            .with_untracked(&id, |old| old.version)
            .is_none_or(|version| version <= incident.version);
        if newest {
            self.incidents.put(&id, incident);
        }
    }

    /// Takes the answer of an order about a silence.
    pub(crate) fn silence_answer(&self, answer: &SilenceAnswer) {
        self.silence(answer.silence.clone());
        if let Some(replaced) = &answer.replaced {
            self.silence(replaced.clone());
        }
    }

    /// Takes a silence as an answer or the feed showed it, the newest version of both.
    pub(crate) fn silence(&self, silence: Silence) {
        let id = silence.id.0.to_string();
        let newest = self
            .silences
            .with_untracked(&id, |old| old.version)
            .is_none_or(|version| version <= silence.version);
        if newest {
            self.silences.put(&id, silence);
        }
    }

    fn check(&self, arrived: Check, now: UnixMs) {
        let id = arrived.id.0.clone();
        let kept = match self.checks.row(&id) {
            Some(row) => row.with_untracked(|held| freshness::received(Some(held), arrived, now)),
            None => freshness::received(None, arrived, now),
        };
        self.checks.put(&id, kept);
    }

    fn put(&self, entity: Entity, now: UnixMs) {
        let key = entity.key();
        let id = key.id();
        match entity {
            Entity::Product(it) => self.products.put(id, it),
            Entity::Check(it) => self.check(it, now),
            Entity::Alert(it) => self.alerts.put(id, it),
            Entity::Incident(it) => self.incidents.put(id, it),
            Entity::Error(it) => self.errors.put(id, it),
            Entity::Target(it) => self.targets.put(id, it),
            Entity::Deploy(it) => self.deploys.put(id, it),
            Entity::Uptime(it) => self.uptime.put(id, it),
            Entity::Reading(it) => self.readings.put(id, it),
            Entity::Silence(it) => self.silences.put(id, it),
        }
    }

    fn remove(&self, key: &Key) {
        let id = key.id();
        match key.kind() {
            Some(Kind::Product) => self.products.remove(id),
            Some(Kind::Check) => self.checks.remove(id),
            Some(Kind::Alert) => self.alerts.remove(id),
            Some(Kind::Incident) => self.incidents.remove(id),
            Some(Kind::Error) => self.errors.remove(id),
            Some(Kind::Target) => self.targets.remove(id),
            Some(Kind::Deploy) => self.deploys.remove(id),
            Some(Kind::Uptime) => self.uptime.remove(id),
            Some(Kind::Reading) => self.readings.remove(id),
            Some(Kind::Silence) => self.silences.remove(id),
            None => {}
        }
    }
}

impl Default for Stores {
    fn default() -> Self {
        Self::new()
    }
}

/// The stores of this page.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_stores() -> Stores {
    expect_context::<Stores>()
}
