//! A release gateway with the packed console, an empty data folder, and a configuration of the bench's.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command::{command, output};
use crate::process::Family;
use crate::step::step;
use crate::workspace::Workspace;
use crate::{console, http, run};

const HEALTH_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(200);
const FIRST_LOGIN: &str = "First login: ";

/// The gateway; it ends with this value.
pub struct ReleaseGateway {
    /// Its process.
    pub pid: u32,
    family: Family,
    folder: PathBuf,
}

impl ReleaseGateway {
    /// Builds and starts it, and waits until it answers. `configure` writes the configuration into the folder it is
    /// given, and says which file is the gateway's.
    ///
    /// # Errors
    /// When the gateway cannot be built, refuses the configuration, or dies.
    pub fn start(
        workspace: &Workspace,
        configure: impl FnOnce(&Path) -> Result<PathBuf>,
        environment: &[(String, String)],
    ) -> Result<Self> {
        console::ensure(workspace)?;
        step("gateway (release)", || run::build_release(workspace))?;
        let folder = workspace.path("target/bench-gateway");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let config = configure(&folder)?;
        let listen = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr())?;
        let mut gateway = command(workspace, workspace.binary("release", "watchfloor"));
        gateway.arg("serve").arg("--config").arg(config);
        gateway
            .arg("--listen")
            .arg(listen.to_string())
            .arg("--data")
            .arg(folder.join("data"))
            .envs(environment.iter().cloned());
        let mut family = Family::default();
        let stdout = File::create(folder.join("stdout"))?;
        let pid = family.start_with(workspace, "the gateway", &gateway, Stdio::from(stdout))?;
        let mut started = Self {
            pid,
            family,
            folder,
        };
        started.wait_for_health(listen)?;
        Ok(started)
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

    /// Its folder; the data is below it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes an account; its token.
    ///
    /// # Errors
    /// When the program refuses it.
    pub fn token(&self, workspace: &Workspace, name: &str, role: &str) -> Result<String> {
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
