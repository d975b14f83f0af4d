//! How much of one core the evaluation of many rules takes: the pure evaluator under simulated time, without probes,
//! store and clients. `cargo xtask bench rules` builds and runs it optimised.
//!
//! Each check has four series and is observed every 10 s; rules go round the checks with every statistic and three
//! windows. One value in fifty is past its limit, so that alerts begin and end all the time.

use std::error::Error;
use std::fmt::Write as _;

use clap::Parser;
use serde_json::json;
use watchfloor_gateway::config::{Config, GatewayConfig, ProductConfig};
use watchfloor_gateway::evaluate::catalogue::Catalogue;
use watchfloor_gateway::evaluate::{Evaluator, Output, Since};
use watchfloor_gateway::observation::{CheckObservation, Observation, Outcome, Sample};
use watchfloor_wire::id::{CheckId, SeriesId};
use watchfloor_wire::time::UnixMs;

const PRODUCTS: usize = 10;
const SERIES_OF_CHECK: usize = 4;
const TICK_MS: i64 = 250;
const TICKS_OF_ROUND: usize = 40;
/// Rounds of 10 s before anything is measured: the longest window is full by then.
const WARM_UP_ROUNDS: usize = 31;
const STATISTICS: [&str; 8] = ["avg", "p50", "p95", "p99", "max", "min", "last", "absent"];
const WINDOWS: [&str; 3] = ["1m", "2m", "5m"];

#[derive(Parser)]
#[command(about = "The pure evaluator with many rules under simulated time.")]
struct Arguments {
    /// How many rules.
    #[arg(long, default_value_t = 5_000)]
    rules: usize,
    /// How many series.
    #[arg(long, default_value_t = 10_000)]
    series: usize,
    /// For how many simulated seconds to measure.
    #[arg(long, default_value_t = 120)]
    seconds: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let checks = arguments.series.div_ceil(SERIES_OF_CHECK).max(1);
    let config = config(checks, arguments.rules)?;
    let catalogue = Catalogue::new(&config);
    let (rules, series) = (catalogue.rules.len(), catalogue.series.len());
    let mut load = Load::new(catalogue, checks);
    for _ in 0..WARM_UP_ROUNDS {
        load.round();
    }
    load.news = 0;
    let mut rounds_ms = Vec::new();
    for _ in 0..arguments.seconds.div_ceil(10).max(1) {
        let before_ms = processor_ms()?;
        load.round();
        rounds_ms.push(processor_ms()? - before_ms);
    }
    let figures = json!({
        "rules": rules,
        "series": series,
        "firing": load.evaluator.firing().count(),
        "news": load.news,
        "rounds_ms": rounds_ms,
    });
    println!("{figures}");
    Ok(())
}

/// Milliseconds that this process has had a processor; what else runs on the machine does not count.
fn processor_ms() -> Result<f64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    let first = text.split_whitespace().next();
    let ns: f64 = first.ok_or("/proc/self/schedstat is empty")?.parse()?;
    Ok(ns / 1e6)
}

struct Load {
    evaluator: Evaluator,
    checks: Vec<(CheckId, Vec<SeriesId>)>,
    now: UnixMs,
    random: u64,
    /// Alerts that began or ended.
    news: usize,
}

impl Load {
    fn new(catalogue: Catalogue, checks: usize) -> Self {
        let now = UnixMs(1_700_000_000_000);
        let mut out = Output::default();
        Self {
            evaluator: Evaluator::new(
                catalogue,
                Vec::new(),
                Since {
                    now,
                    set_back_ms: 0,
                },
                &mut out,
            ),
            checks: (0..checks).map(names).collect(),
            now,
            random: 42,
            news: 0,
        }
    }

    /// Ten seconds: each check is observed once, the time is looked at four times a second.
    fn round(&mut self) {
        let share = self.checks.len().div_ceil(TICKS_OF_ROUND);
        for tick in 0..TICKS_OF_ROUND {
            let mut out = Output::default();
            let first = (tick * share).min(self.checks.len());
            let last = (first + share).min(self.checks.len());
            for at in first..last {
                let seen = self.seen(at);
                self.evaluator.observe(seen, self.now, &mut out);
            }
            self.evaluator.settle_products(self.now, &mut out);
            self.now = self.now.plus_ms(TICK_MS);
            self.evaluator.tick(self.now, &mut out);
            self.news += out.news.len();
        }
    }

    fn seen(&mut self, at: usize) -> Observation {
        let now = self.now;
        let (check, series) = self.checks[at].clone();
        let samples = series.into_iter().map(|series| Sample {
            series,
            at: now,
            value: Some(self.value()),
        });
        Observation::Check(CheckObservation {
            check,
            observed_at: now,
            outcome: Outcome::Ok,
            samples: samples.collect(),
        })
    }

    /// From 0 to 100; one in fifty is 1,000 more, past every limit.
    fn value(&mut self) -> f64 {
        // Knuth's constants: enough for a load, and the same in every run.
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = self.random >> 33;
        let value = f64::from(u32::try_from(high % 100).unwrap_or(0));
        if high.is_multiple_of(50) {
            value + 1_000.0
        } else {
            value
        }
    }
}

fn names(at: usize) -> (CheckId, Vec<SeriesId>) {
    let check = format!("p{}.c{}", at % PRODUCTS, at / PRODUCTS);
    let series = (0..SERIES_OF_CHECK)
        .map(|metric| SeriesId(format!("{check}.m{metric}")))
        .collect();
    (CheckId(check), series)
}

/// Products whose checks share one probe, with rules that go round checks, metrics and statistics.
fn config(checks: usize, rules: usize) -> Result<Config, Box<dyn Error>> {
    let products = (0..PRODUCTS).map(|product| {
        let text = product_toml(product, checks, rules)?;
        Ok::<ProductConfig, Box<dyn Error>>(toml::from_str(&text)?)
    });
    let gateway: GatewayConfig = toml::from_str("products = []")?;
    Ok(Config {
        gateway,
        products: products.collect::<Result<_, _>>()?,
    })
}

fn product_toml(product: usize, checks: usize, rules: usize) -> Result<String, std::fmt::Error> {
    let mut text = format!(
        "id = \"p{product}\"\nname = \"P{product}\"\n[[probe]]\nkind = \"http\"\nurl = \"http://127.0.0.1:9000/\"\ninterval = \"10s\"\n"
    );
    let own = (0..checks).filter(|at| at % PRODUCTS == product);
    for name in own.clone().map(|at| at / PRODUCTS) {
        write!(
            text,
            "[[probe.check]]\nname = \"c{name}\"\ntitle = \"C{name}\"\n"
        )?;
    }
    for name in own.map(|at| at / PRODUCTS) {
        for metric in 0..SERIES_OF_CHECK {
            write!(
                text,
                "[[probe.metric]]\ncheck = \"c{name}\"\nname = \"m{metric}\"\nfrom = \"/m{metric}\"\nunit = \"count\"\n"
            )?;
        }
    }
    for rule in (0..rules).filter(|rule| (rule % checks) % PRODUCTS == product) {
        write_rule(&mut text, rule, checks)?;
    }
    Ok(text)
}

fn write_rule(text: &mut String, rule: usize, checks: usize) -> std::fmt::Result {
    let name = (rule % checks) / PRODUCTS;
    let metric = (rule / checks) % SERIES_OF_CHECK;
    let statistic = STATISTICS[rule % STATISTICS.len()];
    let window = WINDOWS[rule % WINDOWS.len()];
    write!(
        text,
        "[[rule]]\nname = \"r{rule}\"\ncheck = \"c{name}\"\nmetric = \"m{metric}\"\nstatistic = \"{statistic}\"\nwindow = \"{window}\"\n"
    )?;
    if statistic == "absent" {
        text.write_str("severity = \"warning\"\n")
    } else {
        text.write_str("above = { warning = 200.0, critical = 500.0 }\nfor = \"10s\"\n")
    }
}
