//! People who acknowledge while everything else happens.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use super::{ask, snapshot};
use crate::world::World;

/// Each action is a frame for every client that is live; all of them together make at most so many frames a second.
/// While few are live, which is when the gateway has the most else to do, many act.
const FRAMES_PER_S: usize = 20_000;
/// However few are live.
const ACTIONS_PER_S_MAX: usize = 20;
/// Between two actions of one person: an account may act 30 times a minute.
const REST: Duration = Duration::from_millis(2_100);
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// A person and the incident that they take and give back, again and again.
struct Desk {
    operator: usize,
    incident: u64,
    version: u64,
    is_taken: bool,
}

/// Begins; it ends when [`World::acknowledging`] is cleared.
pub async fn acknowledge(world: &Arc<World>) -> Result<Value> {
    let (back, free) = unbounded_channel();
    let desks = desks(world).await?;
    let operators = desks.len();
    for desk in desks {
        back.send(desk)?;
    }
    world.acknowledging.store(true, Relaxed);
    let world = Arc::clone(world);
    tokio::spawn(async move { plan(&world, &back, free).await });
    Ok(json!({ "operators": operators }))
}

async fn desks(world: &World) -> Result<Vec<Desk>> {
    let snapshot = snapshot(world).await?;
    let all = snapshot["incidents"].as_array().context("no incidents")?;
    let mut open: Vec<(u64, u64, bool)> = all
        .iter()
        .filter(|it| it["status"] != "resolved")
        .filter_map(|it| {
            let is_taken = it["status"] == "acknowledged";
            Some((it["id"].as_u64()?, it["version"].as_u64()?, is_taken))
        })
        .collect();
    // By number, so that each person finds the one that they had before.
    open.sort_unstable();
    let wanted = world.settings.operators.len();
    if open.len() < wanted {
        bail!("only {} of {wanted} incidents are open", open.len());
    }
    let desk = |(operator, (incident, version, is_taken))| Desk {
        operator,
        incident,
        version,
        is_taken,
    };
    Ok(open
        .into_iter()
        .take(wanted)
        .enumerate()
        .map(desk)
        .collect())
}

/// Actions are due at instants that do not depend on the answers, and their time counts from then: also the time in
/// which everybody waits for an answer.
async fn plan(world: &Arc<World>, back: &UnboundedSender<Desk>, mut free: UnboundedReceiver<Desk>) {
    let mut due_us = world.now_us();
    while world.acknowledging.load(Relaxed) {
        let live = world.live.load(Relaxed).max(1);
        let per_s = (FRAMES_PER_S / live).clamp(1, ACTIONS_PER_S_MAX);
        due_us += 1_000_000 / per_s as u64;
        sleep(Duration::from_micros(due_us.saturating_sub(world.now_us()))).await;
        let Some(desk) = free.recv().await else {
            return;
        };
        let (world, back) = (Arc::clone(world), back.clone());
        world.under_way.fetch_add(1, Relaxed);
        tokio::spawn(async move {
            let desk = act(&world, desk, due_us).await;
            world.under_way.fetch_sub(1, Relaxed);
            sleep(REST).await;
            if let Some(desk) = desk {
                // Nobody plans any more once the storm is over.
                let _ = back.send(desk);
            }
        });
    }
}

/// Takes or gives back; `None` when it was refused for good.
async fn act(world: &World, mut desk: Desk, due_us: u64) -> Option<Desk> {
    let (action, body) = if desk.is_taken {
        ("release", "{}")
    } else {
        let body = r#"{"note":"Looking.","lease_ms":600000,"scope":"severity"}"#;
        ("acknowledge", body)
    };
    let path = format!("/api/monitoring/incidents/{}/{action}", desk.incident);
    let (key, if_match) = (
        format!("crowd-{:04}-{due_us:012}", desk.operator),
        format!("\"{}\"", desk.version),
    );
    let headers = [
        ("Idempotency-Key", key.as_str()),
        ("If-Match", if_match.as_str()),
    ];
    let token = &world.settings.operators[desk.operator];
    // The same key until the outcome is known, as the console does.
    loop {
        match ask(world, ("POST", &path), token, &headers, body).await {
            Ok(answer) if answer.status == 200 => {
                world.acknowledged.add_us(world.now_us() - due_us);
                let text: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                desk.version = text["incident"]["version"]
                    .as_u64()
                    .unwrap_or(desk.version + 1);
                desk.is_taken = !desk.is_taken;
                return Some(desk);
            }
            Ok(answer) if answer.status < 500 => {
                world.refused.fetch_add(1, Relaxed);
                return None;
            }
            Ok(_) | Err(_) => sleep(TRY_AGAIN).await,
        }
    }
}
