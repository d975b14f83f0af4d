//! Uptime by day.

use serde::{Deserialize, Serialize};

use crate::id::ProductId;
use crate::time::UnixMs;

/// How much of one UTC day a product spent in each status. What is missing to 24 hours was not watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DayUptime {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Milliseconds in `ok`.
    pub ok_ms: i64,
    /// Milliseconds in `degraded`. They count as up.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub degraded_ms: i64,
    /// Milliseconds in `down`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub down_ms: i64,
    /// Milliseconds in `unknown`. They count neither as up nor as down.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown_ms: i64,
    /// Milliseconds in `maintenance`. They count neither as up nor as down.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub maintenance_ms: i64,
}

const fn is_zero(ms: &i64) -> bool {
    *ms == 0
}

impl DayUptime {
    /// Up over up and down, 0 to 1; `None` when neither was seen.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        ratio([*self])
    }
}

/// Up over up and down of many days, 0 to 1; `None` when neither was seen.
pub fn ratio(days: impl IntoIterator<Item = DayUptime>) -> Option<f64> {
    let (mut up_ms, mut down_ms) = (0_i64, 0_i64);
    for day in days {
        up_ms += day.ok_ms + day.degraded_ms;
        down_ms += day.down_ms;
    }
    let seen_ms = up_ms + down_ms;
    #[expect(
        clippy::cast_precision_loss,
        reason = "90 days of milliseconds are far below 2^52"
    )]
    (seen_ms > 0).then(|| up_ms as f64 / seen_ms as f64)
}

/// Uptime of a product over up to 90 days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Uptime {
    /// The product.
    pub product: ProductId,
    /// The promise, 0 to 1, for example 0.999; `None` when the product makes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_ratio: Option<f64>,
    /// Days that were watched at all, oldest first. A day that is missing has no data.
    pub days: Vec<DayUptime>,
    /// Minutes of `down` that the promise still leaves over 30 days; negative when spent. `None` without promise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_left_ms: Option<i64>,
    /// When this was worked out.
    pub observed_at: UnixMs,
}
