//! How soon an acknowledgement is answered while two hundred come a second, and how fast the page is that lists five
//! hundred incidents; started by `cargo xtask bench acks`, which also starts the gateway.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{sleep, sleep_until};
use watchfloor_e2e::measure::{self, OBSERVE, before_each_page, noted};
use watchfloor_e2e::{Browser, ChromeDriver, Screen, Theme, pages, until};

const ACTIONS_PER_S: u64 = 200;
/// Between two actions of one account, which may act 30 times a minute.
const REST: Duration = Duration::from_millis(2_100);
const FIRING_MAX: Duration = Duration::from_secs(120);
const FSYNCS: usize = 400;
const LOOKS: usize = 7;

/// Measures acknowledgements, and the page that lists the incidents.
#[derive(Parser)]
struct Arguments {
    /// The gateway's one-time link.
    #[arg(long)]
    link: String,
    /// The products' keys for sending in.
    #[arg(long, value_delimiter = ',')]
    keys: Vec<String>,
    /// How many checks a product has.
    #[arg(long)]
    checks_per_product: usize,
    /// How many rules a check has.
    #[arg(long)]
    rules_per_check: usize,
    /// A file of operators' tokens, one a line.
    #[arg(long)]
    tokens: PathBuf,
    /// A folder on the disk on which the gateway keeps its data.
    #[arg(long)]
    disk: PathBuf,
    /// For how long acknowledgements come.
    #[arg(long)]
    seconds: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    // Only the first one counts, and there is no other.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    let (base, _) = arguments
        .link
        .split_once("/first-login")
        .context("an unusual link")?;
    let origin = base.strip_suffix("/admin/monitoring").unwrap_or(base);
    let tokens: Vec<String> = std::fs::read_to_string(&arguments.tokens)?
        .lines()
        .map(str::to_owned)
        .collect();
    let gateway = Arc::new(Gateway {
        client: reqwest::Client::new(),
        api: format!("{origin}/api/monitoring"),
        tokens,
    });
    gateway.fire(&arguments).await?;
    let (alerts, desks) = gateway.open(&arguments).await?;
    let incidents = desks.len();
    let mut figures = vec![("alerts", count(alerts)), ("incidents", count(incidents))];
    figures.extend(quantiles("fsync", fsyncs_us(&arguments.disk)?));
    let acks_us = acknowledge(&gateway, desks, arguments.seconds).await?;
    figures.push(("actions", count(acks_us.len())));
    figures.extend(quantiles("ack", acks_us));
    figures.extend(look(&arguments.link, base).await?);
    measure::print(json!({ "seconds": arguments.seconds }), &figures);
    Ok(())
}

struct Gateway {
    client: reqwest::Client,
    api: String,
    tokens: Vec<String>,
}

/// An account with the incident that it takes and gives back, again and again.
struct Desk {
    operator: usize,
    incident: u64,
    version: u64,
    is_taken: bool,
}

impl Gateway {
    /// Sends values on which every rule fires.
    async fn fire(&self, arguments: &Arguments) -> Result<()> {
        let value = arguments.rules_per_check + 1;
        let points: Vec<Value> = (0..arguments.checks_per_product)
            .map(|it| json!({"name": format!("gate-{it}.depth"), "value": value, "unit": "count"}))
            .collect();
        for key in &arguments.keys {
            let request = self.client.post(format!("{}/ingest/metrics", self.api));
            let answer = request
                .bearer_auth(key)
                .json(&json!({"points": points}))
                .send()
                .await?;
            ensure!(answer.status().is_success(), "{}", answer.text().await?);
        }
        Ok(())
    }

    /// Waits until all of them fire; how many, and a desk for each incident.
    async fn open(&self, arguments: &Arguments) -> Result<(usize, Vec<Desk>)> {
        let checks = arguments.keys.len() * arguments.checks_per_product;
        let wanted = (checks * arguments.rules_per_check, checks);
        until("alerts and incidents", FIRING_MAX, || async {
            let request = self.client.get(format!("{}/dashboard", self.api));
            let board: Value = request
                .bearer_auth(&self.tokens[0])
                .send()
                .await?
                .json()
                .await?;
            let (alerts, incidents) = (&board["alerts"], &board["incidents"]);
            let firing = alerts.as_array().into_iter().flatten();
            let firing = firing.filter(|it| it["state"] == "firing").count();
            let desks: Vec<Desk> = incidents
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
                .filter_map(|(operator, it)| {
                    Some(Desk {
                        operator,
                        incident: it["id"].as_u64()?,
                        version: it["version"].as_u64()?,
                        is_taken: false,
                    })
                })
                .collect();
            if (firing, desks.len()) != wanted {
                bail!(
                    "{firing} alerts fire and {} incidents are open",
                    desks.len()
                );
            }
            Ok(Some((firing, desks)))
        })
        .await
    }

    /// Takes or gives back; the version after it.
    async fn act(&self, desk: &Desk, number: u64) -> Result<u64> {
        let (action, body) = if desk.is_taken {
            ("release", json!({}))
        } else {
            let body = json!({"note": "Looking.", "lease_ms": 3_600_000, "scope": "severity"});
            ("acknowledge", body)
        };
        let address = format!("{}/incidents/{}/{action}", self.api, desk.incident);
        let answer = self
            .client
            .post(address)
            .bearer_auth(&self.tokens[desk.operator])
            .header("Idempotency-Key", format!("bench-acks-{number:08}"))
            .header("If-Match", format!("\"{}\"", desk.version))
            .json(&body)
            .send()
            .await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(
            status.is_success(),
            "{action} was answered with {status}: {text}"
        );
        let answer: Value = serde_json::from_str(&text)?;
        answer["incident"]["version"]
            .as_u64()
            .context("an answer without version")
    }
}

/// Actions are due at instants that do not depend on the answers, and their time counts from then: what waits for a
/// stall is in the figures. Each is stored, with its `fsync`, before it is answered.
async fn acknowledge(gateway: &Arc<Gateway>, desks: Vec<Desk>, seconds: u64) -> Result<Vec<u64>> {
    let (back, mut free) = unbounded_channel();
    let (report, mut reports) = unbounded_channel();
    for desk in desks.into_iter().take(gateway.tokens.len()) {
        back.send(desk)?;
    }
    let began = tokio::time::Instant::now();
    for number in 0..ACTIONS_PER_S * seconds {
        let due =
            began + Duration::from_secs(1) * u32::try_from(number)? / u32::try_from(ACTIONS_PER_S)?;
        sleep_until(due).await;
        let desk = free.recv().await.context("nobody is left to act")?;
        tokio::spawn(one(
            Arc::clone(gateway),
            desk,
            number,
            due,
            back.clone(),
            report.clone(),
        ));
    }
    drop(report);
    let mut times_us = Vec::new();
    while let Some(time) = reports.recv().await {
        times_us.push(time?);
    }
    Ok(times_us)
}

async fn one(
    gateway: Arc<Gateway>,
    mut desk: Desk,
    number: u64,
    due: tokio::time::Instant,
    back: UnboundedSender<Desk>,
    report: UnboundedSender<Result<u64>>,
) {
    let acted = gateway.act(&desk, number).await;
    let took_us = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
    let version = acted.as_ref().ok().copied();
    // Nobody waits any more once the time is over.
    let _ = report.send(acted.map(|_| took_us));
    drop(report);
    sleep(REST).await;
    if let Some(version) = version {
        desk.version = version;
        desk.is_taken = !desk.is_taken;
        let _ = back.send(desk);
    }
}

/// What the disk itself takes: 4 KiB at the end of a file, and `fdatasync`.
fn fsyncs_us(folder: &Path) -> Result<Vec<u64>> {
    let path = folder.join("fsync");
    let mut file = File::create(&path)?;
    let mut times_us = Vec::new();
    for _ in 0..FSYNCS {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times_us.push(u64::try_from(began.elapsed().as_micros())?);
    }
    std::fs::remove_file(path)?;
    Ok(times_us)
}

/// From the press of a key to a list that fills the window, from there to all rows that it makes by itself, and from
/// another filter to what it shows, each until it is painted. The list is the page's own: what it needs is here already,
/// so nothing but work is in these times.
const TIMED: &str = "
    const done = arguments[arguments.length - 1];
    const painted = (ready, began) => {
        const look = () => ready()
            ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0))
            : setTimeout(look, 1);
        look();
    };
    const rows = () => [...document.querySelectorAll('.mon-incident-list li[data-incident]')];
    const filled = () => rows().some((it) => it.getBoundingClientRect().bottom > innerHeight);
    const began = performance.now();";

async fn look(link: &str, base: &str) -> Result<Vec<(&'static str, f64)>> {
    let chromedriver = ChromeDriver::start().await?;
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login_at(link, &browser).await?;
    before_each_page(&browser, OBSERVE).await?;
    browser.driver().goto(base).await?;
    pages::live(&browser).await?;
    // The chunk of the pages is fetched ahead, five seconds after the first state.
    sleep(Duration::from_secs(8)).await;
    browser
        .script("__bench.long = 0; __bench.longest = 0;")
        .await?;
    let (mut opens, mut wholes, mut filters) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..LOOKS {
        let open = "document.querySelector('.mon-nav a[href$=\"/incidents\"]').click(); painted(filled, began);";
        let opened_ms = timed(&browser, open).await?;
        opens.push(opened_ms);
        let whole = "painted(() => rows().length >= 100, began);";
        wholes.push(opened_ms + timed(&browser, whole).await?);
        let product = turn % 5;
        let filter = format!(
            "const select = document.querySelectorAll('.mon-incident-filters select')[2];
             select.value = 'bench-{product}'; select.dispatchEvent(new Event('change', {{ bubbles: true }}));
             painted(() => filled() && rows().every((it) => it.textContent.includes('Bench {product}')), began);"
        );
        filters.push(timed(&browser, &filter).await?);
        timed(
            &browser,
            "document.querySelector('.mon-nav a').click(); painted(() => rows().length === 0, began);",
        )
        .await?;
    }
    let figures = vec![
        ("list_open_ms", median(&mut opens)),
        ("list_whole_ms", median(&mut wholes)),
        ("list_filter_ms", median(&mut filters)),
        ("long_tasks", noted(&browser, "long").await?),
        ("longest_task_ms", noted(&browser, "longest").await?),
    ];
    browser.close().await?;
    Ok(figures)
}

async fn timed(browser: &Browser, what: &str) -> Result<f64> {
    let script = format!("{TIMED} {what}");
    let answer = browser.driver().execute_async(&script, Vec::new()).await?;
    answer.json().as_f64().context("the page measured nothing")
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times
        .get(times.len() / 2)
        .copied()
        .unwrap_or(f64::NAN)
        .round()
}

#[expect(clippy::cast_precision_loss, reason = "there are some thousands")]
fn count(number: usize) -> f64 {
    number as f64
}

/// Median, 99th percentile and the longest, in milliseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of some seconds at most"
)]
fn quantiles(what: &str, mut times_us: Vec<u64>) -> Vec<(&'static str, f64)> {
    times_us.sort_unstable();
    let at = |per_mille: usize| {
        let place = (times_us.len().saturating_sub(1)) * per_mille / 1_000;
        times_us
            .get(place)
            .map_or(f64::NAN, |it| *it as f64 / 1_000.0)
    };
    let names = match what {
        "fsync" => ["fsync_p50_ms", "fsync_p99_ms", "fsync_max_ms"],
        _ => ["ack_p50_ms", "ack_p99_ms", "ack_max_ms"],
    };
    names
        .into_iter()
        .zip([at(500), at(990), at(1_000)])
        .collect()
}
