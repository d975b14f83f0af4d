//! Changes for everybody, at instants that are fixed beforehand.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::Result;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::send_points;
use crate::world::{Series, World};

/// The last changes may still be on their way when the time is over.
const TAIL: Duration = Duration::from_millis(500);

/// What is changed, and who listens.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Load {
    /// For how long.
    seconds: u64,
    /// How often a second something changes.
    changes_per_s: u64,
    /// How many checks a change changes, about 350 bytes each.
    lanes: u64,
    /// Where latencies count.
    #[serde(default)]
    series: Series,
    /// So many clients do not read meanwhile.
    #[serde(default)]
    stopped: usize,
    /// So many others read a few kilobytes a second.
    #[serde(default)]
    slow: usize,
}

/// Changes things. A change is sent when it is due, whether or not those before were answered, and its latency
/// counts from then: what a stalled gateway delays is not left out.
pub async fn load(world: &Arc<World>, load: Load) -> Result<Value> {
    world.stopped.store(load.stopped, Relaxed);
    world.slow.store(load.slow, Relaxed);
    world.count_in(load.series);
    let (frames, lost) = (world.frames.load(Relaxed), world.lost.load(Relaxed));
    let (began_us, per_s) = (world.now_us(), load.changes_per_s.max(1));
    let mut changes = JoinSet::new();
    for number in 0..load.seconds * per_s {
        let due_us = began_us + number * 1_000_000 / per_s;
        sleep(Duration::from_micros(due_us.saturating_sub(world.now_us()))).await;
        let world = Arc::clone(world);
        changes.spawn(async move { change(&world, due_us, load.lanes).await });
    }
    while let Some(sent) = changes.join_next().await {
        sent??;
    }
    sleep(TAIL).await;
    let took_s = (world.now_us() - began_us) as f64 / 1e6 - TAIL.as_secs_f64();
    let frames = world.frames.load(Relaxed) - frames;
    let lost = world.lost.load(Relaxed) - lost;
    world.stopped.store(0, Relaxed);
    world.slow.store(0, Relaxed);
    let latencies = world.changes();
    Ok(json!({
        "frames": frames,
        "frames_per_s": frames as f64 / took_s,
        "counted": latencies.count(),
        "first_ms": latencies.quantile_ms(1),
        "p50_ms": latencies.quantile_ms(500),
        "p99_ms": latencies.quantile_ms(990),
        "max_ms": latencies.max_ms(),
        "gaps": world.gaps.load(Relaxed),
        "lost": lost,
    }))
}

/// The value of the first check is the instant at which the change was due.
async fn change(world: &World, due_us: u64, lanes: u64) -> Result<()> {
    let point =
        |lane| format!(r#"{{"name":"lane-{lane}.due_us","value":{due_us},"unit":"count"}}"#);
    let points: Vec<String> = (0..lanes.max(1)).map(point).collect();
    send_points(world, &points.join(",")).await
}
