//! Deploys and rollbacks.

use serde::{Deserialize, Serialize};

use crate::id::{DeployId, ProductId};
use crate::time::UnixMs;

/// What kind of release it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeployKind {
    /// An older version came back.
    Rollback,
    /// A version went out. Also what an unrecognised kind decodes to.
    #[serde(other)]
    Deploy,
}

/// A deploy, marked on charts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deploy {
    /// Its name.
    pub id: DeployId,
    /// The product.
    pub product: ProductId,
    /// The version that is running after it, for example `v2.18.0`.
    pub version: String,
    /// When.
    pub at: UnixMs,
    /// Deploy or rollback.
    pub kind: DeployKind,
    /// The commit, when the source said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What it was, in one line; empty when nothing was said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}
