//! The gateway's process.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::time::sleep;

use super::{Load, http};

/// Each may press ten times at once, and a restart gives all of them ten more.
const OPERATORS: usize = 24;
/// Checks that can be broken from outside.
pub const GATES: usize = 8;
/// They break and mend all the time, and each break must open an incident that people can act on.
const NEVER_FLAPS: u32 = u32::MAX;
const KEY_ENV: &str = "WATCHFLOOR_KILL_INGEST_KEY";
/// What products send in with.
pub const INGEST_KEY: &str = "kill-key-0123456789abcdef0123456789abcdef";
const READY_MAX: Duration = Duration::from_secs(60);

/// The gateway; killed when this value ends.
pub struct Gateway {
    program: PathBuf,
    folder: PathBuf,
    listen: SocketAddr,
    child: Option<Child>,
    started_at: Instant,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = self.kill();
    }
}

impl Gateway {
    /// Writes its configuration; nothing runs yet.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn prepare(program: &Path, folder: &Path) -> Result<Self> {
        fs::write(
            folder.join("gateway.toml"),
            "products = [\"kill.toml\"]\n\n[feed]\nper_account = 1000\nper_address = 1000\n",
        )?;
        let mut product = format!(
            "id = \"kill\"\nname = \"Kill\"\ningest_key_env = \"{KEY_ENV}\"\n\n[priority]\n\
             critical = \"P1\"\n\n[response.P1]\nrespond_within = \"15m\"\n\
             \n[flapping]\nchanges = {NEVER_FLAPS}\n"
        );
        for gate in 0..GATES {
            product.push_str(&format!(
                "\n[[pushed]]\ncheck = \"gate-{gate}\"\nmetric = \"depth\"\nunit = \"count\"\nevery = \"1h\"\n\
                 \n[[rule]]\nname = \"Gate {gate} is deep\"\ncheck = \"gate-{gate}\"\nmetric = \"depth\"\n\
                 statistic = \"last\"\nwindow = \"1h\"\nabove = 1\nseverity = \"critical\"\n"
            ));
        }
        fs::write(folder.join("kill.toml"), product)?;
        Ok(Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
            listen: TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr())?,
            child: None,
            started_at: Instant::now(),
        })
    }

    /// Where its databases are.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Starts it; it is not ready yet.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(&mut self) -> Result<()> {
        let mut command = Command::new(&self.program);
        command
            .arg("serve")
            .arg("--config")
            .arg(self.folder.join("gateway.toml"))
            .arg("--listen")
            .arg(self.listen.to_string())
            .arg("--data")
            .arg(self.data());
        command
            .env(KEY_ENV, INGEST_KEY)
            .env("WATCHFLOOR_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(self.folder.join("stderr"))?);
        self.started_at = Instant::now();
        let child = command.spawn();
        self.child = Some(child.with_context(|| format!("{}", self.program.display()))?);
        Ok(())
    }

    /// Waits until it answers; how many milliseconds after its start that was.
    ///
    /// # Errors
    /// When it ended, or does not answer within a minute.
    pub async fn ready(&mut self) -> Result<u64> {
        while http::ask(self.listen, ("GET", "/api/health"), &[], "")
            .await
            .is_err()
        {
            let ended = self
                .child
                .as_mut()
                .map(Child::try_wait)
                .transpose()?
                .flatten();
            ensure!(ended.is_none(), "the gateway ended: {}", self.said());
            ensure!(
                self.started_at.elapsed() < READY_MAX,
                "the gateway does not answer"
            );
            sleep(Duration::from_millis(10)).await;
        }
        Ok(u64::try_from(self.started_at.elapsed().as_millis())?)
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.join("stderr")).unwrap_or_default()
    }

    /// SIGKILL: it gets no chance to finish anything.
    ///
    /// # Errors
    /// When the system does not let us, or it had panicked before.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        let said = self.said();
        ensure!(!said.contains("panicked"), "the gateway panicked: {said}");
        Ok(())
    }

    /// Makes the accounts.
    ///
    /// # Errors
    /// When the command line refuses.
    pub fn load(&self) -> Result<Load> {
        let operators = (0..OPERATORS)
            .map(|number| self.token(&format!("operator-{number}"), "operator"))
            .collect::<Result<Vec<_>>>()?;
        Ok(Load {
            address: self.listen,
            operators,
            viewer: self.token("viewer", "viewer")?,
            confirmed: Mutex::default(),
            unanswered: Mutex::default(),
            lives: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            resumed: AtomicU64::new(0),
            resets: AtomicU64::new(0),
            gaps: AtomicU64::new(0),
            ingested: AtomicU64::new(0),
        })
    }

    fn token(&self, name: &str, role: &str) -> Result<String> {
        self.account(&["add", name, "--role", role])?;
        self.account(&["token", name])
    }

    fn account(&self, words: &[&str]) -> Result<String> {
        let output = Command::new(&self.program)
            .arg("account")
            .args(words)
            .arg("--data")
            .arg(self.data())
            .output()?;
        ensure!(
            output.status.success(),
            "account {words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}
