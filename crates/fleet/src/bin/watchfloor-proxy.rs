//! The binary `watchfloor-proxy`.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;
use watchfloor_fleet::proxy::{Options, Proxy};
use watchfloor_fleet::stopped;

/// A way to the gateway that can be made bad while it is used: late, slow, in pieces, stalled, half open, torn, gone.
///
/// Open the console at one of the addresses that it listens on, then for example:
/// curl -X POST http://127.0.0.1:9190/fault -d '{"fault":"stall","for_s":40}'
#[derive(Parser)]
#[command(version, name = "watchfloor-proxy")]
struct Arguments {
    /// The gateway behind it.
    #[arg(long, default_value = "127.0.0.1:8080")]
    to: SocketAddr,
    /// Where to listen, on loopback; may be given more than once, each with faults of its own.
    #[arg(long, default_values = ["127.0.0.1:9191"])]
    listen: Vec<SocketAddr>,
    /// Where to take orders.
    #[arg(long, default_value = "127.0.0.1:9190")]
    control: SocketAddr,
    /// Decides everything that looks like chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!("{why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> std::io::Result<()> {
    let proxy = Proxy::start(Options {
        to: arguments.to,
        listen: arguments.listen,
        control: arguments.control,
        seed: arguments.seed,
    })
    .await?;
    for line in proxy.lines() {
        tracing::info!("http://{} leads to {}", line.address(), arguments.to);
    }
    tracing::info!("switch faults at http://{}/", proxy.control());
    stopped().await?;
    proxy.stop().await;
    Ok(())
}
