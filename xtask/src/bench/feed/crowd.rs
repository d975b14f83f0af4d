//! The load generator as a child: told by lines of JSON, answers by lines of JSON.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::command;
use crate::workspace::Workspace;

/// The process; it ends with this value.
pub struct Crowd {
    child: Child,
    told: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Crowd {
    /// Starts it and says who it is.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(workspace: &Workspace, settings: &Value) -> Result<Self> {
        let program = workspace.binary("release", "watchfloor-crowd");
        let mut child = command(workspace, program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start the crowd")?;
        let told = child.stdin.take().context("the crowd has no input")?;
        let answers = child.stdout.take().context("the crowd has no output")?;
        let mut crowd = Self {
            child,
            told,
            answers: BufReader::new(answers),
        };
        writeln!(crowd.told, "{settings}")?;
        Ok(crowd)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Has it do something, and waits for what it measured.
    ///
    /// # Errors
    /// When it ended instead; it has said why on standard error.
    pub fn ask(&mut self, what: &Value) -> Result<Value> {
        writeln!(self.told, "{what}").context("the crowd has ended")?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("the crowd ended; what it printed above says why");
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        // It holds nothing that a clean end would save.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
