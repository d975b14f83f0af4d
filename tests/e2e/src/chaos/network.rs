//! The proxy between pages and the gateway: the program `watchfloor-proxy`, told what to do over its control address.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::places;
use crate::wait::until;
use crate::world::World;

const CONTROL_PORT: u16 = 9_190;
const FIRST_LINE_PORT: u16 = 9_191;
const UP_MAX: Duration = Duration::from_secs(30);
/// Decides the proxy's chances.
const SEED: u64 = 20_251_121;

/// A running proxy; it ends with this value.
pub struct Network {
    control: String,
    lines: Vec<SocketAddr>,
    client: reqwest::Client,
    _proxy: Child,
}

impl Network {
    /// Starts one with so many lines to the world's gateway, on the world's own loopback address.
    ///
    /// # Errors
    /// When it was not built or does not come up.
    pub async fn start(world: &World, lines: usize) -> Result<Self> {
        let address = |port| SocketAddr::new(world.host(), port);
        let lines: Vec<SocketAddr> = (FIRST_LINE_PORT..).take(lines).map(address).collect();
        let mut proxy = Command::new(places::program(world.profile(), "watchfloor-proxy")?);
        for line in &lines {
            proxy.arg("--listen").arg(line.to_string());
        }
        let proxy = proxy
            .args(["--to", &world.gateway().to_string()])
            .args(["--control", &address(CONTROL_PORT).to_string()])
            .args(["--seed", &SEED.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("could not start the proxy")?;
        let network = Self {
            control: format!("http://{}/fault", address(CONTROL_PORT)),
            lines,
            client: reqwest::Client::builder().no_proxy().build()?,
            _proxy: proxy,
        };
        until("the proxy", UP_MAX, || async {
            Ok(network.client.get(&network.control).send().await.ok())
        })
        .await?;
        Ok(network)
    }

    /// Where the lines listen.
    #[must_use]
    pub fn lines(&self) -> &[SocketAddr] {
        &self.lines
    }

    /// Switches a fault of a line on.
    ///
    /// # Errors
    /// When the proxy refuses it; the error holds its answer.
    pub async fn put(&self, line: usize, mut order: Value) -> Result<()> {
        order["port"] = self.port(line).into();
        let request = self.client.post(&self.control).body(order.to_string());
        accepted(request.send().await?).await
    }

    /// Heals a line.
    ///
    /// # Errors
    /// When the proxy refuses it; the error holds its answer.
    pub async fn heal(&self, line: usize) -> Result<()> {
        let address = format!("{}?port={}", self.control, self.port(line));
        accepted(self.client.delete(address).send().await?).await
    }

    fn port(&self, line: usize) -> u16 {
        self.lines[line].port()
    }
}

async fn accepted(answer: reqwest::Response) -> Result<()> {
    let status = answer.status();
    if !status.is_success() {
        bail!("the proxy answered {status}: {}", answer.text().await?);
    }
    Ok(())
}
