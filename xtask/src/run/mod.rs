//! `cargo xtask run`: the whole product on this machine, with one command.

mod watch;

use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use self::watch::Watch;
use crate::command::{cargo, command, run as run_command};
use crate::console;
use crate::http;
use crate::process::Family;
use crate::step::{note, seconds, step};
use crate::workspace::Workspace;

/// The five products, as their keys are named in the environment.
const PRODUCTS: [&str; 5] = [
    "DONNA",
    "POURTRAIT",
    "CHATPDD",
    "UNIVERSAL_ASSISTANT",
    "DEEDPRO",
];
/// The key with which webhooks are signed.
const WEBHOOK_KEY: &str = "WATCHFLOOR_DEMO_WEBHOOK_KEY";
const HEALTH_PATH: &str = "/api/health";
const HEALTH_MAX: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);
/// The host on which the simulated products listen, on ports from 9100; the configuration says which.
const FLEET_HOST: &str = "127.0.0.1";
const FAULT_ADDRESS: &str = "127.0.0.1:9100";
const RECEIVED_ADDRESS: &str = "127.0.0.1:9150/received";

/// Arguments of `run`.
#[derive(Args)]
pub struct RunArgs {
    /// Where the gateway listens.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,
    /// Where the gateway keeps its data.
    #[arg(long, default_value = "data", value_name = "DIR")]
    data: PathBuf,
    /// The gateway's configuration.
    #[arg(long, default_value = "config/demo.toml", value_name = "FILE")]
    config: PathBuf,
}

/// Builds what is out of date, starts fleet and gateway, and stays until Ctrl-C.
///
/// # Errors
/// When building fails, the gateway does not come up, or one of the two ends by itself.
pub fn run(workspace: &Workspace, args: &RunArgs) -> Result<()> {
    let started_at = Instant::now();
    refuse_taken(args.listen)?;
    console::ensure(workspace)?;
    step(
        "gateway and simulated products (release: some minutes the first time)",
        || build_release(workspace),
    )?;
    let watch = Watch::new()?;
    // From here on, every way out stops the children.
    let mut family = Family::default();
    let keys = keys()?;
    family.start(
        workspace,
        "the simulated products",
        fleet(workspace, args).envs(keys.clone()),
    )?;
    family.start(
        workspace,
        "the gateway",
        gateway(workspace, args).envs(keys),
    )?;
    if wait_for_health(args.listen, &mut family, &watch)? {
        print_banner(args, started_at.elapsed());
        wait_for_end(&mut family, &watch)?;
    }
    println!("\nstopping");
    Ok(())
}

/// Builds both programs in release; cargo skips what is up to date.
///
/// # Errors
/// When cargo fails.
pub fn build_release(workspace: &Workspace) -> Result<()> {
    let packages = ["-p", "watchfloor-gateway", "-p", "watchfloor-fleet"];
    run_command(cargo(workspace, &["build", "--release", "--locked"]).args(packages))
}

fn fleet(workspace: &Workspace, args: &RunArgs) -> Command {
    let mut fleet = command(workspace, workspace.binary("release", "watchfloor-fleet"));
    fleet.args(["--host", FLEET_HOST, "--gateway"]);
    fleet.arg(format!("http://{}", reachable(args.listen)));
    fleet
}

fn gateway(workspace: &Workspace, args: &RunArgs) -> Command {
    let mut gateway = command(workspace, workspace.binary("release", "watchfloor"));
    gateway.arg("serve").arg("--config").arg(&args.config);
    gateway
        .arg("--listen")
        .arg(args.listen.to_string())
        .arg("--data")
        .arg(&args.data);
    gateway.env("FLEET_HOST", FLEET_HOST);
    gateway
}

/// A key a product for what it sends in, and one with which the gateway signs what it sends out, made anew at each
/// start unless the environment sets it: both sides are our children, so nobody else needs to know them.
fn keys() -> Result<Vec<(String, String)>> {
    let mut random = File::open("/dev/urandom")?;
    let mut keys = Vec::new();
    let ingest = PRODUCTS.map(|product| format!("WATCHFLOOR_{product}_INGEST_KEY"));
    for name in ingest.into_iter().chain([WEBHOOK_KEY.to_owned()]) {
        let mut bytes = [0_u8; 32];
        random.read_exact(&mut bytes)?;
        let made = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        keys.push((name.clone(), std::env::var(&name).unwrap_or(made)));
    }
    Ok(keys)
}

fn refuse_taken(address: SocketAddr) -> Result<()> {
    if let Err(error) = std::net::TcpListener::bind(address) {
        bail!("cannot listen on {address}: {error}. Choose another with --listen");
    }
    Ok(())
}

/// Waits until the gateway answers; false when we are asked to stop before.
fn wait_for_health(listen: SocketAddr, family: &mut Family, watch: &Watch) -> Result<bool> {
    let asked_at = Instant::now();
    note(format!(
        "waiting for http://{}{HEALTH_PATH}",
        reachable(listen)
    ));
    // Any answer counts, also 503: it may say that products are ill, and that is what the page is for.
    while http::status(reachable(listen), HEALTH_PATH).is_err() {
        if let Some((name, status)) = family.ended()? {
            bail!("{name} ended with {status}; what it printed above says why");
        }
        if watch.is_stopped() {
            return Ok(false);
        }
        if asked_at.elapsed() > HEALTH_MAX {
            bail!(
                "the gateway does not answer after {} s",
                HEALTH_MAX.as_secs()
            );
        }
        sleep(POLL);
    }
    Ok(true)
}

fn wait_for_end(family: &mut Family, watch: &Watch) -> Result<()> {
    while !watch.is_stopped() {
        if let Some((name, status)) = family.ended()? {
            bail!("{name} ended with {status}; what it printed above says why");
        }
        sleep(POLL);
    }
    Ok(())
}

fn print_banner(args: &RunArgs, took: Duration) {
    println!(
        "
Watchfloor answers, {} after the command.

  Open              http://{}/admin/monitoring
  Sign in           at the first start the gateway prints a link above; it works once
  Break a product   curl -X POST http://{FAULT_ADDRESS}/fault -H 'content-type: application/json' \\
                      -d '{{\"product\":\"chatpdd\",\"fault\":\"error-burst\"}}'
  Let it heal       curl -X DELETE http://{FAULT_ADDRESS}/fault
  Who was told      curl http://{RECEIVED_ADDRESS}
  Stop              Ctrl-C
",
        seconds(took),
        reachable(args.listen)
    );
}

/// The address to reach a listener by: one that listens everywhere is reached through loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let mut address = listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_every_address_is_reached_through_loopback() {
        for (listen, reach) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.7:80", "192.0.2.7:80"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), reach.parse().unwrap());
        }
    }

    #[test]
    fn a_taken_address_is_named_with_the_way_out() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let error = refuse_taken(listener.local_addr().unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.contains("--listen"), "{error}");
    }
}
