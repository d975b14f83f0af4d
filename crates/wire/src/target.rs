//! Targets (SLOs).

use serde::{Deserialize, Serialize};

use crate::id::{ProductId, SeriesId, TargetId};
use crate::series::{Statistic, Unit};
use crate::time::UnixMs;

/// Whether a target is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The statistic over the window is within the threshold.
    Met,
    /// It is not.
    Missed,
    /// There is not enough data to say. Also what an unrecognised verdict decodes to.
    #[serde(other)]
    Unknown,
}

/// A promise: a statistic of a series over a window against a threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Target {
    /// Its name in keys.
    pub id: TargetId,
    /// The product.
    pub product: ProductId,
    /// Its name for people, for example `API response`.
    pub name: String,
    /// The series it judges.
    pub series: SeriesId,
    /// Which statistic of the series.
    pub statistic: Statistic,
    /// Over how long, in milliseconds.
    pub window_ms: i64,
    /// The limit, in `unit`.
    pub threshold: f64,
    /// The unit.
    pub unit: Unit,
    /// True when values must stay above the threshold, as with a success rate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
    /// The statistic now; `None` without data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Whether it is kept.
    pub verdict: Verdict,
    /// When that was worked out.
    pub observed_at: UnixMs,
    /// Past this instant the verdict is unknown.
    pub valid_until: UnixMs,
}
