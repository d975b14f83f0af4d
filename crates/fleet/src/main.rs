//! The binary `watchfloor-fleet`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use tracing_subscriber::EnvFilter;
use watchfloor_fleet::products::donna_socket::Limits;
use watchfloor_fleet::scenario::Scenario;
use watchfloor_fleet::{Fleet, Options, ports, stopped};

/// The five watched products, simulated over real HTTP and WebSocket, with scripted faults.
///
/// A product sends logs, errors, metrics and deploys to the gateway when its key is in the environment:
/// WATCHFLOOR_DONNA_INGEST_KEY, WATCHFLOOR_POURTRAIT_INGEST_KEY, WATCHFLOOR_CHATPDD_INGEST_KEY,
/// WATCHFLOOR_UNIVERSAL_ASSISTANT_INGEST_KEY, WATCHFLOOR_DEEDPRO_INGEST_KEY. The receiver of webhooks checks
/// signatures when WATCHFLOOR_DEMO_WEBHOOK_KEY is there.
#[derive(Parser)]
#[command(version, name = "watchfloor-fleet")]
struct Arguments {
    /// The address whose ports 9100 to 9152 are used.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// The gateway, for example http://127.0.0.1:8080; without it nothing is sent.
    #[arg(long)]
    gateway: Option<String>,
    /// Decides everything that looks like chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A TOML file of faults to come: [[fault]] with at_s, product, fault, for_s.
    #[arg(long)]
    scenario: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).init();
    match run(Arguments::parse()).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!("{why}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let scenario = match &arguments.scenario {
        None => Scenario::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|why| format!("{} cannot be read: {why}", path.display()))?;
            Scenario::parse(&text)?
        }
    };
    let host = arguments.host;
    let fleet = Fleet::start(Options {
        host,
        gateway: arguments.gateway,
        ingest_key: Box::new(|product| std::env::var(product.ingest_key_env()).ok()),
        webhook_key: std::env::var("WATCHFLOOR_DEMO_WEBHOOK_KEY").ok(),
        seed: arguments.seed,
        scenario,
        tick: Some(Duration::from_secs(1)),
        delay_ratio: 1.0,
        socket_limits: Limits::default(),
        clock: Arc::new(now_ms),
    })
    .await?;
    tracing::info!(
        "notifications arrive at http://{host}:{}/received",
        ports::RECEIVERS
    );
    tracing::info!(
        "the fleet is up; break something at http://{host}:{}/",
        ports::CONTROL
    );
    stopped().await?;
    fleet.stop().await;
    Ok(())
}

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}
