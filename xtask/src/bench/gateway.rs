//! `bench gateway`: memory and processor of the gateway while it probes.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::proc_stat::{self, Reading};
use super::responder::Responder;
use crate::command::command;
use crate::process::Family;
use crate::step::{note, step};
use crate::table::{grouped, layout};
use crate::workspace::Workspace;
use crate::{console, http, run};

const PRODUCTS: usize = 5;
const INTERVAL_S: u64 = 10;
/// Every check has been probed at least twice by then, and what start-up needed is given back.
const SETTLE: Duration = Duration::from_secs(2 * INTERVAL_S + 5);
const HEALTH_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(200);
const SAMPLE_EVERY: Duration = Duration::from_secs(1);

/// Measures for `seconds` with `checks` HTTP checks, each probed every 10 s.
///
/// # Errors
/// When the gateway cannot be built, refuses the configuration, or dies.
pub fn bench(workspace: &Workspace, checks: usize, seconds: u64) -> Result<()> {
    console::ensure(workspace)?;
    step("gateway (release)", || run::build_release(workspace))?;
    let folder = workspace.path("target/bench-gateway");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let responder = Responder::start()?;
    let config = write_config(&folder, checks, responder.address)?;
    let listen = free_address()?;
    let mut family = Family::default();
    let pid = start(workspace, &mut family, &config, &folder, listen)?;
    wait_for_health(&mut family, listen)?;
    note(format!(
        "settling for {} s, then measuring for {seconds} s",
        SETTLE.as_secs()
    ));
    sleep(SETTLE);
    let answered_before = responder.answered();
    let figures = measure(pid, Duration::from_secs(seconds))?;
    let probes = responder.answered() - answered_before;
    if let Some((name, status)) = family.ended()? {
        bail!("{name} ended with {status} while it was measured");
    }
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

fn start(
    workspace: &Workspace,
    family: &mut Family,
    config: &Path,
    folder: &Path,
    listen: SocketAddr,
) -> Result<u32> {
    let mut gateway = command(workspace, workspace.binary("release", "watchfloor"));
    gateway.arg("serve").arg("--config").arg(config);
    gateway
        .arg("--listen")
        .arg(listen.to_string())
        .arg("--data")
        .arg(folder.join("data"));
    // Its log would drown the table; what goes wrong at start still shows, on standard error.
    family.start_with(workspace, "the gateway", &gateway, Stdio::null())
}

fn wait_for_health(family: &mut Family, listen: SocketAddr) -> Result<()> {
    let asked_at = Instant::now();
    while http::status(listen, "/api/health").is_err() {
        if let Some((name, status)) = family.ended()? {
            bail!("{name} ended with {status}; what it printed above says why");
        }
        if asked_at.elapsed() > HEALTH_MAX {
            bail!(
                "the gateway does not answer after {} s",
                HEALTH_MAX.as_secs()
            );
        }
        sleep(POLL);
    }
    Ok(())
}

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
    Ok(listener.local_addr()?)
}

/// Writes a gateway's file and one a product; returns the former.
fn write_config(folder: &Path, checks: usize, responder: SocketAddr) -> Result<PathBuf> {
    let mut names = Vec::new();
    for product in 0..PRODUCTS {
        let own = (product..checks).step_by(PRODUCTS);
        let name = format!("bench-{product}.toml");
        fs::write(folder.join(&name), product_toml(product, own, responder))?;
        names.push(format!("\"{name}\""));
    }
    let gateway = format!(
        "products = [{}]\n\n[probing]\nallow_cidrs = [\"127.0.0.0/8\"]\nallow_ports = [\"{}\"]\n",
        names.join(", "),
        responder.port()
    );
    let path = folder.join("gateway.toml");
    fs::write(&path, gateway)?;
    Ok(path)
}

fn product_toml(
    product: usize,
    checks: impl Iterator<Item = usize>,
    responder: SocketAddr,
) -> String {
    let head = format!("id = \"bench-{product}\"\nname = \"Bench {product}\"\n");
    checks.fold(head, |mut text, check| {
        text.push_str(&format!(
            "
[[probe]]
kind = \"http\"
url = \"http://{responder}/health/{check}\"
interval = \"{INTERVAL_S}s\"

[[probe.check]]
name = \"service-{check}\"
title = \"Service {check}\"
status = \"/status\"

[[probe.metric]]
check = \"service-{check}\"
name = \"latency_ms\"
unit = \"ms\"
headline = true
"
        ));
        text
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_configured_once_over_all_products() {
        let folder = tempfile::tempdir().unwrap();
        let path = write_config(folder.path(), 12, "127.0.0.1:9".parse().unwrap()).unwrap();
        let gateway: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let mut probes = 0;
        for name in gateway["products"].as_array().unwrap() {
            let text = fs::read_to_string(folder.path().join(name.as_str().unwrap())).unwrap();
            let product: toml::Table = toml::from_str(&text).unwrap();
            probes += product["probe"].as_array().unwrap().len();
        }
        assert_eq!(probes, 12);
    }
}
