//! Every developer command of Watchfloor: `cargo xtask run`, `test`, `tidy`, `size`, `bench`, `console`.

#![forbid(unsafe_code)]

mod bench;
mod command;
mod console;
mod http;
mod process;
mod proof;
mod run;
mod size;
mod soak;
mod step;
mod table;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Every developer command of Watchfloor.")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything, start the five simulated products and the gateway, print the address.
    Run(run::RunArgs),
    /// Everything that must hold before a change lands: format, lints, licences, rules, tests, size, browser.
    Test(test::TestArgs),
    /// The project's own rules, with file and line.
    Tidy,
    /// What the browser fetches before live data shows, against the budget.
    Size,
    /// Measure: `gateway`, `feed`, `page` or `applies`.
    Bench(bench::BenchArgs),
    /// Watch a page over a day in fast motion: what it holds must not grow.
    Soak(soak::SoakArgs),
    /// Build the browser console and pack its assets into target/console.
    Console,
    /// Run the gateway's own code under seeded faults; a failing seed is printed and replays exactly.
    Sim(proof::SimArgs),
    /// Kill a real gateway under load, again and again, and look for what it had confirmed.
    Kill(proof::KillArgs),
    /// Put a bad network between real browsers and a real gateway: `feed`.
    Chaos(proof::ChaosArgs),
    /// Throw mutated bytes at everything that reads bytes from outside.
    Fuzz(proof::FuzzArgs),
}

fn main() -> ExitCode {
    match dispatch(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(task: Task) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Run(args) => run::run(&workspace, &args),
        Task::Test(args) => test::test(&workspace, &args),
        Task::Tidy => tidy::tidy(&workspace),
        Task::Size => size::size(&workspace),
        Task::Bench(args) => bench::bench(&workspace, &args),
        Task::Soak(args) => soak::soak(&workspace, &args),
        Task::Console => console::ensure(&workspace).map(drop),
        Task::Sim(args) => proof::sim(&workspace, &args),
        Task::Kill(args) => proof::kill(&workspace, &args),
        Task::Chaos(args) => proof::chaos(&workspace, &args),
        Task::Fuzz(args) => proof::fuzz(&workspace, &args),
    }
}
