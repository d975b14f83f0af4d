//! The browser for tests: Chromium and its driver.

use anyhow::{Context, Result, bail};

use crate::command::{command, find, output, run};
use crate::step::note;
use crate::workspace::Workspace;

/// Makes sure of Chromium and ChromeDriver.
///
/// # Errors
/// When one is missing and cannot be installed here; the error says what to install.
pub fn browser(workspace: &Workspace) -> Result<()> {
    if has_both(workspace) {
        return Ok(());
    }
    let is_root = output(command(workspace, "id").arg("-u")).as_deref() == Some("0");
    if !is_root || find(workspace, "apt-get").is_none() {
        bail!(
            "the browser tests need `chromium` and `chromedriver` on the PATH: install them, on \
             Debian with `apt-get install chromium chromium-driver`; \
             `cargo xtask test --without-browser` does without them"
        );
    }
    note("installing chromium and chromium-driver with apt: about a minute");
    install(workspace).context(
        "chromium and chromium-driver could not be installed: apt needs its mirror. \
         Install them by hand; `cargo xtask test --without-browser` does without them",
    )?;
    if !has_both(workspace) {
        bail!("apt installed chromium and chromium-driver, yet they are not on the PATH");
    }
    Ok(())
}

fn install(workspace: &Workspace) -> Result<()> {
    run(command(workspace, "apt-get").args(["update", "-qq"]))?;
    run(command(workspace, "apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args([
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            "chromium",
            "chromium-driver",
        ]))
}

fn has_both(workspace: &Workspace) -> bool {
    ["chromium", "chromedriver"]
        .iter()
        .all(|program| find(workspace, program).is_some())
}
