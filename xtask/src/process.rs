//! Long-running children that must not outlive us.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use crate::command;
use crate::workspace::Workspace;

const POLL: Duration = Duration::from_millis(100);
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// Children, stopped in reverse order of their start when this is dropped.
#[derive(Default)]
pub struct Family {
    children: Vec<(String, Child)>,
}

impl Family {
    /// Starts a child in a process group of its own, so that a Ctrl-C reaches only us and the order in
    /// which things stop stays ours. Where `setpriv` exists the kernel ends the child even if we are
    /// killed outright.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(&mut self, workspace: &Workspace, name: &str, program: &Command) -> Result<u32> {
        self.start_with(workspace, name, program, Stdio::inherit())
    }

    /// As [`Self::start`], with another place for what the child prints on standard output.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start_with(
        &mut self,
        workspace: &Workspace,
        name: &str,
        program: &Command,
        stdout: Stdio,
    ) -> Result<u32> {
        use std::os::unix::process::CommandExt as _;
        let mut command = tied_to_us(workspace, program);
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(stdout)
            .spawn()
            .with_context(|| format!("could not start {name}"))?;
        let pid = child.id();
        self.children.push((name.to_owned(), child));
        Ok(pid)
    }

    /// Kills a child outright, as a crash would, and forgets it.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn kill(&mut self, pid: u32) -> Result<()> {
        let place = self.children.iter().position(|(_, it)| it.id() == pid);
        let place = place.context("no such child")?;
        let (_, mut child) = self.children.remove(place);
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// The first child that has ended by itself, with how; `None` while all run.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn ended(&mut self) -> Result<Option<(String, ExitStatus)>> {
        for (name, child) in &mut self.children {
            if let Some(status) = child.try_wait()? {
                return Ok(Some((name.clone(), status)));
            }
        }
        Ok(None)
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        while let Some((name, mut child)) = self.children.pop() {
            stop(&name, &mut child);
        }
    }
}

/// SIGTERM first, so that a child can drain; SIGKILL after ten seconds.
fn stop(name: &str, child: &mut Child) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    let asked_at = Instant::now();
    // It may have ended in between, which is what we want.
    let _ = kill_process(Pid::from_child(child), Signal::TERM);
    while asked_at.elapsed() < DRAIN_MAX {
        match child.try_wait() {
            Ok(None) => sleep(POLL),
            Ok(Some(_)) | Err(_) => return,
        }
    }
    eprintln!(
        "xtask: {name} did not stop within {} s, killing it",
        DRAIN_MAX.as_secs()
    );
    let _ = child.kill();
    let _ = child.wait();
}

fn tied_to_us(workspace: &Workspace, program: &Command) -> Command {
    let mut command = match command::find(workspace, "setpriv") {
        Some(setpriv) => {
            let mut command = command::command(workspace, setpriv);
            command
                .args(["--pdeathsig", "TERM", "--"])
                .arg(program.get_program());
            command
        }
        None => command::command(workspace, program.get_program()),
    };
    command.args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}
