//! What is measured, one phase after the other.

mod acknowledge;
mod incidents;
mod load;
mod storm;

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use self::load::Load;
use crate::client::Client;
use crate::clock::Stopwatch;
use crate::http::{self, Answer};
use crate::world::World;

const POLL: Duration = Duration::from_millis(20);
/// Clients that connect in one go at the start, and the pause after them: below what the gateway admits.
const BATCH: usize = 20;
const BATCH_PAUSE: Duration = Duration::from_millis(50);
const ATTACH_MAX: Duration = Duration::from_secs(180);

/// What to do next.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Connect so many clients.
    Attach { connections: usize },
    /// Listen for so long.
    Hold { seconds: u64 },
    /// Change things.
    Load(Load),
    /// Cause an incident for each operator, the first twenty one after the other.
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
        Command::Load(it) => load::load(world, it).await,
        Command::Incidents => incidents::incidents(world).await,
        Command::Acknowledge => acknowledge::acknowledge(world).await,
        Command::Storm { connections } => storm::storm(world, connections).await,
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

/// Sends points of metrics as the product does.
async fn send_points(world: &World, points: &str) -> Result<()> {
    let body = format!(r#"{{"points":[{points}]}}"#);
    let path = "/api/monitoring/ingest/metrics";
    let key = &world.settings.ingest_key;
    let answer = ask(world, ("POST", path), key, &[], &body).await?;
    if answer.status != 200 {
        let text = String::from_utf8_lossy(&answer.body);
        bail!("metrics were answered with {}: {text}", answer.status);
    }
    Ok(())
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
