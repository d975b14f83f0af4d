//! `watchfloor-kill`: a real gateway under load, killed outright at random moments, again and again. Afterwards
//! everything that it had confirmed must be there, nothing may be there by half, and clients go on where they were.

#![forbid(unsafe_code)]

mod disk;
mod gateway;
mod http;
mod people;
mod watchers;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use rand::Rng as _;
use serde_json::json;
use tokio::time::sleep;

use gateway::Gateway;

/// So many actions are confirmed between two kills, on average, or too little was going on.
const CONFIRMED_A_KILL: usize = 10;

#[derive(Parser)]
#[command(about = "Kills a real gateway under load, and looks for what it had confirmed.")]
struct Arguments {
    /// The gateway's program.
    #[arg(long)]
    gateway: PathBuf,
    /// How often to kill it.
    #[arg(long, default_value_t = 200)]
    times: u32,
    /// Clients that follow the feed.
    #[arg(long, default_value_t = 30)]
    watchers: usize,
}

/// What an operator asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who.
    pub operator: usize,
    /// The idempotency key, which is the note as well.
    pub key: String,
}

/// What all tasks share.
pub struct Load {
    /// Where the gateway listens.
    pub address: SocketAddr,
    /// The operators' tokens.
    pub operators: Vec<String>,
    /// A token that may look.
    pub viewer: String,
    /// What was answered 200, with the answer.
    pub confirmed: Mutex<Vec<(Asked, String)>>,
    /// What was asked and not answered.
    pub unanswered: Mutex<Vec<Asked>>,
    /// How often the gateway was started.
    pub lives: AtomicU64,
    /// Nobody asks for anything any more.
    pub is_over: AtomicBool,
    /// Hellos that were taken after a kill.
    pub resumed: AtomicU64,
    /// Hellos that were answered with a reset after a kill.
    pub resets: AtomicU64,
    /// Frames that did not join, or pings that told of lost frames.
    pub gaps: AtomicU64,
    /// Batches that products sent in.
    pub ingested: AtomicU64,
}

impl Load {
    /// Locks; whoever panicked while holding it has ended the run already.
    pub fn lock<'a, T>(&self, mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether to go on asking.
    pub fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::SeqCst)
    }
}

/// What the kills came to.
#[derive(Default)]
struct Tally {
    ready_ms: Vec<u64>,
    killed_at_start: u32,
    late: usize,
    not_done: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let outcome = runtime
        .context("no runtime")
        .and_then(|runtime| runtime.block_on(run(&arguments)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("watchfloor-kill: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut gateway = Gateway::prepare(&arguments.gateway, folder.path())?;
    gateway.start()?;
    gateway.ready().await?;
    let load = Arc::new(gateway.load()?);
    load.lives.store(1, Ordering::SeqCst);
    for operator in 0..load.operators.len() {
        tokio::spawn(people::press(Arc::clone(&load), operator));
    }
    tokio::spawn(people::send_in(Arc::clone(&load)));
    let watchers: Vec<_> = (0..arguments.watchers)
        .map(|_| watchers::Watcher::start(Arc::clone(&load)))
        .collect();
    let mut tally = Tally::default();
    for round in 1..=arguments.times {
        kill_once(&mut gateway, &load, &mut tally).await?;
        if round % 10 == 0 {
            eprintln!(
                "killed {round} times, {} confirmed",
                load.lock(&load.confirmed).len()
            );
        }
    }
    load.is_over.store(true, Ordering::SeqCst);
    sleep(Duration::from_millis(500)).await;
    people::ask_for_answers(&load, &mut tally.late, &mut tally.not_done).await?;
    watchers::all_equal(&load, &watchers).await?;
    gateway.kill()?;
    let confirmed = load.lock(&load.confirmed).clone();
    disk::check(&gateway.data(), &confirmed)?;
    print(arguments, &load, &tally);
    let resets = load.resets.load(Ordering::SeqCst);
    let resumed = load.resumed.load(Ordering::SeqCst);
    worked(confirmed.len(), arguments.times)?;
    ensure!(load.gaps.load(Ordering::SeqCst) == 0, "frames were lost");
    ensure!(
        resets * 100 <= resets + resumed,
        "{resets} of {} hellos were answered with a reset",
        resets + resumed
    );
    Ok(())
}

/// A run in which nothing was going on proves nothing.
fn worked(confirmed: usize, kills: u32) -> Result<()> {
    let due = usize::try_from(kills)?.saturating_mul(CONFIRMED_A_KILL);
    ensure!(
        confirmed >= due,
        "only {confirmed} actions were confirmed over {kills} kills; at least {due} are needed to prove anything"
    );
    Ok(())
}

/// Lets it work for a while, kills it, looks at the disk, and starts it again; now and then it is killed while it
/// starts.
async fn kill_once(gateway: &mut Gateway, load: &Load, tally: &mut Tally) -> Result<()> {
    let work_ms = rand::rng().random_range(150..1_400);
    sleep(Duration::from_millis(work_ms)).await;
    gateway.kill()?;
    let confirmed = load.lock(&load.confirmed).clone();
    disk::check(&gateway.data(), &confirmed)?;
    if rand::rng().random_ratio(1, 6) {
        gateway.start()?;
        let start_ms = rand::rng().random_range(1..250);
        sleep(Duration::from_millis(start_ms)).await;
        gateway.kill()?;
        tally.killed_at_start += 1;
    }
    gateway.start()?;
    tally.ready_ms.push(gateway.ready().await?);
    load.lives.fetch_add(1, Ordering::SeqCst);
    people::ask_for_answers(load, &mut tally.late, &mut tally.not_done).await
}

fn print(arguments: &Arguments, load: &Load, tally: &Tally) {
    let count = |it: &AtomicU64| it.load(Ordering::SeqCst);
    let (resumed, resets) = (count(&load.resumed), count(&load.resets));
    let mut ready_ms = tally.ready_ms.clone();
    ready_ms.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "there are some thousands")]
    let snapshot_pct = 100.0 * resets as f64 / (resumed + resets).max(1) as f64;
    let figures = json!({
        "kills": arguments.times + tally.killed_at_start,
        "killed_while_starting": tally.killed_at_start,
        "batches_sent_in": count(&load.ingested),
        "confirmed": load.lock(&load.confirmed).len(),
        "confirmed_by_asking_again": tally.late,
        "not_answered_and_not_done": tally.not_done,
        "missing": 0,
        "by_half": 0,
        "resumed": resumed,
        "resumed_by_snapshot": resets,
        "snapshot_pct": snapshot_pct,
        "gaps": count(&load.gaps),
        "watchers_equal": arguments.watchers,
        "ready_p50_ms": ready_ms.get(ready_ms.len() / 2),
        "ready_max_ms": ready_ms.last(),
    });
    for (name, value) in figures.as_object().into_iter().flatten() {
        println!("{name:<28} {value:>10}");
    }
    println!("{figures}");
}
