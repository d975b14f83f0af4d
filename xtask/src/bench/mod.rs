//! `cargo xtask bench NAME`: each prints a table and, as its last line, the same figures as JSON.

mod acks;
mod applies;
mod example;
mod feed;
mod gateway;
mod history;
mod kernel_memory;
mod page;
mod proc_stat;
mod release_gateway;
mod responder;
mod rules;
mod sending;
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
    /// How many keys change a second (`applies`).
    #[arg(long, default_value_t = 2_000)]
    keys_per_second: usize,
    /// Which page is looked at, below the base; the overview when left out (`applies`).
    #[arg(long, default_value = "")]
    page: String,
    /// How many rules are evaluated (`rules`).
    #[arg(long, default_value_t = 5_000)]
    rules: usize,
    /// Over how many series (`rules`).
    #[arg(long, default_value_t = 10_000)]
    series: usize,
    /// For how long to measure, in seconds; of simulated time with `rules`.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// Acknowledgements with 2,000 alerts and 500 incidents, and the page that lists them.
    Acks,
    /// Memory and processor of the gateway.
    Gateway,
    /// The main thread of a page while many keys change.
    Applies,
    /// Memory, processor and latency with many clients of the feed.
    Feed,
    /// Questions for 30 days of 1,000 series.
    History,
    /// Cold load to live data, and the main thread while live.
    Page,
    /// Processor that the evaluation of many rules takes.
    Rules,
}

/// Runs one measurement.
///
/// # Errors
/// When something cannot be built or started, or dies while it is measured.
pub fn bench(workspace: &Workspace, args: &BenchArgs) -> Result<()> {
    match args.name {
        Name::Acks => acks::bench(workspace, args.seconds),
        Name::Gateway => gateway::bench(workspace, args.checks, args.seconds),
        Name::Applies => applies::bench(workspace, args.keys_per_second, args.seconds, &args.page),
        Name::Feed => feed::bench(workspace, args.connections, args.seconds),
        Name::History => history::bench(workspace),
        Name::Page => page::bench(workspace, args.checks, args.seconds),
        Name::Rules => rules::bench(workspace, args.rules, args.series, args.seconds),
    }
}
