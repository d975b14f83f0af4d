//! Severity (of alerts) and priority (of incidents).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::status::Status;
use crate::time::{DAY_MS, HOUR_MS};

/// How bad an alert is. A product's own names are mapped onto these in its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nobody can use the product, or data is in danger.
    Critical,
    /// Many can not, or will not for long.
    High,
    /// Worth a look within hours.
    Warning,
    /// Worth knowing.
    Info,
    /// A severity that this build does not know. It ranks last here but is drawn like critical, because
    /// what cannot be understood must not be quiet.
    #[serde(other)]
    Unrecognised,
}

impl Severity {
    /// The status that a firing alert of this severity gives its check; `None` leaves the check as it is.
    #[must_use]
    pub const fn status(self) -> Option<Status> {
        match self {
            Self::Critical | Self::Unrecognised => Some(Status::Down),
            Self::High | Self::Warning => Some(Status::Degraded),
            Self::Info => None,
        }
    }

    /// The word that people read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Unrecognised => "unrecognised",
        }
    }
}

/// How soon people must answer an incident. `P0` is the most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "String")]
pub enum Priority {
    /// Complete outage or data loss.
    P0,
    /// A major part is broken, or a breach. Also what an unrecognised priority is treated as.
    P1,
    /// A minor part is broken, or it is slow.
    P2,
    /// Cosmetic, or a request.
    P3,
}

impl From<String> for Priority {
    fn from(word: String) -> Self {
        match word.as_str() {
            "P0" => Self::P0,
            "P2" => Self::P2,
            "P3" => Self::P3,
            _ => Self::P1,
        }
    }
}

impl Priority {
    /// How long an acknowledgement lasts when its author says nothing, in milliseconds. Urgent work is
    /// looked at again sooner.
    #[must_use]
    pub const fn default_lease_ms(self) -> i64 {
        match self {
            Self::P0 | Self::P1 => HOUR_MS,
            Self::P2 => 8 * HOUR_MS,
            Self::P3 => DAY_MS,
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        })
    }
}
