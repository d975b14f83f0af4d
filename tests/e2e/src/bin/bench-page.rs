//! How fast a page comes to life and how busy it is then; started by `cargo xtask bench page`, which also
//! starts the gateway that it looks at.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;
use serde_json::{Value, json};
use watchfloor_e2e::{Browser, ChromeDriver, Screen, Theme, pages, until};

/// Before every page: notes when the board is live, which tasks were long, and the program's memory.
const OBSERVE: &str = "
    window.__bench = { ready: null, long: 0, memory: null };
    const look = () => {
        if (__bench.ready === null && document.querySelector('[data-feed-state=\"live\"]')
            && document.querySelector('[data-check], [data-product]')) __bench.ready = performance.now();
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
    new PerformanceObserver((list) => { __bench.long += list.getEntries().length; })
        .observe({ type: 'longtask', buffered: true });
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const original = WebAssembly[name];
        WebAssembly[name] = async (...args) => {
            const made = await original(...args);
            // Chunks that are fetched later use the program's memory and export none.
            __bench.memory ??= (made.instance ?? made).exports.memory ?? null;
            return made;
        };
    }";
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
    devtools(
        &browser,
        "Page.addScriptToEvaluateOnNewDocument",
        json!({"source": OBSERVE}),
    )
    .await?;
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
    let long_before = long_tasks(browser).await?;
    let mut samples = vec![Counters::read(browser).await?];
    let started_at = Instant::now();
    while started_at.elapsed() < time {
        tokio::time::sleep(SAMPLE_EVERY.min(time)).await;
        samples.push(Counters::read(browser).await?);
    }
    let long_after = long_tasks(browser).await?;
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
        elements: browser
            .script("return document.getElementsByTagName('*').length")
            .await?
            .as_f64()
            .unwrap_or(0.0),
        nodes_growth: last.nodes - middle.nodes,
        task_pct: 100.0 * (last.task_s - first.task_s) / (last.timestamp_s - first.timestamp_s),
        long_tasks: long_after - long_before,
    })
}

/// By how much a value grows in a second: the slope of the line through all samples, so that one sample before and
/// one after a collection of garbage do not decide.
#[expect(
    clippy::cast_precision_loss,
    reason = "there are some hundred samples at most"
)]
fn slope(samples: &[Counters], value: impl Fn(&Counters) -> f64) -> f64 {
    let count = samples.len() as f64;
    let mean_time = samples.iter().map(|it| it.timestamp_s).sum::<f64>() / count;
    let mean = samples.iter().map(&value).sum::<f64>() / count;
    let (mut over, mut under) = (0.0, 0.0);
    for sample in samples {
        let apart_s = sample.timestamp_s - mean_time;
        over += apart_s * (value(sample) - mean);
        under += apart_s * apart_s;
    }
    if under > 0.0 { over / under } else { 0.0 }
}

async fn long_tasks(browser: &Browser) -> Result<f64> {
    browser
        .script("return __bench.long")
        .await?
        .as_f64()
        .context("long tasks were not counted")
}

/// The browser's own counters, after a collection of garbage.
struct Counters {
    timestamp_s: f64,
    task_s: f64,
    heap_bytes: f64,
    wasm_bytes: f64,
    nodes: f64,
}

impl Counters {
    async fn read(browser: &Browser) -> Result<Self> {
        devtools(browser, "HeapProfiler.collectGarbage", json!({})).await?;
        let wasm = browser
            .script("return __bench.memory ? __bench.memory.buffer.byteLength : null")
            .await?;
        let answer = devtools(browser, "Performance.getMetrics", json!({})).await?;
        let value = |name: &str| {
            let metrics = answer["metrics"].as_array().into_iter().flatten();
            metrics
                .filter(|metric| metric["name"] == name)
                .find_map(|metric| metric["value"].as_f64())
                .with_context(|| format!("the browser counts no {name}"))
        };
        Ok(Self {
            timestamp_s: value("Timestamp")?,
            task_s: value("TaskDuration")?,
            heap_bytes: value("JSHeapUsedSize")?,
            wasm_bytes: wasm.as_f64().context("the program's memory was not seen")?,
            nodes: value("Nodes")?,
        })
    }
}

async fn devtools(browser: &Browser, method: &str, params: Value) -> Result<Value> {
    browser
        .driver()
        .cdp()
        .send_raw(method, params)
        .await
        .with_context(|| method.to_owned())
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
    println!();
    for (name, value) in figures {
        println!("{name:<28}{value:>14}");
    }
    let mut line = json!({"checks": arguments.checks, "seconds": arguments.seconds});
    for (name, value) in figures {
        line[name] = json!(value);
    }
    println!("\n{line}");
}
