//! `GET`/`HEAD /api/health`: the gateway's own health. Everybody may ask whether it is well; how it is inside
//! is for people who are signed in. A peer on this machine is no exception: behind a proxy everyone is one.

use std::path::Path;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::StatusCode;
use watchfloor_wire::feed::PipelineAges;
use watchfloor_wire::freshness::status_at;
use watchfloor_wire::health::{GatewayHealth, HealthDetail};
use watchfloor_wire::incident::IncidentStatus;
use watchfloor_wire::snapshot::Snapshot;
use watchfloor_wire::status::Status;

use super::Api;
use super::failure::Failure;
use super::openapi::about::{About, Parameter, Values};
use super::policy::READERS;
use super::query::Query;
use crate::auth::Principal;

/// Rules that were not evaluated for this long are not evaluated at all, in milliseconds.
const EVALUATION_STUCK_MS: i64 = 10_000;
/// With checks configured, something is stored at least this often, in milliseconds.
const STORE_STUCK_MS: i64 = 120_000;
/// With checks configured, one of them finishes at least this often, in milliseconds.
const PROBES_STUCK_MS: i64 = 120_000;

const PARAMETERS: &[Parameter] = &[Parameter::query(
    "detailed",
    "`true`: also how it is inside, for people who are signed in.",
    Values::OneOf(&["true", "false"]),
)];

/// The row's own words.
#[must_use]
pub fn about() -> About {
    About::new("readHealth", "Whether the gateway itself is well.")
        .parameters(PARAMETERS)
        .answers::<GatewayHealth>(200, "It is `healthy` or `degraded`.")
        .answers::<GatewayHealth>(503, "It is `unhealthy`.")
}
/// That confirmed changes were lost is told for a day, in milliseconds.
const LOSS_TOLD_MS: i64 = 86_400_000;

/// Answers how the gateway is; `?detailed=true` adds how it is inside for who may see that, and is ignored
/// for everybody else.
pub async fn health(
    State(api): State<Api>,
    principal: Option<Extension<Principal>>,
    query: Query,
) -> Result<Response, Failure> {
    let params = query.only(PARAMETERS)?;
    let detailed = params.word("detailed", &[("true", true), ("false", false)])?;
    let may_see = principal.is_some_and(|it| READERS.contains(&it.role));
    let (now, ages) = (api.clock().now(), api.ages());
    let state = api.hub().state();
    let (mut status, mut reasons) = judge(ages, state.checks.len());
    if let Some(age_ms) = api.engine().epoch_age_ms().filter(|it| *it <= LOSS_TOLD_MS) {
        reasons.push(format!(
            "The disk lost changes that it had confirmed; noticed {} s ago. The audit says which.",
            age_ms / 1_000
        ));
        if status == "healthy" {
            status = "degraded";
        }
    }
    let detail = if detailed == Some(true) && may_see {
        Some(detail(&api, &state, ages).await)
    } else {
        None
    };
    let health = GatewayHealth {
        status: status.to_owned(),
        reasons,
        now,
        uptime_ms: api.uptime_ms(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        detail,
    };
    let code = match status {
        "unhealthy" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    Ok((code, Json(health)).into_response())
}

async fn detail(api: &Api, state: &Snapshot, pipeline: PipelineAges) -> HealthDetail {
    let now = api.clock().now();
    let unknown = |check: &&_| status_at(check, now) == Status::Unknown;
    let open = state
        .incidents
        .iter()
        .filter(|it| it.status != IncidentStatus::Resolved);
    let (errors_last_hour, sign_ins_refused_last_hour) = api.last_hour();
    HealthDetail {
        pipeline,
        seq: state.seq,
        epoch: state.epoch.clone(),
        feed_clients: api.hub().clients(),
        checks: as_u64(state.checks.len()),
        checks_unknown: as_u64(state.checks.iter().filter(unknown).count()),
        incidents_open: as_u64(open.count()),
        errors_last_hour,
        sign_ins_refused_last_hour,
        store_bytes: store_bytes(api.data_dir()).await,
    }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The databases and their write-ahead logs; what cannot be read counts nothing.
async fn store_bytes(data_dir: &Path) -> u64 {
    let Ok(mut entries) = tokio::fs::read_dir(data_dir).await else {
        return 0;
    };
    let mut bytes = 0;
    while let Ok(Some(entry)) = entries.next_entry().await {
        let is_database = entry.file_name().to_string_lossy().contains(".db");
        if let (true, Ok(meta)) = (is_database, entry.metadata().await) {
            bytes += meta.len();
        }
    }
    bytes
}

/// Judges by the ages of the pipeline's stages. A gateway that has just started has no ages yet.
fn judge(ages: PipelineAges, checks: usize) -> (&'static str, Vec<String>) {
    let mut reasons = Vec::new();
    let late = |age_ms: Option<i64>, limit_ms: i64| age_ms.filter(|age_ms| *age_ms > limit_ms);
    let stuck = late(ages.evaluate_ms, EVALUATION_STUCK_MS);
    if let Some(age_ms) = stuck {
        reasons.push(format!(
            "Rules were last evaluated {} s ago.",
            age_ms / 1_000
        ));
    }
    if checks > 0 {
        if let Some(age_ms) = late(ages.store_ms, STORE_STUCK_MS) {
            reasons.push(format!("Nothing was stored for {} s.", age_ms / 1_000));
        }
        if let Some(age_ms) = late(ages.probe_ms, PROBES_STUCK_MS) {
            reasons.push(format!("No check finished for {} s.", age_ms / 1_000));
        }
    }
    match (stuck, reasons.is_empty()) {
        (Some(_), _) => ("unhealthy", reasons),
        (None, false) => ("degraded", reasons),
        (None, true) => ("healthy", reasons),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_follows_the_ages_of_the_pipeline() {
        let ages = |evaluate_ms, store_ms, probe_ms| PipelineAges {
            probe_ms,
            probe_late_after_ms: None,
            ingest_ms: None,
            evaluate_ms,
            store_ms,
        };
        for (ages, checks, status) in [
            (ages(None, None, None), 5, "healthy"),
            (
                ages(Some(10_000), Some(120_000), Some(120_000)),
                5,
                "healthy",
            ),
            (ages(Some(10_001), None, None), 0, "unhealthy"),
            (ages(Some(0), Some(120_001), None), 5, "degraded"),
            (ages(Some(0), Some(120_001), None), 0, "healthy"),
            (ages(Some(0), Some(0), Some(120_001)), 5, "degraded"),
            (ages(Some(0), Some(0), Some(120_001)), 0, "healthy"),
        ] {
            let (judged, reasons) = judge(ages, checks);
            assert_eq!(judged, status, "{ages:?} {checks}");
            assert_eq!(reasons.is_empty(), status == "healthy", "{reasons:?}");
        }
    }
}
