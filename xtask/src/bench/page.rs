//! `bench page`: the browser's part is `bench-page`, beside the browser tests.

use std::thread::sleep;

use anyhow::Result;

use super::watched::{SETTLE, Watched};
use crate::command::{browser_part, run};
use crate::step::note;
use crate::tools;
use crate::workspace::Workspace;

/// Measures a page that watches `checks` checks, for `seconds` while it is live.
///
/// # Errors
/// When the gateway or the browser cannot be had, or the page does not become live.
pub fn bench(workspace: &Workspace, checks: usize, seconds: u64) -> Result<()> {
    tools::browser(workspace)?;
    let mut watched = Watched::start(workspace, checks)?;
    note(format!("settling for {} s", SETTLE.as_secs()));
    sleep(SETTLE);
    let (checks, seconds) = (checks.to_string(), seconds.to_string());
    let mut measure = browser_part(workspace, "bench-page");
    measure.args(["--link", &watched.gateway.first_login_link()?]);
    measure.args(["--checks", &checks, "--seconds", &seconds]);
    run(&mut measure)?;
    watched.gateway.expect_alive()
}
