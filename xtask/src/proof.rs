//! `cargo xtask sim`, `kill`, `chaos` and `fuzz`: the proofs that take longer than a test may.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};

use crate::command::{browser_part, cargo, command, run};
use crate::step::step;
use crate::workspace::Workspace;
use crate::{console, tools};

/// What `sim` runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Histories {
    /// The whole feed under every fault.
    Feed,
    /// Incidents and people alone: short, so that there can be a hundred thousand.
    Incidents,
}

/// Arguments of `sim`.
#[derive(Args)]
pub struct SimArgs {
    /// Which simulation.
    #[arg(value_enum, default_value_t = Histories::Feed)]
    histories: Histories,
    /// Run this seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds to run.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
}

/// Arguments of `kill`.
#[derive(Args)]
pub struct KillArgs {
    /// How often to kill it.
    #[arg(long, default_value_t = 200)]
    times: u32,
}

/// Arguments of `chaos`.
#[derive(Args)]
pub struct ChaosArgs {
    /// What to put under faults.
    #[arg(value_enum)]
    what: Chaos,
    /// Run only faults whose names hold these words.
    #[arg(long)]
    only: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Chaos {
    /// The way between browsers and the gateway.
    Feed,
}

/// Arguments of `fuzz`.
#[derive(Args)]
pub struct FuzzArgs {
    /// How long to run each target, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Run this target alone.
    #[arg(long)]
    target: Option<String>,
}

/// Runs seeds of the simulation, optimised: the same seed is the same run in every build.
///
/// # Errors
/// When one of them breaks an invariant; what broke and the last steps were printed.
pub fn sim(workspace: &Workspace, args: &SimArgs) -> Result<()> {
    let mut words = vec![
        "run".to_owned(),
        "--release".to_owned(),
        "--quiet".to_owned(),
    ];
    words.extend(
        [
            "--package",
            "watchfloor-sim",
            "--bin",
            "watchfloor-sim",
            "--",
        ]
        .map(str::to_owned),
    );
    match args.seed {
        Some(seed) => words.extend(["--seed".to_owned(), seed.to_string()]),
        None => words.extend([
            "--seeds".to_owned(),
            args.seeds.to_string(),
            "--from".to_owned(),
            args.from.to_string(),
        ]),
    }
    if args.histories == Histories::Incidents {
        words.push("--incidents".to_owned());
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run(&mut cargo(workspace, &words))
}

/// Kills a real gateway under load.
///
/// # Errors
/// When something that it had confirmed is gone, or it does not come back.
pub fn kill(workspace: &Workspace, args: &KillArgs) -> Result<()> {
    let build = ["build", "--quiet", "--package"];
    step("gateway", || {
        run(cargo(workspace, &build).arg("watchfloor-gateway"))
    })?;
    step("load", || {
        run(cargo(workspace, &build).args(["watchfloor-sim", "--bin", "watchfloor-kill"]))
    })?;
    let mut killer = command(workspace, workspace.binary("debug", "watchfloor-kill"));
    killer
        .arg("--gateway")
        .arg(workspace.binary("debug", "watchfloor"));
    run(killer.arg("--times").arg(args.times.to_string()))
}

/// Puts a bad network between real pages and a real gateway.
///
/// # Errors
/// When a page breaks a promise; the table says which.
pub fn chaos(workspace: &Workspace, args: &ChaosArgs) -> Result<()> {
    let Chaos::Feed = args.what;
    tools::browser(workspace)?;
    console::ensure(workspace)?;
    step("gateway, products and proxy", || {
        let build = ["build", "--quiet", "--bins", "--package"];
        run(cargo(workspace, &build).args(["watchfloor-gateway", "--package", "watchfloor-fleet"]))
    })?;
    let mut chaos = browser_part(workspace, "chaos-feed");
    if let Some(only) = &args.only {
        chaos.args(["--only", only]);
    }
    run(&mut chaos)
}

/// Where the targets are: a workspace of their own, because they are built with instruments in them.
const FUZZ: &str = "fuzz";
/// Built for the host by name, so that build scripts and macros are built without the instruments.
const HOST: &str = "x86_64-unknown-linux-gnu";
/// What `cargo fuzz` sets, without the sanitiser: our crates forbid unsafe code.
const INSTRUMENTS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks";
/// One input may take this long, in seconds.
const SLOWEST_S: u32 = 5;
/// A target may take this much memory, in MiB.
const MEMORY_MIB: u32 = 512;
/// The longest input, in bytes.
const LONGEST_BYTES: u32 = 8_192;

/// Runs each target for a while, from the inputs that are kept in `fuzz/corpus`.
///
/// # Errors
/// When a target crashed, hung, or took too much memory; libFuzzer says where the input is.
pub fn fuzz(workspace: &Workspace, args: &FuzzArgs) -> Result<()> {
    let folder = workspace.path(FUZZ);
    let target_dir = workspace.target().join("fuzz");
    let manifest = folder.join("Cargo.toml");
    step("fuzz targets", || {
        run(cargo(
            workspace,
            &["build", "--release", "--quiet", "--target", HOST],
        )
        .arg("--manifest-path")
        .arg(&manifest)
        .arg("--target-dir")
        .arg(&target_dir)
        .env("RUSTFLAGS", INSTRUMENTS))
    })?;
    let programs = target_dir.join(HOST).join("release");
    let mut failed = Vec::new();
    for name in targets(&folder.join("fuzz_targets"))? {
        if args.target.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        println!("\n{name}");
        if fuzz_one(workspace, &name, &programs.join(&name), args.seconds).is_err() {
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("these targets failed: {}", failed.join(", "));
    }
    Ok(())
}

fn fuzz_one(workspace: &Workspace, name: &str, program: &PathBuf, seconds: u64) -> Result<()> {
    let found = workspace.target().join("fuzz-corpus").join(name);
    let artifacts = workspace.target().join("fuzz-artifacts").join(name);
    std::fs::create_dir_all(&found)?;
    std::fs::create_dir_all(&artifacts)?;
    let mut fuzzer = command(workspace, program);
    // New inputs go into the first folder; the second is kept with the sources.
    fuzzer.arg(found);
    let kept = workspace.path(FUZZ).join("corpus").join(name);
    if kept.is_dir() {
        fuzzer.arg(kept);
    }
    fuzzer
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={SLOWEST_S}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
        .arg(format!("-max_len={LONGEST_BYTES}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg("-print_final_stats=1")
        .arg("-verbosity=0");
    run(&mut fuzzer)
}

/// The names of all targets, in order.
fn targets(folder: &std::path::Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).context("there are no fuzz targets")? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "rs")
            && let Some(name) = path.file_stem().and_then(|it| it.to_str())
        {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}
