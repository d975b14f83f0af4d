//! A world of its own for each test: the products on a loopback address of their own, a gateway on a free
//! port, and a data folder that goes away with it.

mod accounts;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Stdio, id};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;

use crate::places;
use crate::wait::until;

const UP_MAX: Duration = Duration::from_secs(60);
const BASE_PATH: &str = "/admin/monitoring";
const FIRST_LOGIN: &str = "First login: ";
const CONTROL_PORT: u16 = 9100;
const RECEIVERS_PORT: u16 = 9150;
const PRODUCTS: [&str; 5] = [
    "DONNA",
    "POURTRAIT",
    "CHATPDD",
    "UNIVERSAL_ASSISTANT",
    "DEEDPRO",
];

/// Which build of the programs is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// As tests are built.
    Debug,
    /// As it is shipped.
    Release,
}

impl Build {
    const fn profile(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

/// Products, gateway and data.
pub struct World {
    build: Build,
    host: IpAddr,
    listen: SocketAddr,
    folder: TempDir,
    config: PathBuf,
    _fleet: Child,
    gateway: Option<Child>,
    first_login: watch::Receiver<Option<String>>,
}

impl World {
    /// Starts the five products and a gateway that watches them, with an empty data folder.
    ///
    /// # Errors
    /// When a program was not built or does not come up.
    pub async fn start(build: Build) -> Result<Self> {
        Self::start_with(build, |_, text| text).await
    }

    /// As [`Self::start`], with another configuration: `change` gets the name and the text of each of its files.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(build: Build, change: impl Fn(&str, String) -> String) -> Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let host = free_host()?;
        let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let folder = tempfile::tempdir()?;
        let config = configure(folder.path(), change)?;
        let fleet = start_fleet(build, host, listen, folder.path())?;
        let (_, first_login) = watch::channel(None);
        let mut world = Self {
            build,
            host,
            listen,
            folder,
            config,
            _fleet: fleet,
            gateway: None,
            first_login,
        };
        world.start_gateway().await?;
        Ok(world)
    }

    /// The loopback address of the products, which nobody else uses.
    #[must_use]
    pub const fn host(&self) -> IpAddr {
        self.host
    }

    /// Where the gateway listens.
    #[must_use]
    pub const fn gateway(&self) -> SocketAddr {
        self.listen
    }

    /// The folder of the programs that were started, below `target`.
    #[must_use]
    pub const fn profile(&self) -> &'static str {
        self.build.profile()
    }

    /// The address of a page, for example `url("incidents")`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let base = format!("http://{}{BASE_PATH}", self.listen);
        if path.is_empty() {
            base
        } else {
            format!("{base}/{path}")
        }
    }

    /// Where the gateway listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listen
    }

    /// The one-time link that the gateway printed at its first start.
    ///
    /// # Errors
    /// When it printed none.
    pub async fn first_login_link(&self) -> Result<String> {
        until("the first-login link", UP_MAX, || async {
            Ok(self.first_login.borrow().clone())
        })
        .await
    }

    /// Switches a fault of a product on.
    ///
    /// # Errors
    /// When the products refuse it; the error holds their answer.
    pub async fn break_product(&self, product: &str, fault: &str) -> Result<()> {
        let body = json!({"product": product, "fault": fault});
        let answer = reqwest::Client::new()
            .post(self.control())
            .json(&body)
            .send()
            .await?;
        accepted(answer).await
    }

    /// Switches all faults off.
    ///
    /// # Errors
    /// When the products refuse it.
    pub async fn heal(&self) -> Result<()> {
        accepted(reqwest::Client::new().delete(self.control()).send().await?).await
    }

    fn control(&self) -> String {
        format!("http://{}:{CONTROL_PORT}/fault", self.host)
    }

    /// What the receiving ends of notifications got, oldest first.
    ///
    /// # Errors
    /// When they do not answer.
    pub async fn received(&self) -> Result<Vec<Value>> {
        let list = format!("http://{}:{RECEIVERS_PORT}/received", self.host);
        let mut list: Value = reqwest::get(list).await?.json().await?;
        serde_json::from_value(list["received"].take()).context("no list of what was received")
    }

    /// Kills the gateway as `kill -9` does.
    ///
    /// # Errors
    /// When it is not running.
    pub async fn kill_gateway(&mut self) -> Result<()> {
        let mut gateway = self.gateway.take().context("the gateway is not running")?;
        Ok(gateway.kill().await?)
    }

    /// Starts the gateway on the same port and data, and waits until it answers.
    ///
    /// # Errors
    /// When it ends or does not answer; the error says where its log is.
    pub async fn start_gateway(&mut self) -> Result<()> {
        let mut gateway = self.spawn_gateway()?;
        let stdout = gateway.stdout.take().context("the gateway has no output")?;
        self.first_login = read_first_login(stdout);
        let health = format!("http://{}/api/health", self.listen);
        let up = until("the gateway's health", UP_MAX, || async {
            // Any answer will do: products may be ill from the start.
            Ok(reqwest::get(&health).await.ok().map(drop))
        })
        .await;
        if up.is_err() || gateway.try_wait()?.is_some() {
            let log = std::fs::read_to_string(self.folder.path().join("gateway.log"));
            bail!(
                "the gateway does not come up:\n{}",
                tail(&log.unwrap_or_default())
            );
        }
        self.gateway = Some(gateway);
        Ok(())
    }

    fn spawn_gateway(&self) -> Result<Child> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("gateway.log"))?;
        Command::new(places::program(self.build.profile(), "watchfloor")?)
            .arg("serve")
            .arg("--config")
            .arg(&self.config)
            .args(["--listen", &self.listen.to_string(), "--data"])
            .arg(self.folder.path().join("data"))
            .env("FLEET_HOST", self.host.to_string())
            .envs(keys())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("could not start the gateway")
    }
}

/// Copies the configuration of the repository; returns the place of its main file.
fn configure(folder: &Path, change: impl Fn(&str, String) -> String) -> Result<PathBuf> {
    let copy = folder.join("config");
    std::fs::create_dir(&copy)?;
    for file in std::fs::read_dir(places::root()?.join("config"))? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file.path())?;
        std::fs::write(copy.join(&name), change(&name, text))?;
    }
    Ok(copy.join("demo.toml"))
}

fn start_fleet(build: Build, host: IpAddr, gateway: SocketAddr, folder: &Path) -> Result<Child> {
    let log = std::fs::File::create(folder.join("fleet.log"))?;
    Command::new(places::program(build.profile(), "watchfloor-fleet")?)
        .args([
            "--host",
            &host.to_string(),
            "--gateway",
            &format!("http://{gateway}"),
        ])
        .envs(keys())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .context("could not start the products")
}

/// Known keys will do: nobody but the test can reach these gateways.
fn keys() -> impl Iterator<Item = (String, String)> {
    let ingest = PRODUCTS.iter().map(|name| {
        (
            format!("WATCHFLOOR_{name}_INGEST_KEY"),
            format!("test-key-of-{name}-0123456789"),
        )
    });
    let webhooks = (
        "WATCHFLOOR_DEMO_WEBHOOK_KEY".to_owned(),
        "test-key-of-webhooks-0123456789".to_owned(),
    );
    ingest.chain([webhooks])
}

fn read_first_login(stdout: ChildStdout) -> watch::Receiver<Option<String>> {
    let (found, first_login) = watch::channel(None);
    tokio::spawn(async move {
        let mut lines = BufReader::new(stdout).lines();
        // Reads to the end also after the link: a full pipe would stop the gateway.
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some((_, link)) = line.split_once(FIRST_LOGIN) {
                found.send_replace(Some(link.trim().to_owned()));
            }
        }
    });
    first_login
}

/// A loopback address that no other world uses: tests run side by side, also in several processes, and the
/// products' ports are fixed.
fn free_host() -> Result<IpAddr> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..200 {
        let number = id()
            .wrapping_mul(31)
            .wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let [_, _, third, fourth] = number.to_be_bytes();
        let host = IpAddr::from(Ipv4Addr::new(127, 1, third, fourth.clamp(1, 254)));
        if TcpListener::bind((host, CONTROL_PORT)).is_ok() {
            return Ok(host);
        }
    }
    bail!("no loopback address with a free port {CONTROL_PORT}")
}

async fn accepted(answer: reqwest::Response) -> Result<()> {
    let status = answer.status();
    if !status.is_success() {
        bail!("the products answered {status}: {}", answer.text().await?);
    }
    Ok(())
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
