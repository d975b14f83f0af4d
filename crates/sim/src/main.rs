//! `watchfloor-sim`: many seeds, or one with its trace.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use watchfloor_sim::client::Count;
use watchfloor_sim::incidents::Tally;
use watchfloor_sim::world::Summary;

#[derive(Parser)]
#[command(about = "The gateway's own code under seeded faults.")]
struct Arguments {
    /// Run this seed alone, and print how it ended.
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds to run.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Histories of incidents and people alone.
    #[arg(long)]
    incidents: bool,
}

#[derive(Default)]
struct Totals {
    seeds: u64,
    steps: u64,
    simulated_ms: i64,
    changes: u64,
    actions: [u64; 4],
    counts: BTreeMap<Count, u64>,
    faults: BTreeMap<&'static str, u64>,
    failed: Vec<u64>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("watchfloor-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool> {
    let seeds = match arguments.seed {
        Some(seed) => seed..seed + 1,
        None => arguments.from..arguments.from + arguments.seeds,
    };
    if arguments.incidents {
        return run_incidents(seeds);
    }
    let mut totals = Totals::default();
    for seed in seeds {
        let summary = watchfloor_sim::run(seed, None)?;
        if summary.failure.is_some() {
            report(seed, &summary);
            totals.failed.push(seed);
        }
        totals.add(&summary);
        if totals.seeds.is_multiple_of(500) {
            eprintln!("{} seeds, {} failed", totals.seeds, totals.failed.len());
        }
    }
    totals.print();
    Ok(totals.failed.is_empty())
}

/// Histories of incidents alone; two at a time, because a seed needs nothing of the others.
fn run_incidents(seeds: std::ops::Range<u64>) -> Result<bool> {
    let half = |first: bool| -> Result<(Tally, Vec<u64>)> {
        let (mut tally, mut failed) = (Tally::default(), Vec::new());
        for seed in seeds.clone().filter(|seed| seed.is_multiple_of(2) == first) {
            let history = watchfloor_sim::incidents::run(seed)?;
            tally.merge(&history.tally);
            if let Some((what, tail)) = history.failure {
                println!("seed {seed} failed: {what}");
                for line in tail {
                    println!("    {}", line.chars().take(240).collect::<String>());
                }
                println!("  again with: cargo xtask sim incidents --seed {seed}\n");
                failed.push(seed);
            }
        }
        Ok((tally, failed))
    };
    let (one, two) = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(true));
        let this = half(false);
        (this, other.join())
    });
    let (mut tally, mut failed) = one?;
    let (rest, more) = two.map_err(|_| anyhow::anyhow!("a history panicked"))??;
    tally.merge(&rest);
    failed.extend(more);
    for (name, times) in &tally.counts {
        println!("{name:<36} {times:>10}");
    }
    let count = seeds.end - seeds.start;
    println!(
        "{}",
        serde_json::json!({ "histories": count, "steps": tally.steps, "failed": failed })
    );
    Ok(failed.is_empty())
}

fn report(seed: u64, summary: &Summary) {
    let Some((what, tail)) = &summary.failure else {
        return;
    };
    println!("seed {seed} failed at {what}");
    for line in tail {
        println!("    {}", line.chars().take(240).collect::<String>());
    }
    println!("  again with: cargo xtask sim --seed {seed}\n");
}

impl Totals {
    fn add(&mut self, summary: &Summary) {
        self.seeds += 1;
        self.steps += summary.steps;
        self.simulated_ms += summary.simulated_ms;
        self.changes += summary.changes;
        for (all, one) in self.actions.iter_mut().zip(summary.actions) {
            *all += one;
        }
        for (count, times) in &summary.counts {
            *self.counts.entry(*count).or_default() += times;
        }
        for (fault, times) in &summary.faults {
            *self.faults.entry(fault).or_default() += times;
        }
        if self.seeds == 1 {
            println!("first seed's trace: {:016x}", summary.hash);
        }
    }

    fn print(&self) {
        for (fault, times) in &self.faults {
            println!("{fault:<36} {times:>10}");
        }
        for (count, times) in &self.counts {
            println!("{:<36} {times:>10}", format!("{count:?}"));
        }
        let [answered, replayed, refused, unavailable] = self.actions;
        println!(
            "{}",
            serde_json::json!({
                "seeds": self.seeds,
                "steps": self.steps,
                "simulated_hours": self.simulated_ms / 3_600_000,
                "changes": self.changes,
                "actions_answered": answered,
                "actions_replayed": replayed,
                "actions_refused": refused,
                "actions_unavailable": unavailable,
                "failed": self.failed,
            })
        );
    }
}
