//! `cargo xtask bench NAME`: each prints a table and, as its last line, the same figures as JSON.

mod feed;
mod gateway;
mod kernel_memory;
mod page;
mod proc_stat;
mod responder;
mod watched;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::workspace::Workspace;

/// Arguments of `bench`.
#[derive(Args)]
pub struct BenchArgs {
    /// What to measure.
    #[arg(value_enum)]
    name: Name,
    /// How many checks are watched, each probed every 10 s.
    #[arg(long, default_value_t = 500)]
    checks: usize,
    /// How many clients of the feed there are (`feed`).
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// For how long to measure, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// Memory and processor of the gateway.
    Gateway,
    /// Memory, processor and latency with many clients of the feed.
    Feed,
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
        Name::Feed => feed::bench(workspace, args.connections, args.seconds),
        Name::Page => page::bench(workspace, args.checks, args.seconds),
    }
}
