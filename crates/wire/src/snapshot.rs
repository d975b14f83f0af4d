//! The whole state at one sequence number.

use serde::{Deserialize, Serialize};

use crate::alert::Alert;
use crate::check::Check;
use crate::deploy::Deploy;
use crate::entity::Entity;
use crate::error_group::ErrorGroup;
use crate::incident::Incident;
use crate::product::Product;
use crate::series::Reading;
use crate::target::Target;
use crate::time::UnixMs;
use crate::uptime::Uptime;

/// Answer of `GET /api/monitoring/dashboard`, from one read transaction, with what the asking role may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Snapshot {
    /// The epoch.
    pub epoch: String,
    /// Everything up to this sequence number is in it.
    pub seq: u64,
    /// The gateway's time.
    pub now: UnixMs,
    /// The build of the gateway's console.
    #[serde(default)]
    pub build: String,
    /// See [`Product`]; in the configured order.
    #[serde(default)]
    pub products: Vec<Product>,
    /// See [`Check`].
    #[serde(default)]
    pub checks: Vec<Check>,
    /// See [`Alert`].
    #[serde(default)]
    pub alerts: Vec<Alert>,
    /// See [`Incident`]: open ones, and those resolved within the last day.
    #[serde(default)]
    pub incidents: Vec<Incident>,
    /// See [`ErrorGroup`]: the 200 seen last.
    #[serde(default)]
    pub errors: Vec<ErrorGroup>,
    /// See [`Target`].
    #[serde(default)]
    pub targets: Vec<Target>,
    /// See [`Deploy`]: those of the last seven days.
    #[serde(default)]
    pub deploys: Vec<Deploy>,
    /// See [`Uptime`].
    #[serde(default)]
    pub uptime: Vec<Uptime>,
    /// See [`Reading`].
    #[serde(default)]
    pub readings: Vec<Reading>,
}

impl Snapshot {
    /// An empty snapshot at a position, to be filled with [`Self::push`].
    #[must_use]
    pub const fn empty(epoch: String, seq: u64, now: UnixMs, build: String) -> Self {
        Self {
            epoch,
            seq,
            now,
            build,
            products: Vec::new(),
            checks: Vec::new(),
            alerts: Vec::new(),
            incidents: Vec::new(),
            errors: Vec::new(),
            targets: Vec::new(),
            deploys: Vec::new(),
            uptime: Vec::new(),
            readings: Vec::new(),
        }
    }

    /// Puts an entity into its list.
    pub fn push(&mut self, entity: Entity) {
        match entity {
            Entity::Product(it) => self.products.push(it),
            Entity::Check(it) => self.checks.push(it),
            Entity::Alert(it) => self.alerts.push(it),
            Entity::Incident(it) => self.incidents.push(it),
            Entity::Error(it) => self.errors.push(it),
            Entity::Target(it) => self.targets.push(it),
            Entity::Deploy(it) => self.deploys.push(it),
            Entity::Uptime(it) => self.uptime.push(it),
            Entity::Reading(it) => self.readings.push(it),
        }
    }

    /// All entities, list by list.
    pub fn into_entities(self) -> impl Iterator<Item = Entity> {
        self.products
            .into_iter()
            .map(Entity::Product)
            .chain(self.checks.into_iter().map(Entity::Check))
            .chain(self.alerts.into_iter().map(Entity::Alert))
            .chain(self.incidents.into_iter().map(Entity::Incident))
            .chain(self.errors.into_iter().map(Entity::Error))
            .chain(self.targets.into_iter().map(Entity::Target))
            .chain(self.deploys.into_iter().map(Entity::Deploy))
            .chain(self.uptime.into_iter().map(Entity::Uptime))
            .chain(self.readings.into_iter().map(Entity::Reading))
    }
}
