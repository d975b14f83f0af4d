//! `bench feed`: what so many clients of the feed cost, and how fast they hear of things.
//!
//! Phases: the gateway alone, clients attached, idle, changes at 20,000 frames a second, the same with clients that
//! do not read, incidents, and a storm: the gateway is killed outright and all clients come back while people
//! acknowledge.

mod crowd;
mod gateway;

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use self::crowd::Crowd;
use self::gateway::Gateway;
use super::proc_stat;
use crate::command::{cargo, run};
use crate::step::{note, step};
use crate::table::layout;
use crate::workspace::Workspace;

/// How long the gateway rests before and after clients attach, so that start-up is not measured.
const SETTLE: Duration = Duration::from_secs(10);
/// Frames that are delivered a second under load, to all clients together.
const FRAMES_PER_S: u64 = 20_000;
/// A console gets at most ten frames a second; with fewer clients than two thousand fewer frames are delivered.
const MAX_CHANGES_PER_S: u64 = 8;
/// Of a hundred clients, this many do not read while the load is measured a second time.
const STOPPED_PCT: usize = 1;
/// Files that a process with so many connections needs besides them.
const OTHER_FILES: u64 = 500;

/// Measures with so many clients; idle and load take `seconds` each.
///
/// # Errors
/// When something cannot be built or started, dies, or clients do not come back.
pub fn bench(workspace: &Workspace, connections: usize, seconds: u64) -> Result<()> {
    allow_files(connections as u64 + OTHER_FILES)?;
    let packages = ["-p", "watchfloor-gateway", "-p", "watchfloor-crowd"];
    step("gateway and crowd (release)", || {
        run(cargo(workspace, &["build", "--release", "--locked"]).args(packages))
    })?;
    let mut gateway = Gateway::start(workspace, connections)?;
    let mut crowd = Crowd::start(workspace, &gateway.settings)?;
    let figures = measure(workspace, &mut gateway, &mut crowd, connections, seconds)?;
    print(&figures);
    Ok(())
}

/// The children inherit the limit.
fn allow_files(wanted: u64) -> Result<()> {
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    if now.maximum.is_some_and(|maximum| maximum < wanted) {
        bail!(
            "{wanted} open files are needed and at most {} are allowed; raise the hard limit (`ulimit -Hn`), or take fewer --connections",
            now.maximum.unwrap_or_default()
        );
    }
    let raised = Rlimit {
        current: Some(wanted),
        maximum: now.maximum,
    };
    Ok(setrlimit(Resource::Nofile, raised)?)
}

fn measure(
    workspace: &Workspace,
    gateway: &mut Gateway,
    crowd: &mut Crowd,
    connections: usize,
    seconds: u64,
) -> Result<Value> {
    sleep(SETTLE);
    let alone = proc_stat::read(gateway.pid)?;
    let attached = phase(
        crowd,
        "attach",
        json!({"do": "attach", "connections": connections}),
    )?;
    sleep(SETTLE);
    let (before, began_at) = (proc_stat::read(gateway.pid)?, Instant::now());
    let idle = phase(crowd, "idle", json!({"do": "hold", "seconds": seconds}))?;
    let after = proc_stat::read(gateway.pid)?;
    let idle_cpu_pct = cpu_pct(before.cpu_ms, after.cpu_ms, began_at.elapsed());
    let per_connection = |rss: u64| rss.saturating_sub(alone.rss_bytes) / connections.max(1) as u64;
    let changes = (FRAMES_PER_S / connections.max(1) as u64).clamp(1, MAX_CHANGES_PER_S);
    let load = |stopped| json!({"do": "load", "seconds": seconds, "changes_per_s": changes, "stopped": stopped});
    let (before, began_at) = (proc_stat::read(gateway.pid)?, Instant::now());
    let loaded = phase(crowd, "load", load(0))?;
    let loaded_at = proc_stat::read(gateway.pid)?;
    let load_cpu_pct = cpu_pct(before.cpu_ms, loaded_at.cpu_ms, began_at.elapsed());
    let stopped = (connections * STOPPED_PCT / 100).max(1);
    let beside = phase(crowd, "load beside clients that do not read", load(stopped))?;
    let beside_at = proc_stat::read(gateway.pid)?;
    let incidents = phase(crowd, "incidents", json!({"do": "incidents"}))?;
    phase(crowd, "acknowledge", json!({"do": "acknowledge"}))?;
    sleep(Duration::from_secs(5));
    let down = gateway.kill_and_restart(workspace)?;
    let storm = phase(
        crowd,
        "storm",
        json!({"do": "storm", "connections": connections}),
    )?;
    let after_storm = proc_stat::read(gateway.pid)?;
    Ok(json!({
        "connections": connections,
        "attach_s": attached["seconds"],
        "rss_alone_bytes": alone.rss_bytes,
        "rss_per_connection_bytes": per_connection(after.rss_bytes),
        "rss_per_connection_loaded_bytes": per_connection(loaded_at.rss_bytes),
        "rss_per_connection_stopped_bytes": per_connection(beside_at.rss_bytes),
        "rss_per_connection_storm_bytes": per_connection(after_storm.rss_bytes),
        "idle_cpu_pct": idle_cpu_pct,
        "idle_lost": idle["lost"],
        "load_cpu_pct": load_cpu_pct,
        "frames_per_s": loaded["frames_per_s"],
        "p50_ms": loaded["p50_ms"],
        "p99_ms": loaded["p99_ms"],
        "max_ms": loaded["max_ms"],
        "stopped": stopped,
        "stopped_p99_ms": beside["p99_ms"],
        "incident_p50_ms": incidents["incident_p50_ms"],
        "incident_p99_ms": incidents["incident_p99_ms"],
        "incident_max_ms": incidents["incident_max_ms"],
        "storm_down_s": down.as_secs_f64(),
        "storm_live_s": storm["storm_live_s"],
        "storm_snapshot_pct": storm["storm_snapshot_pct"],
        "storm_put_off": storm["put_off"],
        "acks": storm["acks"],
        "acks_refused": storm["acks_refused"],
        "ack_p50_ms": storm["ack_p50_ms"],
        "ack_p99_ms": storm["ack_p99_ms"],
        "ack_max_ms": storm["ack_max_ms"],
        "gaps": storm["gaps"],
    }))
}

fn phase(crowd: &mut Crowd, name: &str, command: Value) -> Result<Value> {
    note(name);
    let answer = crowd.ask(&command)?;
    note(answer.to_string());
    Ok(answer)
}

fn cpu_pct(before_ms: u64, after_ms: u64, time: Duration) -> f64 {
    let cpu_s = (after_ms - before_ms) as f64 / 1_000.0;
    let pct = 100.0 * cpu_s / time.as_secs_f64();
    (pct * 10.0).round() / 10.0
}

/// The table, and the same as one line of JSON. Figures go by their names in both.
fn print(figures: &Value) {
    let rows: Vec<[String; 2]> = figures
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| [name.clone(), shown(value)])
        .collect();
    println!("\n{}", layout(["feed", "value"], &rows));
    println!("{figures}");
}

fn shown(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if !value.is_u64() => format!("{number:.1}"),
        _ => value.to_string(),
    }
}
