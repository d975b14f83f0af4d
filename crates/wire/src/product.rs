//! A watched product.

use serde::{Deserialize, Serialize};

use crate::id::{ProductId, SeriesId};
use crate::lease::AcknowledgePolicy;
use crate::series::{Statistic, Unit};
use crate::status::Status;
use crate::time::UnixMs;

/// A product as a whole: the roll-up of its checks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Product {
    /// Its name in keys and addresses.
    pub id: ProductId,
    /// Its name for people.
    pub name: String,
    /// The worst status among its checks, as the gateway saw it.
    pub status: Status,
    /// Why, in one sentence, for example `Error rate 6.4 %, critical above 5 %`.
    pub reason: String,
    /// Since when it has this status.
    pub since: UnixMs,
    /// When announced work ends; `None` when none is going on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance_until: Option<UnixMs>,
    /// What it asks of those who acknowledge its incidents; `None`: the usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledge: Option<AcknowledgePolicy>,
    /// What the overview draws for it, in order: error rate, latency, throughput.
    #[serde(default)]
    pub charts: Vec<ChartSpec>,
}

/// A chart of one series with the lines to judge it by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChartSpec {
    /// Which of the overview's charts this is.
    pub kind: ChartKind,
    /// The series to draw.
    pub series: SeriesId,
    /// The title, for example `Error rate`.
    pub title: String,
    /// What the number is of, for example `5xx of all requests, 1 min`.
    pub note: String,
    /// The unit of the values and levels.
    pub unit: Unit,
    /// Which statistic the values are; `None` when the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Statistic>,
    /// Lines to judge the values by.
    #[serde(default)]
    pub levels: Levels,
}

/// The overview's three charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Share of requests that failed, 0 to 1.
    ErrorRatio,
    /// How long requests took.
    Latency,
    /// Requests a second.
    Throughput,
    /// A chart of a newer gateway; drawn on the product page only.
    #[serde(other)]
    Other,
}

/// Lines that a value is judged by, in the series' unit. `None`: there is no such line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Levels {
    /// The promise (SLO).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// Where a warning fires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<f64>,
    /// Where a critical or high alert fires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<f64>,
    /// True when lower values are the worse ones, as with throughput.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lower_is_worse: bool,
}
