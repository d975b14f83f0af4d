//! `cargo xtask bench NAME`: each prints a table and, as its last line, the same figures as JSON.

mod gateway;
mod proc_stat;
mod responder;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::command::{cargo, run};
use crate::tools;
use crate::workspace::Workspace;

/// Arguments of `bench`.
#[derive(Args)]
pub struct BenchArgs {
    /// What to measure.
    #[arg(value_enum)]
    name: Name,
    /// How many checks are watched.
    #[arg(long, default_value_t = 500)]
    checks: usize,
    /// For how long to measure, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// Memory and processor of the gateway, with every check probed each 10 s.
    Gateway,
    /// Cold load to live data, and the main thread while live.
    Page,
}

/// Runs one measurement.
///
/// # Errors
/// When something cannot be built or started, or dies while it is measured.
pub fn bench(workspace: &Workspace, args: &BenchArgs) -> Result<()> {
    match args.name {
        Name::Gateway => gateway::bench(workspace, args.checks, args.seconds),
        Name::Page => page(workspace, args),
    }
}

/// The browser's part lives with the browser tests.
fn page(workspace: &Workspace, args: &BenchArgs) -> Result<()> {
    crate::console::ensure(workspace)?;
    crate::run::build_release(workspace)?;
    tools::browser(workspace)?;
    let (checks, seconds) = (args.checks.to_string(), args.seconds.to_string());
    let program = [
        "run",
        "--quiet",
        "--locked",
        "-p",
        "watchfloor-e2e",
        "--bin",
        "bench-page",
        "--",
    ];
    run(cargo(workspace, &program).args(["--checks", &checks, "--seconds", &seconds]))
}
