//! `cargo xtask test`: everything that must hold before a change lands.

use std::time::Instant;

use anyhow::Result;
use clap::Args;

use crate::command::{cargo, run};
use crate::step::{note, seconds, step};
use crate::workspace::Workspace;
use crate::{size, tidy, tools};

const WASM: &str = "wasm32-unknown-unknown";

/// Arguments of `test`.
#[derive(Args)]
pub struct TestArgs {
    /// Leave out the browser tests, for instance where there is no browser.
    #[arg(long)]
    without_browser: bool,
}

/// Runs every check, the quick ones first, and stops at the first that fails.
///
/// # Errors
/// When a check fails; the error names it.
pub fn test(workspace: &Workspace, args: &TestArgs) -> Result<()> {
    let started_at = Instant::now();
    let run_cargo = |words: &[&str]| run(&mut cargo(workspace, words));
    step("format", || run_cargo(&["fmt", "--all", "--check"]))?;
    tidy::tidy(workspace)?;
    step("licences, bans and sources", || deny(workspace))?;
    // Before everything that compiles the gateway, which embeds it.
    size::size(workspace)?;
    step("lints", || {
        run_cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ])
    })?;
    step("lints of the console in WebAssembly", || {
        let console = [
            "clippy",
            "-p",
            "watchfloor-console",
            "--target",
            WASM,
            "--locked",
        ];
        run(cargo(workspace, &console).args(["--", "-D", "warnings"]))
    })?;
    if !args.without_browser {
        step("browser", || tools::browser(workspace))?;
    }
    // With the same selection and targets as the tests, so that nothing is compiled twice. The browser
    // tests start the gateway and the simulated products that this leaves in target/debug.
    step("build for tests", || {
        run_cargo(&["build", "--workspace", "--all-targets", "--locked"])
    })?;
    step("tests", || {
        let mut words = vec!["test", "--workspace", "--locked", "--no-fail-fast"];
        if args.without_browser {
            words.extend(["--exclude", "watchfloor-e2e"]);
        }
        run_cargo(&words)
    })?;
    println!("\nAll of it holds, in {}.", seconds(started_at.elapsed()));
    Ok(())
}

/// Advisories need a database from outside; they are checked where that can be fetched.
fn deny(workspace: &Workspace) -> Result<()> {
    tools::cargo_deny(workspace)?;
    note(
        "advisories are left out: their database is fetched from outside. Run `cargo deny check advisories`",
    );
    let checks = [
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ];
    run(cargo(workspace, &["deny", "--locked", "--workspace"]).args(checks))
}
