//! How fast a page comes to life and how busy it is then; started by `cargo xtask bench page`, which also
//! starts the gateway that it looks at.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;
use serde_json::json;
use watchfloor_e2e::measure::{self, Counters, OBSERVE, before_each_page, devtools, noted, slope};
use watchfloor_e2e::{Browser, ChromeDriver, Screen, Theme, pages, until};

const LIVE_MAX: Duration = Duration::from_secs(120);
const COLD_LOADS: usize = 3;
const SLOW: u32 = 4;
/// How often memory is looked at while the page is live.
const SAMPLE_EVERY: Duration = Duration::from_secs(10);

/// Measures one page.
#[derive(Parser)]
struct Arguments {
    /// The gateway's one-time link.
    #[arg(long)]
    link: String,
    /// How many checks the gateway watches; printed with the figures.
    #[arg(long)]
    checks: usize,
    /// How long to watch the live page.
    #[arg(long)]
    seconds: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let chromedriver = ChromeDriver::start().await?;
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login_at(&arguments.link, &browser).await?;
    let (base, _) = arguments
        .link
        .split_once("/first-login")
        .context("an unusual link")?;
    before_each_page(&browser, OBSERVE).await?;
    devtools(&browser, "Performance.enable", json!({})).await?;
    let ready_4x_ms = cold_load_ms(&browser, base, SLOW).await?;
    let ready_ms = cold_load_ms(&browser, base, 1).await?;
    let live = watch_live(&browser, Duration::from_secs(arguments.seconds)).await?;
    print(&arguments, ready_ms, ready_4x_ms, &live);
    browser.close().await
}

/// The median time from the start of the navigation to a live board, with an empty cache.
async fn cold_load_ms(browser: &Browser, address: &str, slowdown: u32) -> Result<f64> {
    devtools(
        browser,
        "Emulation.setCPUThrottlingRate",
        json!({"rate": slowdown}),
    )
    .await?;
    let mut times = Vec::new();
    for _ in 0..COLD_LOADS {
        browser.driver().goto("about:blank").await?;
        devtools(browser, "Network.clearBrowserCache", json!({})).await?;
        browser.driver().goto(address).await?;
        let ready = until("a live board", LIVE_MAX, || async {
            Ok(browser.script("return __bench.ready").await?.as_f64())
        })
        .await?;
        times.push(ready);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[COLD_LOADS / 2])
}

struct Live {
    heap_bytes: f64,
    heap_growth_bytes_per_min: f64,
    wasm_bytes: f64,
    wasm_growth_bytes: f64,
    elements: f64,
    nodes_growth: f64,
    task_pct: f64,
    long_tasks: f64,
}

async fn watch_live(browser: &Browser, time: Duration) -> Result<Live> {
    let long_before = noted(browser, "long").await?;
    let mut samples = vec![Counters::read(browser).await?];
    let started_at = Instant::now();
    while started_at.elapsed() < time {
        tokio::time::sleep(SAMPLE_EVERY.min(time)).await;
        samples.push(Counters::read(browser).await?);
    }
    let long_after = noted(browser, "long").await?;
    // In the first half the engine still compiles what has become hot; what grows for ever grows in the second.
    let second_half = samples.get(samples.len() / 2..).unwrap_or(&samples);
    let (Some(first), Some(middle), Some(last)) =
        (samples.first(), second_half.first(), samples.last())
    else {
        bail!("nothing was sampled");
    };
    Ok(Live {
        heap_bytes: last.heap_bytes,
        heap_growth_bytes_per_min: 60.0 * slope(second_half, |it| it.heap_bytes),
        wasm_bytes: last.wasm_bytes,
        wasm_growth_bytes: last.wasm_bytes - middle.wasm_bytes,
        elements: measure::elements(browser).await?,
        nodes_growth: last.nodes - middle.nodes,
        task_pct: last.task_pct_since(first),
        long_tasks: long_after - long_before,
    })
}

fn print(arguments: &Arguments, ready_ms: f64, ready_4x_ms: f64, live: &Live) {
    let figures = [
        ("ready_ms", ready_ms.round()),
        ("ready_4x_ms", ready_4x_ms.round()),
        ("heap_bytes", live.heap_bytes.round()),
        (
            "heap_growth_bytes_per_min",
            live.heap_growth_bytes_per_min.round(),
        ),
        ("wasm_bytes", live.wasm_bytes),
        ("wasm_growth_bytes", live.wasm_growth_bytes),
        ("elements", live.elements),
        ("nodes_growth", live.nodes_growth),
        ("task_pct", (live.task_pct * 100.0).round() / 100.0),
        ("long_tasks", live.long_tasks),
    ];
    let line = json!({"checks": arguments.checks, "seconds": arguments.seconds});
    measure::print(line, &figures);
}
