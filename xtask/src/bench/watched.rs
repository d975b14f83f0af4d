//! A release gateway that watches as many checks as wanted, all answered by a responder of ours.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use super::release_gateway::ReleaseGateway;
use super::responder::Responder;
use crate::workspace::Workspace;

/// How often each check is probed.
pub const INTERVAL_S: u64 = 10;
/// Every check has been probed at least twice by then, and what start-up needed is given back.
pub const SETTLE: Duration = Duration::from_secs(2 * INTERVAL_S + 5);

const PRODUCTS: usize = 5;

/// The gateway with its checks; both end with this value.
pub struct Watched {
    /// The gateway.
    pub gateway: ReleaseGateway,
    /// What answers the probes.
    pub responder: Responder,
}

impl Watched {
    /// Builds and starts it with an empty data folder, and waits until it answers.
    ///
    /// # Errors
    /// When the gateway cannot be built, refuses the configuration, or dies.
    pub fn start(workspace: &Workspace, checks: usize) -> Result<Self> {
        let responder = Responder::start()?;
        let configure = |folder: &Path| write_config(folder, checks, responder.address);
        let gateway = ReleaseGateway::start(workspace, configure, &[])?;
        Ok(Self { gateway, responder })
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
