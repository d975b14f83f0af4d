//! `bench gateway`: memory and processor of the gateway while it probes.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;

use super::proc_stat::{self, Reading};
use super::watched::{INTERVAL_S, SETTLE, Watched};
use crate::step::note;
use crate::table::{grouped, layout};
use crate::workspace::Workspace;

const SAMPLE_EVERY: Duration = Duration::from_secs(1);

/// Measures for `seconds` with `checks` HTTP checks, each probed every 10 s.
///
/// # Errors
/// When the gateway cannot be built, refuses the configuration, or dies.
pub fn bench(workspace: &Workspace, checks: usize, seconds: u64) -> Result<()> {
    let mut watched = Watched::start(workspace, checks)?;
    note(format!(
        "settling for {} s, then measuring for {seconds} s",
        SETTLE.as_secs()
    ));
    sleep(SETTLE);
    let answered_before = watched.responder.answered();
    let figures = measure(watched.gateway.pid, Duration::from_secs(seconds))?;
    let probes = watched.responder.answered() - answered_before;
    watched.gateway.expect_alive()?;
    print(checks, seconds, probes, &figures);
    // A gateway that does not probe is light; its figures must not pass for those of one that does.
    let expected = checks as u64 * seconds / INTERVAL_S;
    if probes * 10 < expected * 9 {
        bail!("only {probes} probes arrived, {expected} were due: the figures are not valid");
    }
    Ok(())
}

struct Figures {
    rss_peak_bytes: u64,
    last: Reading,
    cpu_pct: f64,
}

fn measure(pid: u32, time: Duration) -> Result<Figures> {
    let (first, started_at) = (proc_stat::read(pid)?, Instant::now());
    let (mut last, mut rss_peak_bytes) = (first, first.rss_bytes);
    while started_at.elapsed() < time {
        sleep(SAMPLE_EVERY);
        last = proc_stat::read(pid)?;
        rss_peak_bytes = rss_peak_bytes.max(last.rss_bytes);
    }
    let cpu_s = (last.cpu_ms - first.cpu_ms) as f64 / 1000.0;
    Ok(Figures {
        rss_peak_bytes,
        last,
        cpu_pct: 100.0 * cpu_s / started_at.elapsed().as_secs_f64(),
    })
}

fn print(checks: usize, seconds: u64, probes: u64, figures: &Figures) {
    let row = |name: &str, value: String| [name.to_owned(), value];
    let rows = [
        row("checks", checks.to_string()),
        row("probes in the time", grouped(probes)),
        row(
            "resident at the end, bytes",
            grouped(figures.last.rss_bytes),
        ),
        row("resident at most, bytes", grouped(figures.rss_peak_bytes)),
        row(
            "processor, % of one core",
            format!("{:.2}", figures.cpu_pct),
        ),
    ];
    println!("\n{}", layout(["gateway", "value"], &rows));
    println!(
        "{}",
        json!({
            "checks": checks,
            "seconds": seconds,
            "probes": probes,
            "rss_bytes": figures.last.rss_bytes,
            "rss_peak_bytes": figures.rss_peak_bytes,
            "cpu_pct": (figures.cpu_pct * 100.0).round() / 100.0,
        })
    );
}
