//! Incidents, and how soon everybody knows.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::send_points;
use crate::world::World;

/// So many are caused one after the other and measured; the others are caused together.
const MEASURED: usize = 20;
/// Between two of them, so that the frames of the one before have arrived everywhere.
const APART: Duration = Duration::from_millis(1_500);

/// Causes an incident for each operator.
pub async fn incidents(world: &Arc<World>) -> Result<Value> {
    world.incidents.clear();
    let all = world.settings.operators.len();
    let measured = all.min(MEASURED);
    for number in 0..measured {
        sleep(APART).await;
        world.incident_at_us.store(world.now_us(), Relaxed);
        send_points(world, &deep(number)).await?;
    }
    sleep(APART).await;
    world.incident_at_us.store(0, Relaxed);
    let figures = json!({
        "incidents": measured,
        "incidents_arrived": world.incidents.count(),
        "incident_p50_ms": world.incidents.quantile_ms(500),
        "incident_p99_ms": world.incidents.quantile_ms(990),
        "incident_max_ms": world.incidents.max_ms(),
    });
    let others: Vec<String> = (measured..all).map(deep).collect();
    send_points(world, &others.join(",")).await?;
    sleep(APART).await;
    Ok(figures)
}

/// A value on which the rule of a gate fires.
fn deep(gate: usize) -> String {
    format!(r#"{{"name":"gate-{gate}.depth","value":9,"unit":"count"}}"#)
}
