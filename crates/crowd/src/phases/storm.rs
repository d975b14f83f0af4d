//! The gateway is gone, and everybody comes back.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::POLL;
use crate::clock::Stopwatch;
use crate::world::World;

const STORM_MAX: Duration = Duration::from_secs(120);
/// Acknowledgements that are under way at the end are waited for; they count.
const ANSWERED_MAX: Duration = Duration::from_secs(30);

/// Waits until 99.9 % are live again. What is said of acknowledgements covers all storms so far.
pub async fn storm(world: &World, connections: usize) -> Result<Value> {
    // Everyone is cut off at the same instant; that is when the time begins.
    let (resets, put_off) = (world.resets.load(Relaxed), world.put_off.load(Relaxed));
    let asked_at = Stopwatch::start();
    while world.live.load(Relaxed) > connections / 2 {
        if asked_at.elapsed() > STORM_MAX {
            bail!("the clients were not cut off");
        }
        sleep(Duration::from_millis(1)).await;
    }
    let (half_s, live_s) = back_after_s(world, connections).await?;
    world.acknowledging.store(false, Relaxed);
    let ended_at = Stopwatch::start();
    while world.under_way.load(Relaxed) > 0 {
        if ended_at.elapsed() > ANSWERED_MAX {
            bail!("acknowledgements are not answered");
        }
        sleep(POLL).await;
    }
    let resets = world.resets.load(Relaxed) - resets;
    Ok(json!({
        "storm_live_s": live_s,
        "half_live_s": half_s,
        "storm_snapshot_pct": 100.0 * resets as f64 / connections as f64,
        "put_off": world.put_off.load(Relaxed) - put_off,
        "acks": world.acknowledged.count(),
        "acks_refused": world.refused.load(Relaxed),
        "ack_p50_ms": world.acknowledged.quantile_ms(500),
        "ack_p99_ms": world.acknowledged.quantile_ms(990),
        "ack_max_ms": world.acknowledged.max_ms(),
        "gaps": world.gaps.load(Relaxed),
    }))
}

/// After how many seconds half of them and 99.9 % of them are live.
async fn back_after_s(world: &World, connections: usize) -> Result<(Option<f64>, f64)> {
    let cut_at = Stopwatch::start();
    let wanted = connections - connections / 1_000;
    let mut half_s = None;
    loop {
        let live = world.live.load(Relaxed);
        if half_s.is_none() && live >= connections / 2 {
            half_s = Some(cut_at.elapsed().as_secs_f64());
        }
        if live >= wanted {
            return Ok((half_s, cut_at.elapsed().as_secs_f64()));
        }
        if cut_at.elapsed() > STORM_MAX {
            bail!("only {live} of {connections} came back");
        }
        sleep(POLL).await;
    }
}
