//! Everything that the feed carries is an entity with a key.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::alert::Alert;
use crate::check::Check;
use crate::deploy::Deploy;
use crate::error_group::ErrorGroup;
use crate::incident::Incident;
use crate::product::Product;
use crate::series::Reading;
use crate::session::Role;
use crate::silence::Silence;
use crate::target::Target;
use crate::uptime::Uptime;

/// The key of an entity, `<kind>/<id>`, for example `check/chatpdd.api`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// The key of an entity of `kind` with `id`.
    #[must_use]
    pub fn new(kind: Kind, id: &impl fmt::Display) -> Self {
        Self(format!("{}/{id}", kind.slug()))
    }

    /// Takes a key as it came; keys of kinds from the future are kept as they are.
    #[must_use]
    pub const fn from_wire(text: String) -> Self {
        Self(text)
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind, or `None` when this build does not know it.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        let (slug, _) = self.0.split_once('/')?;
        Kind::ALL.into_iter().find(|kind| kind.slug() == slug)
    }

    /// The part after the kind; the whole key when it has none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, id)| id)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// [`Product`].
    Product,
    /// [`Check`].
    Check,
    /// [`Alert`].
    Alert,
    /// [`Incident`].
    Incident,
    /// [`ErrorGroup`].
    Error,
    /// [`Target`].
    Target,
    /// [`Deploy`].
    Deploy,
    /// [`Uptime`].
    Uptime,
    /// [`Reading`].
    Reading,
    /// [`Silence`].
    Silence,
}

impl Kind {
    /// All kinds, in the snapshot's order.
    pub const ALL: [Self; 10] = [
        Self::Product,
        Self::Check,
        Self::Alert,
        Self::Incident,
        Self::Error,
        Self::Target,
        Self::Deploy,
        Self::Uptime,
        Self::Reading,
        Self::Silence,
    ];

    /// The kind's part of a key.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Check => "check",
            Self::Alert => "alert",
            Self::Incident => "incident",
            Self::Error => "error",
            Self::Target => "target",
            Self::Deploy => "deploy",
            Self::Uptime => "uptime",
            Self::Reading => "reading",
            Self::Silence => "silence",
        }
    }

    /// The name of the snapshot's list of this kind.
    #[must_use]
    pub const fn list(self) -> &'static str {
        match self {
            Self::Product => "products",
            Self::Check => "checks",
            Self::Alert => "alerts",
            Self::Incident => "incidents",
            Self::Error => "errors",
            Self::Target => "targets",
            Self::Deploy => "deploys",
            Self::Uptime => "uptime",
            Self::Reading => "readings",
            Self::Silence => "silences",
        }
    }

    /// Whether `role` may see entities of this kind. A display shows boards to everyone who walks past,
    /// so it gets no text that products wrote into their errors; ingest keys see nothing.
    #[must_use]
    pub const fn visible_to(self, role: Role) -> bool {
        match role {
            Role::Viewer | Role::Operator | Role::Admin => true,
            Role::Display => !matches!(self, Self::Error),
            Role::Ingest => false,
        }
    }
}

/// An entity of a known kind.
#[derive(Clone, Debug, PartialEq)]
// Not `expect`: with the pointers of WebAssembly the sizes are nearer to each other.
#[allow(
    clippy::large_enum_variant,
    reason = "an entity is moved once, from its JSON into its store"
)]
pub enum Entity {
    /// See [`Product`].
    Product(Product),
    /// See [`Check`].
    Check(Check),
    /// See [`Alert`].
    Alert(Alert),
    /// See [`Incident`].
    Incident(Incident),
    /// See [`ErrorGroup`].
    Error(ErrorGroup),
    /// See [`Target`].
    Target(Target),
    /// See [`Deploy`].
    Deploy(Deploy),
    /// See [`Uptime`].
    Uptime(Uptime),
    /// See [`Reading`].
    Reading(Reading),
    /// See [`Silence`].
    Silence(Silence),
}

impl Entity {
    /// The entity's key.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Product(it) => Key::new(Kind::Product, &it.id),
            Self::Check(it) => Key::new(Kind::Check, &it.id),
            Self::Alert(it) => Key::new(Kind::Alert, &it.fingerprint),
            Self::Incident(it) => Key::new(Kind::Incident, &it.id.0),
            Self::Error(it) => Key::new(Kind::Error, &it.id),
            Self::Target(it) => Key::new(Kind::Target, &it.id),
            Self::Deploy(it) => Key::new(Kind::Deploy, &it.id),
            Self::Uptime(it) => Key::new(Kind::Uptime, &it.product),
            Self::Reading(it) => Key::new(Kind::Reading, &it.series),
            Self::Silence(it) => Key::new(Kind::Silence, &it.id.0),
        }
    }

    /// Reads the entity of `kind` from its JSON.
    ///
    /// # Errors
    /// When the JSON is not of that kind's shape; the message names the field.
    pub fn from_json(kind: Kind, json: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            Kind::Product => Self::Product(serde_json::from_str(json)?),
            Kind::Check => Self::Check(serde_json::from_str(json)?),
            Kind::Alert => Self::Alert(serde_json::from_str(json)?),
            Kind::Incident => Self::Incident(serde_json::from_str(json)?),
            Kind::Error => Self::Error(serde_json::from_str(json)?),
            Kind::Target => Self::Target(serde_json::from_str(json)?),
            Kind::Deploy => Self::Deploy(serde_json::from_str(json)?),
            Kind::Uptime => Self::Uptime(serde_json::from_str(json)?),
            Kind::Reading => Self::Reading(serde_json::from_str(json)?),
            Kind::Silence => Self::Silence(serde_json::from_str(json)?),
        })
    }

    /// The entity as JSON, ready to stand in frames and snapshots.
    ///
    /// # Errors
    /// When a value cannot be written as JSON (no entity holds such a value, but the type cannot say so).
    pub fn to_json(&self) -> Result<Box<RawValue>, serde_json::Error> {
        match self {
            Self::Product(it) => serde_json::value::to_raw_value(it),
            Self::Check(it) => serde_json::value::to_raw_value(it),
            Self::Alert(it) => serde_json::value::to_raw_value(it),
            Self::Incident(it) => serde_json::value::to_raw_value(it),
            Self::Error(it) => serde_json::value::to_raw_value(it),
            Self::Target(it) => serde_json::value::to_raw_value(it),
            Self::Deploy(it) => serde_json::value::to_raw_value(it),
            Self::Uptime(it) => serde_json::value::to_raw_value(it),
            Self::Reading(it) => serde_json::value::to_raw_value(it),
            Self::Silence(it) => serde_json::value::to_raw_value(it),
        }
    }
}
