//! Loads that are examples of the gateway: built optimised, run, and read.

use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::command::cargo;
use crate::workspace::Workspace;

/// Runs an example with these options and reads the figures that it prints.
///
/// # Errors
/// When it cannot be built, fails, or says nothing that can be read.
pub fn figures(workspace: &Workspace, name: &str, options: &[(&str, String)]) -> Result<Value> {
    let mut run = cargo(workspace, &["run", "--release", "--quiet", "--locked"]);
    run.args(["--package", "watchfloor-gateway", "--example", name, "--"]);
    for (option, value) in options {
        run.args([format!("--{option}"), value.clone()]);
    }
    let output = run.stderr(Stdio::inherit()).output()?;
    let status = output.status;
    ensure!(status.success(), "the load `{name}` ended with {status}");
    serde_json::from_slice(&output.stdout).context("no figures came")
}
