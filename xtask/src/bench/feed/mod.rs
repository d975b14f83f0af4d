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
    let mut figures = json!({"connections": connections});
    sleep(SETTLE);
    let alone = proc_stat::read(gateway.pid)?.rss_bytes;
    let per_connection = |pid: u32| -> Result<Value> {
        let more = proc_stat::read(pid)?.rss_bytes.saturating_sub(alone);
        Ok(json!(more / connections.max(1) as u64))
    };
    figures["rss_alone_bytes"] = json!(alone);
    let command = json!({"do": "attach", "connections": connections});
    figures["attach_s"] = phase(crowd, "attach", command)?["seconds"].clone();
    sleep(SETTLE);
    let command = json!({"do": "hold", "seconds": seconds});
    let (idle, cpu_pct) = with_cpu(gateway.pid, || phase(crowd, "idle", command))?;
    figures["idle_cpu_pct"] = cpu_pct;
    figures["idle_lost"] = idle["lost"].clone();
    figures["rss_per_connection_bytes"] = per_connection(gateway.pid)?;
    load(gateway.pid, crowd, connections, seconds, &mut figures)?;
    figures["rss_per_connection_loaded_bytes"] = per_connection(gateway.pid)?;
    take(
        &mut figures,
        phase(crowd, "incidents", json!({"do": "incidents"}))?,
    );
    phase(crowd, "acknowledge", json!({"do": "acknowledge"}))?;
    sleep(Duration::from_secs(5));
    let down = gateway.kill_and_restart(workspace)?;
    figures["storm_down_s"] = json!(down.as_secs_f64());
    let command = json!({"do": "storm", "connections": connections});
    take(&mut figures, phase(crowd, "storm", command)?);
    figures["rss_per_connection_storm_bytes"] = per_connection(gateway.pid)?;
    Ok(figures)
}

/// Changes for everybody, alone and then beside clients that do not read.
fn load(
    pid: u32,
    crowd: &mut Crowd,
    connections: usize,
    seconds: u64,
    figures: &mut Value,
) -> Result<()> {
    let changes = (FRAMES_PER_S / connections.max(1) as u64).clamp(1, MAX_CHANGES_PER_S);
    let load = |stopped| json!({"do": "load", "seconds": seconds, "changes_per_s": changes, "stopped": stopped});
    let (loaded, cpu_pct) = with_cpu(pid, || phase(crowd, "load", load(0)))?;
    figures["load_cpu_pct"] = cpu_pct;
    take(figures, loaded);
    let stopped = (connections * STOPPED_PCT / 100).max(1);
    let beside = phase(crowd, "load beside clients that do not read", load(stopped))?;
    figures["stopped"] = json!(stopped);
    figures["stopped_p99_ms"] = beside["p99_ms"].clone();
    Ok(())
}

/// Adds what a phase measured.
fn take(figures: &mut Value, measured: Value) {
    if let (Some(figures), Value::Object(measured)) = (figures.as_object_mut(), measured) {
        figures.extend(measured);
    }
}

/// Does something, and gives how much of one core a process took meanwhile, in percent.
fn with_cpu<T>(pid: u32, work: impl FnOnce() -> Result<T>) -> Result<(T, Value)> {
    let (before, began_at) = (proc_stat::read(pid)?, Instant::now());
    let done = work()?;
    let after = proc_stat::read(pid)?;
    let cpu_s = (after.cpu_ms - before.cpu_ms) as f64 / 1_000.0;
    let pct = 100.0 * cpu_s / began_at.elapsed().as_secs_f64();
    Ok((done, json!((pct * 10.0).round() / 10.0)))
}

fn phase(crowd: &mut Crowd, name: &str, command: Value) -> Result<Value> {
    note(name);
    let answer = crowd.ask(&command)?;
    note(answer.to_string());
    Ok(answer)
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
