//! Metric series: names of units and statistics, latest readings, and columns of history.

use serde::{Deserialize, Serialize};

use crate::id::SeriesId;
use crate::time::UnixMs;

/// The unit of a value. Nothing is drawn without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// A share from 0 to 1, shown in percent.
    Ratio,
    /// Bytes.
    Bytes,
    /// Events a second.
    PerS,
    /// Days, for example until a certificate ends.
    Days,
    /// A plain number of things. Also what an unrecognised unit decodes to.
    #[serde(other)]
    Count,
}

/// How many measurements became one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// Arithmetic mean.
    Avg,
    /// Half are below.
    P50,
    /// 95 of 100 are below.
    P95,
    /// 99 of 100 are below.
    P99,
    /// Largest.
    Max,
    /// Smallest.
    Min,
    /// Bad ones over all.
    Ratio,
    /// The newest one as it is. Also what an unrecognised statistic decodes to.
    #[serde(other)]
    Last,
}

/// One value with what it takes to read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Measurement {
    /// The value, finite.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// Which statistic; `None` for a single reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Statistic>,
    /// What it counts when the unit does not say it, for example `of 50 connections`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// The latest value of a series that the overview draws, so that charts grow by the feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reading {
    /// The series.
    pub series: SeriesId,
    /// When it was measured.
    pub observed_at: UnixMs,
    /// Past this instant the series has a gap.
    pub valid_until: UnixMs,
    /// The value; `None` says that the source answered without one, which is drawn as a gap.
    pub value: Option<f64>,
}

/// History of one series, in columns, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SeriesColumns {
    /// The series.
    pub series: SeriesId,
    /// How far apart two readings normally are, in milliseconds. More than 2.5 times that is a gap.
    pub step_ms: i64,
    /// Instants, in milliseconds since the epoch, strictly increasing.
    pub at: Vec<i64>,
    /// One value an instant; `None` is a gap that the source itself reported.
    pub value: Vec<Option<f64>>,
    /// True when several readings became one point (smallest and largest of each stretch were kept).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thinned: bool,
}

/// Answer of `GET /api/monitoring/metrics`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SeriesAnswer {
    /// The gateway's time when it answered.
    pub now: UnixMs,
    /// One entry a series asked for and known, in the order asked.
    pub series: Vec<SeriesColumns>,
}
