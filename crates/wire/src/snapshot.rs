//! The whole state at one sequence number.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::alert::Alert;
use crate::check::Check;
use crate::deploy::Deploy;
use crate::entity::{Entity, Kind};
use crate::error_group::ErrorGroup;
use crate::feed::Cursor;
use crate::incident::Incident;
use crate::product::Product;
use crate::series::Reading;
use crate::silence::Silence;
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
    /// See [`Silence`]: those that are not over, and those that ended within the last day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silences: Vec<Silence>,
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
            silences: Vec::new(),
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
            Entity::Silence(it) => self.silences.push(it),
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
            .chain(self.silences.into_iter().map(Entity::Silence))
    }
}

/// A snapshot as a client reads it: where it stands, and its entities whatever their kind.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotParts {
    /// Where the feed goes on from.
    pub cursor: Cursor,
    /// The gateway's time.
    pub now: UnixMs,
    /// The build of the gateway's console; empty when it does not say.
    pub build: String,
    /// All entities, list by list.
    pub entities: Vec<Entity>,
}

/// What stands in a snapshot beside its lists.
#[derive(Deserialize)]
struct Head {
    epoch: String,
    seq: u64,
    now: UnixMs,
    #[serde(default)]
    build: String,
}

impl SnapshotParts {
    /// Reads the answer of `GET /api/monitoring/dashboard`. Each entity goes through [`Entity::from_json`], as
    /// those of frames do: one reader a kind, where [`Snapshot`]'s own would be a second one.
    ///
    /// # Errors
    /// When the text is not a snapshot, or an entity in it is not of its kind's shape.
    pub fn decode(text: &str) -> Result<Self, serde_json::Error> {
        let head: Head = serde_json::from_str(text)?;
        let fields: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text)?;
        let mut entities = Vec::new();
        for kind in Kind::ALL {
            let Some(list) = fields.get(kind.list()) else {
                continue;
            };
            let bodies: Vec<&RawValue> = serde_json::from_str(list.get())?;
            for body in bodies {
                entities.push(Entity::from_json(kind, body.get())?);
            }
        }
        Ok(Self {
            cursor: Cursor {
                e: head.epoch,
                s: head.seq,
            },
            now: head.now,
            build: head.build,
            entities,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    /// One entity of each kind.
    const ENTITIES: [(Kind, &str); 10] = [
        (Kind::Product, include_str!("../golden/entity.product.json")),
        (Kind::Check, include_str!("../golden/entity.check.json")),
        (Kind::Alert, include_str!("../golden/entity.alert.json")),
        (
            Kind::Incident,
            include_str!("../golden/entity.incident.json"),
        ),
        (Kind::Error, include_str!("../golden/entity.error.json")),
        (Kind::Target, include_str!("../golden/entity.target.json")),
        (Kind::Deploy, include_str!("../golden/entity.deploy.json")),
        (Kind::Uptime, include_str!("../golden/entity.uptime.json")),
        (Kind::Reading, include_str!("../golden/entity.reading.json")),
        (Kind::Silence, include_str!("../golden/entity.silence.json")),
    ];

    #[test]
    fn both_readers_of_a_snapshot_find_the_same() {
        let mut whole = Snapshot::empty("e".to_owned(), 7, UnixMs(9), "b".to_owned());
        for (kind, json) in ENTITIES {
            whole.push(Entity::from_json(kind, json).unwrap());
        }
        let text = serde_json::to_string(&whole).unwrap();
        let parts = SnapshotParts::decode(&text).unwrap();
        assert_eq!((parts.cursor.e.as_str(), parts.cursor.s), ("e", 7));
        assert_eq!((parts.now, parts.build.as_str()), (UnixMs(9), "b"));
        assert_eq!(parts.entities.len(), Kind::ALL.len());
        let again: Snapshot = serde_json::from_str(&text).unwrap();
        assert_eq!(parts.entities, again.into_entities().collect::<Vec<_>>());
    }

    #[test]
    fn a_malformed_entity_makes_the_whole_snapshot_unreadable() {
        let text = r#"{"epoch":"e","seq":1,"now":2,"checks":[{"id":7}]}"#;
        assert!(SnapshotParts::decode(text).is_err());
    }

    #[test]
    fn lists_from_the_future_are_passed_by_and_missing_ones_are_empty() {
        let text = r#"{"epoch":"e","seq":1,"now":2,"spaceships":[{"id":7}]}"#;
        let parts = SnapshotParts::decode(text).unwrap();
        assert_eq!((parts.cursor.s, parts.entities.len()), (1, 0));
    }
}
