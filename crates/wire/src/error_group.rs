//! Errors that share a fingerprint.

use serde::{Deserialize, Serialize};

use crate::id::{ErrorGroupId, ProductId};
use crate::time::UnixMs;

/// A group of like errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorGroup {
    /// Its name: a hash of what the events share.
    pub id: ErrorGroupId,
    /// The product.
    pub product: ProductId,
    /// The part of the product; empty when the source did not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// What went wrong, with numbers and ids taken out.
    pub title: String,
    /// The exception's type, or `error`.
    pub error_type: String,
    /// The source's category, for example `database`; empty when it did not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// How far up it went: `critical`, `page` or `component`; empty when the source did not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub boundary: String,
    /// How many events there were.
    pub count: u64,
    /// When the first came.
    pub first_seen_at: UnixMs,
    /// When the newest came.
    pub last_seen_at: UnixMs,
    /// The version in which it was first seen; `None` when no source said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_version: Option<String>,
    /// Events a minute over the last 30 minutes, oldest first, ending with the minute of `last_seen_at`.
    #[serde(default)]
    pub per_minute: Vec<u32>,
}
