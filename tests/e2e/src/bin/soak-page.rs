//! A page over days, in fast motion: what it holds must not grow. Started by `cargo xtask soak page`.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use serde_json::{Value, json};
use tokio::time::sleep;
use watchfloor_e2e::measure::{self, Counters, before_each_page, devtools, noted};
use watchfloor_e2e::player::{FastClock, Player, Told};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, pages, until};
use watchfloor_wire::snapshot::Snapshot;

/// The real products run so long before the state is taken, so that every check has been observed.
const WARM_UP: Duration = Duration::from_secs(30);
/// How often the page's memory is looked at, in parts of the whole.
const SAMPLES: u32 = 50;
/// In the first fifth rings fill and the engine compiles what has become hot.
const FILLING_PCT: usize = 20;

/// Watches one page.
#[derive(Parser)]
struct Arguments {
    /// How many days pass.
    #[arg(long)]
    days: u32,
    /// In how many minutes.
    #[arg(long)]
    minutes: u32,
    /// The page below the base; the overview when empty.
    #[arg(long, default_value = "")]
    page: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let (world, chromedriver) = (
        World::start(Build::Release).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    sleep(WARM_UP).await;
    let state = state_of(&browser).await?;
    let factor = i64::from(arguments.days) * 1_440 / i64::from(arguments.minutes.max(1));
    let clock = FastClock::start(factor.max(1));
    let player = Player::start(clock, world.address(), state).await?;
    before_each_page(&browser, measure::OBSERVE).await?;
    before_each_page(&browser, measure::COUNT_CHANGES).await?;
    before_each_page(&browser, &clock.script()).await?;
    devtools(&browser, "Performance.enable", json!({})).await?;
    // The session's cookie is for the host, whatever the port.
    let site = world.url(&arguments.page);
    let address = site.replace(&world.address().to_string(), &player.address.to_string());
    browser.driver().goto(&address).await?;
    pages::live(&browser).await?;
    let time = Duration::from_secs(u64::from(arguments.minutes) * 60);
    let samples = watch(&browser, &clock, time).await?;
    report(&arguments, factor, &browser, &player.told, &samples).await?;
    browser.close().await
}

/// The state as the real gateway tells it to the page's session.
async fn state_of(browser: &Browser) -> Result<Snapshot> {
    let read = "const done = arguments[arguments.length - 1];
        fetch('/api/monitoring/dashboard').then((it) => it.text()).then(done);";
    let answer = browser.driver().execute_async(read, Vec::new()).await?;
    let text = answer.json().as_str().context("no snapshot")?.to_owned();
    serde_json::from_str(&text).context("the snapshot")
}

/// Memory at equal distances, printed as it is read.
async fn watch(browser: &Browser, clock: &FastClock, time: Duration) -> Result<Vec<Counters>> {
    let (began_at, started) = (Instant::now(), clock.now());
    let mut samples = Vec::new();
    println!(
        "{:>7} {:>11} {:>11} {:>8} {:>10} {:>7}",
        "hours", "wasm", "heap", "nodes", "listeners", "busy %"
    );
    for number in 1..=SAMPLES {
        let due = time * number / SAMPLES;
        sleep(due.saturating_sub(began_at.elapsed())).await;
        let now = until("the page's counters", Duration::from_secs(60), || async {
            Ok(Some(Counters::read(browser).await?))
        })
        .await?;
        #[expect(clippy::cast_precision_loss, reason = "hours to one decimal")]
        let hours = clock.now().since_ms(started) as f64 / 3_600_000.0;
        let busy = samples
            .last()
            .map_or(0.0, |before| now.task_pct_since(before));
        println!(
            "{hours:>7.2} {:>11} {:>11} {:>8} {:>10} {busy:>7.1}",
            now.wasm_bytes, now.heap_bytes, now.nodes, now.listeners
        );
        samples.push(now);
    }
    Ok(samples)
}

async fn report(
    arguments: &Arguments,
    factor: i64,
    browser: &Browser,
    told: &Told,
    samples: &[Counters],
) -> Result<()> {
    let settled = &samples[samples.len() * FILLING_PCT / 100..];
    let (first, last) = (
        settled.first().context("nothing was sampled")?,
        settled.last().context("nothing was sampled")?,
    );
    let line = json!({
        "days": arguments.days,
        "minutes": arguments.minutes,
        "times_as_fast": factor,
        "page": arguments.page,
        "frames_told": told.frames.load(Ordering::Relaxed),
        "changes_told": told.changes.load(Ordering::Relaxed),
        "pings_told": told.pings.load(Ordering::Relaxed),
        "snapshots_read": told.snapshots.load(Ordering::Relaxed),
        "curve": curve(samples),
    });
    measure::print(
        line,
        &[
            ("changes_applied", noted(browser, "applied").await?),
            ("seconds_ticked", noted(browser, "seconds").await?),
            ("sockets", noted(browser, "sockets").await?),
            ("task_pct", rounded(last.task_pct_since(first))),
            ("long_tasks", noted(browser, "long").await?),
            ("wasm_bytes", last.wasm_bytes),
            ("wasm_off_pct", off_pct(settled, |it| it.wasm_bytes)),
            ("wasm_drift_pct", drift_pct(settled, |it| it.wasm_bytes)),
            ("heap_bytes", last.heap_bytes),
            ("heap_off_pct", off_pct(settled, |it| it.heap_bytes)),
            ("heap_drift_pct", drift_pct(settled, |it| it.heap_bytes)),
            ("dom_nodes", last.nodes),
            ("dom_nodes_off_pct", off_pct(settled, |it| it.nodes)),
            ("dom_nodes_drift_pct", drift_pct(settled, |it| it.nodes)),
            ("listeners", last.listeners),
            ("listeners_off_pct", off_pct(settled, |it| it.listeners)),
            ("listeners_drift_pct", drift_pct(settled, |it| it.listeners)),
        ],
    );
    Ok(())
}

fn curve(samples: &[Counters]) -> Vec<Value> {
    let point = |it: &Counters| json!([it.wasm_bytes, it.heap_bytes, it.nodes, it.listeners]);
    samples.iter().map(point).collect()
}

/// How far a value is from its mean at most, in percent of it.
fn off_pct(samples: &[Counters], value: impl Fn(&Counters) -> f64) -> f64 {
    let mean = mean(samples, &value);
    let off = |it: &Counters| (value(it) - mean).abs();
    rounded(100.0 * samples.iter().map(off).fold(0.0, f64::max) / mean)
}

/// By how much the line through all samples rises from the first to the last, in percent of the mean.
fn drift_pct(samples: &[Counters], value: impl Fn(&Counters) -> f64) -> f64 {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return 0.0;
    };
    let time_s = last.timestamp_s - first.timestamp_s;
    rounded(100.0 * measure::slope(samples, &value) * time_s / mean(samples, &value))
}

#[expect(clippy::cast_precision_loss, reason = "there are fifty samples")]
fn mean(samples: &[Counters], value: impl Fn(&Counters) -> f64) -> f64 {
    (samples.iter().map(value).sum::<f64>() / samples.len().max(1) as f64).max(f64::MIN_POSITIVE)
}

/// To two decimals.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
