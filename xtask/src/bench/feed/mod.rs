//! `bench feed`: what so many clients of the feed cost, and how fast they hear of things.
//!
//! Phases ([`phases`]): the gateway alone, clients attached, held idle, changes at 20,000 frames a second, larger
//! changes without and beside clients that read slowly or not at all, incidents, and storms: the gateway is killed
//! outright and all clients come back while people acknowledge.

mod crowd;
mod gateway;
mod phases;

use anyhow::{Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::Value;

use self::crowd::Crowd;
use self::gateway::Gateway;
use crate::command::{cargo, run};
use crate::step::step;
use crate::table::layout;
use crate::workspace::Workspace;

/// Clients that take a few kilobytes a second while the load is measured beside them.
const SLOW: usize = 100;
/// Clients that take nothing meanwhile.
const STOPPED: usize = 5;
/// Files that a process with so many connections needs besides them.
const OTHER_FILES: u64 = 500;

/// Measures with so many clients, which are held idle for `seconds`; load takes as long, but at most a minute.
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
    let figures = phases::measure(workspace, &mut gateway, &mut crowd, connections, seconds)?;
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
