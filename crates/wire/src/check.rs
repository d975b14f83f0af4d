//! A check: one probe of one thing.

use serde::{Deserialize, Serialize};

use crate::id::{CheckId, ProductId, SeriesId};
use crate::series::Measurement;
use crate::status::Status;
use crate::time::UnixMs;

/// A check with its latest result. People see it as a service tile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// Its name in keys and addresses.
    pub id: CheckId,
    /// The product it belongs to.
    pub product: ProductId,
    /// Its name for people, for example `Image processing`.
    pub name: String,
    /// Its status when it was observed. What people see is
    /// [`status_at`](crate::freshness::status_at), which takes its age into account.
    pub status: Status,
    /// Why, in one sentence; empty when all is well.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Since when it has this status.
    pub since: UnixMs,
    /// When the newest result was taken; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<UnixMs>,
    /// Past this instant the result says nothing any more; `None` before the first result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<UnixMs>,
    /// How often it is probed, in milliseconds.
    pub interval_ms: i64,
    /// The value on the tile; `None` when the check yields none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Measurement>,
    /// The series of that value, for the sparkline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<SeriesId>,
    /// The last status that was not `Unknown`, while the status is `Unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_known: Option<Status>,
}
