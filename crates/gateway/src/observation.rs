//! What sources and ingest hand to evaluation.

use watchfloor_wire::deploy::Deploy;
use watchfloor_wire::id::{CheckId, ErrorGroupId, ProductId, SeriesId};
use watchfloor_wire::time::UnixMs;

/// Something that was seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// A probe finished and says this of one of its checks.
    Check(CheckObservation),
    /// Measurements that came without a check's verdict: scraped or sent in.
    Samples(Vec<Sample>),
    /// A deploy or rollback took place.
    Deploy(Deploy),
    /// Events of one error group came in.
    Errors(ErrorSighting),
}

/// One result of one check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckObservation {
    /// The check.
    pub check: CheckId,
    /// When the probe finished.
    pub observed_at: UnixMs,
    /// What it found.
    pub outcome: Outcome,
    /// What it measured.
    pub samples: Vec<Sample>,
}

/// What a probe found. A result that cannot be understood is `Unknown` with the reason, never `Ok`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// It works, but says or shows that something is off. One sentence without the check's name.
    Degraded(String),
    /// It does not work. One sentence without the check's name, for example `no answer within 5 s`.
    Down(String),
    /// Announced work is going on.
    Maintenance(String),
    /// The answer cannot be understood, is stale, or was not given. One sentence.
    Unknown(String),
}

/// One measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The series.
    pub series: SeriesId,
    /// When it was measured.
    pub at: UnixMs,
    /// The value, finite, in the series' configured unit; `None` when the source answered without one.
    pub value: Option<f64>,
}

/// Events of one error group, already redacted.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorSighting {
    /// The group.
    pub group: ErrorGroupId,
    /// The product.
    pub product: ProductId,
    /// The part of the product; empty when unknown.
    pub service: String,
    /// What the group is called.
    pub title: String,
    /// The exception's type.
    pub error_type: String,
    /// The category; empty when unknown.
    pub category: String,
    /// The boundary; empty when unknown.
    pub boundary: String,
    /// The version that was running; `None` when unknown.
    pub version: Option<String>,
    /// When the newest of these events happened.
    pub at: UnixMs,
    /// How many events.
    pub count: u64,
}
