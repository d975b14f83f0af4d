//! Log lines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::ProductId;
use crate::time::UnixMs;

/// How loud a line is. The order is the rank: `Debug < Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", from = "String")]
pub enum Level {
    /// For developers.
    Debug,
    /// Ordinary. Also what an unrecognised level decodes to.
    Info,
    /// Unusual.
    Warn,
    /// Failed.
    Error,
}

impl From<String> for Level {
    fn from(word: String) -> Self {
        Self::ALL
            .into_iter()
            .find(|level| level.word() == word)
            .unwrap_or(Self::Info)
    }
}

impl Level {
    /// All levels, loudest first.
    pub const ALL: [Self; 4] = [Self::Error, Self::Warn, Self::Info, Self::Debug];

    /// The word on screen, in queries and in storage.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// One stored line: redacted and with control characters made visible before it reached the disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogLine {
    /// Its place, rising with arrival.
    pub id: u64,
    /// When it was written, by its source's clock.
    pub at: UnixMs,
    /// The product.
    pub product: ProductId,
    /// The part of the product; empty when the source did not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// How loud.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// What came with it, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// Answer of `GET /api/monitoring/logs`: newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogPage {
    /// The lines.
    pub lines: Vec<LogLine>,
    /// Hand this in as `before` for older lines; `None` when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_before: Option<u64>,
    /// How many lines of each level match the other filters, within what is kept.
    #[serde(default)]
    pub by_level: BTreeMap<String, u64>,
}
