//! `cargo xtask soak page`: a page over days in fast motion. The browser's part is `soak-page`, beside the browser tests.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::command::{browser_part, run as run_command};
use crate::step::step;
use crate::workspace::Workspace;
use crate::{console, run, tools};

/// Arguments of `soak`.
#[derive(Args)]
pub struct SoakArgs {
    /// What is watched.
    #[arg(value_enum)]
    name: Name,
    /// How many days pass.
    #[arg(long, default_value_t = 1)]
    days: u32,
    /// In how many minutes.
    #[arg(long, default_value_t = 20)]
    minutes: u32,
    /// Which page, below the base; the overview when left out.
    #[arg(long, default_value = "")]
    page: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// A page of the console in a browser.
    Page,
}

/// Builds console, gateway and products, and watches.
///
/// # Errors
/// When something cannot be built or started, or the page does not become live.
pub fn soak(workspace: &Workspace, args: &SoakArgs) -> Result<()> {
    let Name::Page = args.name;
    tools::browser(workspace)?;
    console::ensure(workspace)?;
    step("gateway and simulated products (release)", || {
        run::build_release(workspace)
    })?;
    let mut watch = browser_part(workspace, "soak-page");
    watch.args(["--days", &args.days.to_string()]);
    watch.args(["--minutes", &args.minutes.to_string()]);
    watch.args(["--page", &args.page]);
    run_command(&mut watch)
}
