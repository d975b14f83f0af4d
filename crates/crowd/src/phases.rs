//! What is measured, one phase after the other.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::client::Client;
use crate::clock::Stopwatch;
use crate::http::{self, Answer};
use crate::world::World;

const POLL: Duration = Duration::from_millis(20);
/// Clients that connect in one go at the start, and the pause after them: below what the gateway admits.
const BATCH: usize = 20;
const BATCH_PAUSE: Duration = Duration::from_millis(50);
const ATTACH_MAX: Duration = Duration::from_secs(180);
const STORM_MAX: Duration = Duration::from_secs(120);
/// Between two actions of one account. Each of them is a frame for everybody: twenty people and ten thousand clients
/// make as many frames as the load does.
const ACT_EVERY: Duration = Duration::from_secs(8);
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// What to do next.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Connect so many clients.
    Attach { connections: usize },
    /// Listen for so long.
    Hold { seconds: u64 },
    /// Change something so many times a second for so long; the first `stopped` clients do not read meanwhile.
    Load {
        seconds: u64,
        changes_per_s: u64,
        stopped: usize,
    },
    /// Cause an incident for each operator, one after the other.
    Incidents,
    /// Begin to acknowledge; the answer comes at once, and the caller kills the gateway.
    Acknowledge,
    /// Wait until the clients are back.
    Storm { connections: usize },
}

/// Does it, and gives what was measured.
pub async fn run(world: &Arc<World>, command: Command) -> Result<Value> {
    match command {
        Command::Attach { connections } => attach(world, connections).await,
        Command::Hold { seconds } => hold(world, seconds).await,
        Command::Load {
            seconds,
            changes_per_s,
            stopped,
        } => load(world, seconds, changes_per_s, stopped).await,
        Command::Incidents => incidents(world).await,
        Command::Acknowledge => acknowledge(world).await,
        Command::Storm { connections } => storm(world, connections).await,
    }
}

async fn attach(world: &Arc<World>, connections: usize) -> Result<Value> {
    let snapshot = snapshot(world).await?;
    let epoch = snapshot["epoch"].as_str().context("no epoch")?.to_owned();
    let seq = snapshot["seq"].as_u64().context("no seq")?;
    *world.start.lock().unwrap_or_else(PoisonError::into_inner) = (epoch, seq);
    let began_at = Stopwatch::start();
    for number in 0..connections {
        tokio::spawn(Client::new(world, number).run());
        if number % BATCH == BATCH - 1 {
            sleep(BATCH_PAUSE).await;
        }
    }
    while world.live.load(Relaxed) < connections {
        if began_at.elapsed() > ATTACH_MAX {
            bail!(
                "only {} of {connections} became live",
                world.live.load(Relaxed)
            );
        }
        sleep(POLL).await;
    }
    Ok(json!({ "attached": connections, "seconds": began_at.elapsed().as_secs_f64() }))
}

async fn hold(world: &World, seconds: u64) -> Result<Value> {
    let (frames, lost) = (world.frames.load(Relaxed), world.lost.load(Relaxed));
    sleep(Duration::from_secs(seconds)).await;
    Ok(json!({
        "frames": world.frames.load(Relaxed) - frames,
        "lost": world.lost.load(Relaxed) - lost,
        "live": world.live.load(Relaxed),
    }))
}

async fn load(world: &Arc<World>, seconds: u64, per_s: u64, stopped: usize) -> Result<Value> {
    world.stopped.store(stopped, Relaxed);
    world.changes.clear();
    let (frames, began_at) = (world.frames.load(Relaxed), Stopwatch::start());
    let mut beat = tokio::time::interval(Duration::from_micros(1_000_000 / per_s.max(1)));
    while began_at.elapsed() < Duration::from_secs(seconds) {
        beat.tick().await;
        let body = format!(
            r#"{{"event":"deploy","version":"crowd-{}"}}"#,
            world.now_us()
        );
        let path = "/api/monitoring/ingest/deploys";
        let answer = ask(
            world,
            ("POST", path),
            &world.settings.ingest_key,
            &[],
            &body,
        )
        .await?;
        if answer.status != 200 {
            bail!("a change was answered with {}", answer.status);
        }
    }
    let took_s = began_at.elapsed().as_secs_f64();
    // The last ones may still be on their way.
    sleep(Duration::from_millis(500)).await;
    let frames = world.frames.load(Relaxed) - frames;
    world.stopped.store(0, Relaxed);
    Ok(json!({
        "frames": frames,
        "frames_per_s": frames as f64 / took_s,
        "first_ms": world.changes.quantile_ms(1),
        "p50_ms": world.changes.quantile_ms(500),
        "p99_ms": world.changes.quantile_ms(990),
        "max_ms": world.changes.max_ms(),
        "gaps": world.gaps.load(Relaxed),
        "lost": world.lost.load(Relaxed),
    }))
}

async fn incidents(world: &Arc<World>) -> Result<Value> {
    world.incidents.clear();
    for number in 0..world.settings.operators.len() {
        // Until the frames of the one before have arrived everywhere.
        sleep(Duration::from_millis(1_500)).await;
        world.incident_at_us.store(world.now_us(), Relaxed);
        let body =
            format!(r#"{{"points":[{{"name":"gate-{number}.depth","value":9,"unit":"count"}}]}}"#);
        let path = "/api/monitoring/ingest/metrics";
        let answer = ask(
            world,
            ("POST", path),
            &world.settings.ingest_key,
            &[],
            &body,
        )
        .await?;
        if answer.status != 200 {
            let text = String::from_utf8_lossy(&answer.body);
            bail!("a metric was answered with {}: {text}", answer.status);
        }
    }
    sleep(Duration::from_secs(2)).await;
    world.incident_at_us.store(0, Relaxed);
    Ok(json!({
        "arrived": world.incidents.count(),
        "incident_p50_ms": world.incidents.quantile_ms(500),
        "incident_p99_ms": world.incidents.quantile_ms(990),
        "incident_max_ms": world.incidents.max_ms(),
    }))
}

/// Each operator takes one incident and gives it back, again and again.
async fn acknowledge(world: &Arc<World>) -> Result<Value> {
    let snapshot = snapshot(world).await?;
    let open: Vec<(u64, u64)> = snapshot["incidents"]
        .as_array()
        .context("no incidents")?
        .iter()
        .filter(|it| it["status"] == "triggered")
        .filter_map(|it| Some((it["id"].as_u64()?, it["version"].as_u64()?)))
        .collect();
    if open.len() < world.settings.operators.len() {
        bail!("only {} incidents are open", open.len());
    }
    world.acknowledging.store(true, Relaxed);
    world.acknowledged.clear();
    for (number, incident) in (0..world.settings.operators.len()).zip(open) {
        let world = Arc::clone(world);
        tokio::spawn(async move {
            // Spread over the pause between two actions, so that one of them is always under way.
            sleep(ACT_EVERY * u32::try_from(number % 25).unwrap_or(0) / 25).await;
            operator(&world, number, incident).await;
        });
    }
    Ok(json!({ "operators": world.settings.operators.len() }))
}

async fn operator(world: &World, number: usize, (incident, mut version): (u64, u64)) {
    let token = &world.settings.operators[number];
    let mut beat = tokio::time::interval(ACT_EVERY);
    for turn in 0.. {
        beat.tick().await;
        if !world.acknowledging.load(Relaxed) {
            return;
        }
        let (action, body) = if turn % 2 == 0 {
            (
                "acknowledge",
                r#"{"note":"Looking.","lease_ms":600000,"scope":"severity"}"#,
            )
        } else {
            ("release", "{}")
        };
        let path = format!("/api/monitoring/incidents/{incident}/{action}");
        let (key, if_match) = (
            format!("crowd-{number:04}-{turn:06}"),
            format!("\"{version}\""),
        );
        let headers = [
            ("Idempotency-Key", key.as_str()),
            ("If-Match", if_match.as_str()),
        ];
        let began_us = world.now_us();
        // The same key until the outcome is known, as the console does.
        while world.acknowledging.load(Relaxed) {
            match ask(world, ("POST", &path), token, &headers, body).await {
                Ok(answer) if answer.status == 200 => {
                    world.acknowledged.add_us(world.now_us() - began_us);
                    let text: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                    version = text["incident"]["version"].as_u64().unwrap_or(version + 1);
                    break;
                }
                Ok(answer) if answer.status < 500 => {
                    world.refused.fetch_add(1, Relaxed);
                    return;
                }
                Ok(_) | Err(_) => sleep(TRY_AGAIN).await,
            }
        }
    }
}

async fn storm(world: &World, connections: usize) -> Result<Value> {
    // Everyone is cut off at the same instant; that is when the time begins.
    let (resets, put_off) = (world.resets.load(Relaxed), world.put_off.load(Relaxed));
    let asked_at = Stopwatch::start();
    while world.live.load(Relaxed) > connections / 2 {
        if asked_at.elapsed() > STORM_MAX {
            bail!("the clients were not cut off");
        }
        sleep(Duration::from_millis(1)).await;
    }
    let cut_at = Stopwatch::start();
    let wanted = connections - connections / 1_000;
    let mut half_s = None;
    while world.live.load(Relaxed) < wanted {
        if half_s.is_none() && world.live.load(Relaxed) >= connections / 2 {
            half_s = Some(cut_at.elapsed().as_secs_f64());
        }
        if cut_at.elapsed() > STORM_MAX {
            bail!(
                "only {} of {connections} came back",
                world.live.load(Relaxed)
            );
        }
        sleep(POLL).await;
    }
    let live_s = cut_at.elapsed().as_secs_f64();
    world.acknowledging.store(false, Relaxed);
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

async fn snapshot(world: &World) -> Result<Value> {
    let token = &world.settings.viewer;
    let answer = ask(world, ("GET", "/api/monitoring/dashboard"), token, &[], "").await?;
    if answer.status != 200 {
        bail!("the snapshot was answered with {}", answer.status);
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

async fn ask(
    world: &World,
    what: (&str, &str),
    token: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Answer> {
    let bearer = format!("Bearer {token}");
    let mut all = vec![("Authorization", bearer.as_str())];
    all.extend_from_slice(headers);
    http::ask(world.settings.gateway, what, &all, body).await
}
