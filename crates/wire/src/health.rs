//! The gateway's own health.

use serde::{Deserialize, Serialize};

use crate::feed::PipelineAges;
use crate::notification::NotificationHealth;
use crate::time::UnixMs;

/// Answer of `GET /api/health`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GatewayHealth {
    /// `healthy`, `degraded` or `unhealthy`; the HTTP status is 200, 200 or 503 accordingly.
    pub status: String,
    /// Why not `healthy`; empty when it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// The gateway's time.
    pub now: UnixMs,
    /// How long it has been running, in milliseconds.
    pub uptime_ms: i64,
    /// Its version.
    pub version: String,
    /// Only with `?detailed=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<HealthDetail>,
}

/// What `?detailed=true` adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HealthDetail {
    /// How long ago each stage last did its work.
    pub pipeline: PipelineAges,
    /// Head of the feed.
    pub seq: u64,
    /// Its epoch.
    pub epoch: String,
    /// Clients on the feed.
    pub feed_clients: u64,
    /// Checks configured.
    pub checks: u64,
    /// Checks without a valid result.
    pub checks_unknown: u64,
    /// Incidents not resolved.
    pub incidents_open: u64,
    /// Error events taken in over the last hour.
    pub errors_last_hour: u64,
    /// Sign-ins refused over the last hour.
    pub sign_ins_refused_last_hour: u64,
    /// Bytes of the databases on disk.
    pub store_bytes: u64,
    /// How telling people goes; `None` when the gateway is too old to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notifications: Option<NotificationHealth>,
}
