//! A release gateway that watches as many checks as wanted, all answered by a responder of ours.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::responder::Responder;
use crate::command::command;
use crate::process::Family;
use crate::step::step;
use crate::workspace::Workspace;
use crate::{console, http, run};

/// How often each check is probed.
pub const INTERVAL_S: u64 = 10;
/// Every check has been probed at least twice by then, and what start-up needed is given back.
pub const SETTLE: Duration = Duration::from_secs(2 * INTERVAL_S + 5);

const PRODUCTS: usize = 5;
const HEALTH_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(200);
const FIRST_LOGIN: &str = "First login: ";

/// The gateway with its checks; both end with this value.
pub struct Watched {
    /// The gateway's process.
    pub pid: u32,
    /// What answers the probes.
    pub responder: Responder,
    family: Family,
    folder: PathBuf,
}

impl Watched {
    /// Builds and starts it with an empty data folder, and waits until it answers.
    ///
    /// # Errors
    /// When the gateway cannot be built, refuses the configuration, or dies.
    pub fn start(workspace: &Workspace, checks: usize) -> Result<Self> {
        console::ensure(workspace)?;
        step("gateway (release)", || run::build_release(workspace))?;
        let folder = workspace.path("target/bench-gateway");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let responder = Responder::start()?;
        let config = write_config(&folder, checks, responder.address)?;
        let listen = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr())?;
        let mut gateway = command(workspace, workspace.binary("release", "watchfloor"));
        gateway.arg("serve").arg("--config").arg(config);
        gateway
            .arg("--listen")
            .arg(listen.to_string())
            .arg("--data")
            .arg(folder.join("data"));
        let mut family = Family::default();
        let stdout = File::create(folder.join("stdout"))?;
        let pid = family.start_with(workspace, "the gateway", &gateway, Stdio::from(stdout))?;
        let mut watched = Self {
            pid,
            responder,
            family,
            folder,
        };
        watched.wait_for_health(listen)?;
        Ok(watched)
    }

    /// The one-time link that the gateway printed.
    ///
    /// # Errors
    /// When it printed none.
    pub fn first_login_link(&self) -> Result<String> {
        let lines = BufReader::new(File::open(self.folder.join("stdout"))?).lines();
        lines
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once(FIRST_LOGIN)?.1.trim().to_owned()))
            .context("the gateway printed no first-login link")
    }

    /// Fails when the gateway has ended.
    ///
    /// # Errors
    /// With how it ended.
    pub fn expect_alive(&mut self) -> Result<()> {
        if let Some((name, status)) = self.family.ended()? {
            bail!("{name} ended with {status}; what it printed above says why");
        }
        Ok(())
    }

    fn wait_for_health(&mut self, listen: SocketAddr) -> Result<()> {
        let asked_at = Instant::now();
        while http::status(listen, "/api/health").is_err() {
            self.expect_alive()?;
            if asked_at.elapsed() > HEALTH_MAX {
                bail!(
                    "the gateway does not answer after {} s",
                    HEALTH_MAX.as_secs()
                );
            }
            sleep(POLL);
        }
        Ok(())
    }
}

/// Writes a gateway's file and one a product; returns the former.
fn write_config(folder: &Path, checks: usize, responder: SocketAddr) -> Result<PathBuf> {
    let mut names = Vec::new();
    for product in 0..PRODUCTS {
        let own = (product..checks).step_by(PRODUCTS);
        let name = format!("bench-{product}.toml");
        fs::write(folder.join(&name), product_toml(product, own, responder))?;
        names.push(format!("\"{name}\""));
    }
    let gateway = format!(
        "products = [{}]\n\n[probing]\nallow_cidrs = [\"127.0.0.0/8\"]\nallow_ports = [\"{}\"]\n",
        names.join(", "),
        responder.port()
    );
    let path = folder.join("gateway.toml");
    fs::write(&path, gateway)?;
    Ok(path)
}

fn product_toml(
    product: usize,
    checks: impl Iterator<Item = usize>,
    responder: SocketAddr,
) -> String {
    let head = format!("id = \"bench-{product}\"\nname = \"Bench {product}\"\n");
    checks.fold(head, |mut text, check| {
        text.push_str(&format!(
            "
[[probe]]
kind = \"http\"
url = \"http://{responder}/health/{check}\"
interval = \"{INTERVAL_S}s\"

[[probe.check]]
name = \"service-{check}\"
title = \"Service {check}\"
status = \"/status\"

[[probe.metric]]
check = \"service-{check}\"
name = \"latency_ms\"
unit = \"ms\"
headline = true
"
        ));
        text
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_configured_once_over_all_products() {
        let folder = tempfile::tempdir().unwrap();
        let path = write_config(folder.path(), 12, "127.0.0.1:9".parse().unwrap()).unwrap();
        let gateway: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let mut probes = 0;
        for name in gateway["products"].as_array().unwrap() {
            let text = fs::read_to_string(folder.path().join(name.as_str().unwrap())).unwrap();
            let product: toml::Table = toml::from_str(&text).unwrap();
            probes += product["probe"].as_array().unwrap().len();
        }
        assert_eq!(probes, 12);
    }
}
