//! Maintenance that comes back by the calendar.

use serde::Deserialize;
use watchfloor_wire::silence::Weekday;

use super::inhibit::Matchers;
use super::span::Span;

/// A maintenance window; `[[maintenance]]`. Nothing is hidden in it, but nobody is told, and time that a check is
/// not well in it counts as maintenance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceConfig {
    /// Its name, unique within the product.
    pub name: String,
    /// Why, for people.
    pub reason: String,
    /// The checks that it covers. Left out: the whole product.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Which alerts it covers, by their labels: those of rules, `rule` and `severity`. Left out: every alert of the
    /// checks. With labels, time that a check is not well in it counts as it always does.
    #[serde(default)]
    pub labels: Matchers,
    /// The days on which it begins: `mon` to `sun`.
    pub days: Vec<Weekday>,
    /// When it begins, `HH:MM`.
    pub at: String,
    /// How long it lasts.
    #[serde(rename = "for")]
    pub duration: Span,
    /// Whose days and times are meant: a name of the IANA database. Default `UTC`.
    #[serde(default = "default_zone")]
    pub zone: String,
}

fn default_zone() -> String {
    "UTC".to_owned()
}
