//! How busy a page is that applies many changes; started by `cargo xtask bench applies`, which also starts the gateway
//! that it looks at.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;
use serde_json::{Value, json};
use tokio::time::sleep;
use watchfloor_e2e::measure::{self, Counters, before_each_page, devtools, noted};
use watchfloor_e2e::{Browser, ChromeDriver, Screen, Theme, pages, until};

/// Changes are sent in so many parts of a second, as the gateway tells a console ten times a second at most.
const BEATS_PER_S: usize = 10;
/// Between the sign-in and the measurement: charts are there, and the engine has compiled what is hot.
const SETTLE: Duration = Duration::from_secs(15);
/// The page answers a ping at least this often.
const PONG_MAX: Duration = Duration::from_secs(25);

/// Measures one page.
#[derive(Parser)]
struct Arguments {
    /// The gateway's one-time link.
    #[arg(long)]
    link: String,
    /// The ingest keys of the products `bench-0`, `bench-1`, …, separated by commas.
    #[arg(long, value_delimiter = ',')]
    keys: Vec<String>,
    /// How many checks each product has, named `service-N`, each with the metric `latency_ms`.
    #[arg(long)]
    checks_per_product: usize,
    /// How many keys change a second.
    #[arg(long)]
    keys_per_second: usize,
    /// For how long to measure, in seconds.
    #[arg(long)]
    seconds: u64,
    /// The page below the base; the overview when empty.
    #[arg(long, default_value = "")]
    page: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let chromedriver = ChromeDriver::start().await?;
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    before_each_page(&browser, measure::OBSERVE).await?;
    before_each_page(&browser, measure::COUNT_CHANGES).await?;
    devtools(&browser, "Performance.enable", json!({})).await?;
    let gateway = gateway_of(&arguments.link)?;
    let (_, place) = arguments.link.split_once("://").context("no link")?;
    let source = Source::new(&arguments, place.split('/').next().unwrap_or_default());
    let changing = tokio::spawn(source.change_for_ever());
    pages::first_login_at(&arguments.link, &browser).await?;
    browser
        .driver()
        .goto(format!("{gateway}/{}", arguments.page))
        .await?;
    pages::live(&browser).await?;
    sleep(SETTLE).await;
    let figures = measure(&browser, Duration::from_secs(arguments.seconds)).await?;
    if changing.is_finished() {
        changing.await??;
        bail!("the source ended");
    }
    changing.abort();
    let line = json!({
        "keys_per_second": arguments.keys_per_second,
        "seconds": arguments.seconds,
        "page": arguments.page,
    });
    measure::print(line, &figures);
    browser.close().await
}

fn gateway_of(link: &str) -> Result<&str> {
    let (base, _) = link.split_once("/first-login").context("an unusual link")?;
    Ok(base)
}

/// Measures between two answers to pings, because only then it is certain what the page has applied.
async fn measure(browser: &Browser, time: Duration) -> Result<Vec<(&'static str, f64)>> {
    after_pong(browser).await?;
    let (first, began_at) = (Counters::read(browser).await?, Instant::now());
    let (applied, frames, sockets, long) = (
        noted(browser, "applied").await?,
        noted(browser, "appliedFrames").await?,
        noted(browser, "sockets").await?,
        noted(browser, "long").await?,
    );
    browser.script("__bench.longest = 0").await?;
    let busy_ms = Busy::read(browser).await?;
    sleep(time).await;
    after_pong(browser).await?;
    let took_s = began_at.elapsed().as_secs_f64();
    let busy_after_ms = Busy::read(browser).await?;
    let (last, applied, frames) = (
        Counters::read(browser).await?,
        noted(browser, "applied").await? - applied,
        noted(browser, "appliedFrames").await? - frames,
    );
    Ok(vec![
        ("keys_per_s", (applied / took_s).round()),
        ("frames_per_s", (frames / took_s * 10.0).round() / 10.0),
        ("task_pct", rounded(last.task_pct_since(&first))),
        (
            "script_pct",
            busy_after_ms.pct_since(&busy_ms, "ScriptDuration"),
        ),
        (
            "style_pct",
            busy_after_ms.pct_since(&busy_ms, "RecalcStyleDuration"),
        ),
        (
            "layout_pct",
            busy_after_ms.pct_since(&busy_ms, "LayoutDuration"),
        ),
        ("long_tasks", noted(browser, "long").await? - long),
        ("longest_task_ms", noted(browser, "longest").await?),
        ("heap_bytes", last.heap_bytes.round()),
        ("wasm_bytes", last.wasm_bytes),
        ("wasm_growth_bytes", last.wasm_bytes - first.wasm_bytes),
        ("dom_nodes", last.nodes),
        ("dom_nodes_growth", last.nodes - first.nodes),
        ("elements", measure::elements(browser).await?),
        ("reconnects", noted(browser, "sockets").await? - sockets),
    ])
}

async fn after_pong(browser: &Browser) -> Result<()> {
    let pongs = noted(browser, "pongs").await?;
    until("an answer to a ping", PONG_MAX, || async {
        Ok((noted(browser, "pongs").await? > pongs).then_some(()))
    })
    .await
}

/// What the main thread was busy with so far, in seconds by name.
struct Busy(Value);

impl Busy {
    async fn read(browser: &Browser) -> Result<Self> {
        Ok(Self(
            devtools(browser, "Performance.getMetrics", json!({})).await?,
        ))
    }

    fn value(&self, name: &str) -> f64 {
        let metrics = self.0["metrics"].as_array().into_iter().flatten();
        metrics
            .filter(|it| it["name"] == name)
            .find_map(|it| it["value"].as_f64())
            .unwrap_or(0.0)
    }

    fn pct_since(&self, before: &Self, name: &str) -> f64 {
        let time_s = self.value("Timestamp") - before.value("Timestamp");
        rounded(100.0 * (self.value(name) - before.value(name)) / time_s)
    }
}

/// To two decimals.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// What sends changes: each point of a metric is one changed check.
struct Source {
    address: String,
    keys: Vec<String>,
    checks_per_product: usize,
    points_per_beat: usize,
}

impl Source {
    fn new(arguments: &Arguments, gateway: &str) -> Self {
        Self {
            address: format!("http://{gateway}/api/monitoring/ingest/metrics"),
            keys: arguments.keys.clone(),
            checks_per_product: arguments.checks_per_product,
            points_per_beat: arguments.keys_per_second / BEATS_PER_S,
        }
    }

    /// Ten times a second the next checks of the next product, at instants that do not depend on the answers.
    async fn change_for_ever(self) -> Result<()> {
        let client = reqwest::Client::new();
        let mut beat = tokio::time::interval(Duration::from_secs(1) / 10);
        for number in 0.. {
            beat.tick().await;
            let request = client
                .post(&self.address)
                .bearer_auth(&self.keys[number % self.keys.len()])
                .json(&json!({"points": self.points(number)}));
            let answer = request.send().await?;
            if !answer.status().is_success() {
                bail!("changes were answered with {}", answer.text().await?);
            }
        }
        Ok(())
    }

    /// The points of a beat. Each product's checks come in turn, so that every change is of another key.
    fn points(&self, beat: usize) -> Vec<Value> {
        let turn = beat / self.keys.len();
        let first = turn * self.points_per_beat;
        (first..first + self.points_per_beat)
            .map(|it| {
                let (check, value) = (it % self.checks_per_product, 10 + (it * 7 + beat) % 90);
                json!({"name": format!("service-{check}.latency_ms"), "value": value, "unit": "ms"})
            })
            .collect()
    }
}
