//! The gateway under measurement: one product that only sends in, a token for the clients, an account for each of
//! those who acknowledge, and limits that let so many clients in from one account.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::command::{command, output};
use crate::http;
use crate::process::Family;
use crate::workspace::Workspace;

/// People who acknowledge; each may act 30 times a minute.
const OPERATORS: usize = 60;
/// Checks whose values the load changes.
pub const LANES: u64 = 16;
/// As many clients come from one address as the gateway allows by default.
const PER_ADDRESS: usize = 200;
const KEY_ENV: &str = "WATCHFLOOR_CROWD_INGEST_KEY";
const INGEST_KEY: &str = "crowd-key-0123456789abcdef0123456789abcdef";
const HEALTH_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// The gateway; it ends with this value.
pub struct Gateway {
    /// Its process.
    pub pid: u32,
    /// What the crowd must know.
    pub settings: Value,
    family: Family,
    folder: PathBuf,
    listen: SocketAddr,
}

impl Gateway {
    /// Starts it with an empty data folder, makes the accounts, and waits until it answers.
    ///
    /// # Errors
    /// When it refuses the configuration, dies, or accounts cannot be made.
    pub fn start(workspace: &Workspace, connections: usize) -> Result<Self> {
        let folder = workspace.path("target/bench-feed");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        write_config(&folder, connections)?;
        let listen = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr())?;
        let mut gateway = Self {
            pid: 0,
            settings: Value::Null,
            family: Family::default(),
            folder,
            listen,
        };
        gateway.spawn(workspace)?;
        let operators = (0..OPERATORS)
            .map(|number| gateway.token(workspace, &format!("operator-{number}"), "operator"))
            .collect::<Result<Vec<_>>>()?;
        gateway.settings = json!({
            "gateway": listen,
            "viewer": gateway.token(workspace, "crowd", "viewer")?,
            "operators": operators,
            "ingest_key": INGEST_KEY,
            "per_address": PER_ADDRESS,
            "small_windows": super::SLOW + super::STOPPED,
        });
        Ok(gateway)
    }

    /// Kills it outright and starts it over the same data; how long nobody answered.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn kill_and_restart(&mut self, workspace: &Workspace) -> Result<Duration> {
        let killed_at = Instant::now();
        self.family.kill(self.pid)?;
        self.spawn(workspace)?;
        Ok(killed_at.elapsed())
    }

    fn spawn(&mut self, workspace: &Workspace) -> Result<()> {
        let mut gateway = command(workspace, workspace.binary("release", "watchfloor"));
        gateway
            .arg("serve")
            .arg("--config")
            .arg(self.folder.join("gateway.toml"));
        gateway.arg("--listen").arg(self.listen.to_string());
        gateway.arg("--data").arg(self.folder.join("data"));
        gateway.env(KEY_ENV, INGEST_KEY);
        self.pid = self
            .family
            .start_with(workspace, "the gateway", &gateway, Stdio::null())?;
        let asked_at = Instant::now();
        while http::status(self.listen, "/api/health").is_err() {
            if let Some((name, status)) = self.family.ended()? {
                bail!("{name} ended with {status}; what it printed above says why");
            }
            if asked_at.elapsed() > HEALTH_MAX {
                bail!("the gateway does not answer");
            }
            sleep(POLL);
        }
        Ok(())
    }

    fn token(&self, workspace: &Workspace, name: &str, role: &str) -> Result<String> {
        let account = |words: &[&str]| {
            let mut program = command(workspace, workspace.binary("release", "watchfloor"));
            program.arg("account").args(words);
            program.arg("--data").arg(self.folder.join("data"));
            output(&mut program)
        };
        account(&["add", name, "--role", role])
            .and_then(|_| account(&["token", name]))
            .with_context(|| format!("no account could be made for {name}"))
    }
}

fn write_config(folder: &Path, connections: usize) -> Result<()> {
    let gateway = format!(
        "products = [\"crowd.toml\"]\n\n[feed]\nper_account = {}\nconnections = {}\n",
        connections + 100,
        connections + 100
    );
    fs::write(folder.join("gateway.toml"), gateway)?;
    let mut product = format!(
        "id = \"crowd\"\nname = \"Crowd\"\ningest_key_env = \"{KEY_ENV}\"\n\n[priority]\ncritical = \"P1\"\n\n\
         [response.P1]\nrespond_within = \"15m\"\n"
    );
    for lane in 0..LANES {
        product.push_str(&format!(
            "
[[pushed]]
check = \"lane-{lane}\"
metric = \"due_us\"
unit = \"count\"
every = \"1h\"
headline = true
"
        ));
    }
    for gate in 0..OPERATORS {
        product.push_str(&format!(
            "
[[pushed]]
check = \"gate-{gate}\"
metric = \"depth\"
unit = \"count\"
every = \"1h\"

[[rule]]
name = \"Gate {gate} is deep\"
check = \"gate-{gate}\"
metric = \"depth\"
statistic = \"last\"
window = \"1h\"
above = 1
severity = \"critical\"
"
        ));
    }
    Ok(fs::write(folder.join("crowd.toml"), product)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_rule_for_each_of_those_who_acknowledge() {
        let folder = tempfile::tempdir().unwrap();
        write_config(folder.path(), 10_000).unwrap();
        let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        let product: toml::Table = toml::from_str(&read("crowd.toml")).unwrap();
        assert_eq!(product["rule"].as_array().unwrap().len(), OPERATORS);
        let gateway: toml::Table = toml::from_str(&read("gateway.toml")).unwrap();
        assert_eq!(gateway["feed"]["per_account"].as_integer(), Some(10_100));
    }
}
