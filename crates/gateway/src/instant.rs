//! Instants as people and other programs read them.

use chrono::{DateTime, SecondsFormat};
use watchfloor_wire::time::UnixMs;

/// An instant as RFC 3339 with milliseconds, UTC.
#[must_use]
pub fn rfc3339(at: UnixMs) -> String {
    DateTime::from_timestamp_millis(at.0).map_or_else(
        || at.0.to_string(),
        |at| at.to_rfc3339_opts(SecondsFormat::Millis, true),
    )
}
