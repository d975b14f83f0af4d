//! Tools that the build needs, installed when they are missing.

mod browser;

use std::path::PathBuf;

use anyhow::{Result, bail};

pub use self::browser::browser;
use crate::command::{cargo, command, find, output, run};
use crate::step::note;
use crate::workspace::Workspace;

/// A tool that comes from crates.io at a fixed version.
struct CrateTool {
    program: &'static str,
    /// What to ask for the version; the answer must hold `version` as a word.
    version_args: &'static [&'static str],
    version: &'static str,
    package: &'static str,
    install_args: &'static [&'static str],
    takes: &'static str,
}

const TRUNK: CrateTool = CrateTool {
    program: "trunk",
    version_args: &["--version"],
    version: "0.22.1",
    package: "trunk",
    // It asks for a newer compiler than its locked dependencies need; it builds and works with ours.
    install_args: &["--locked", "--ignore-rust-version"],
    takes: "about 13 minutes on two cores",
};

const WASM_BINDGEN: CrateTool = CrateTool {
    program: "wasm-bindgen",
    version_args: &["--version"],
    version: "0.2.130",
    package: "wasm-bindgen-cli",
    // Its own lock file names a release that is not offered any more.
    install_args: &[],
    takes: "about 3 minutes on two cores",
};

const CARGO_DENY: CrateTool = CrateTool {
    program: "cargo-deny",
    version_args: &["--version"],
    version: "0.20.2",
    package: "cargo-deny",
    install_args: &["--locked"],
    takes: "about 4 minutes on two cores",
};

/// Makes sure of Trunk, at the version that `Trunk.toml` demands.
///
/// # Errors
/// When it cannot be installed.
pub fn trunk(workspace: &Workspace) -> Result<()> {
    ensure(workspace, &TRUNK)
}

/// Makes sure of the wasm-bindgen program, which must have the very version of the crate.
///
/// # Errors
/// When it cannot be installed.
pub fn wasm_bindgen(workspace: &Workspace) -> Result<()> {
    ensure(workspace, &WASM_BINDGEN)
}

/// Makes sure of cargo-deny.
///
/// # Errors
/// When it cannot be installed.
pub fn cargo_deny(workspace: &Workspace) -> Result<()> {
    ensure(workspace, &CARGO_DENY)
}

/// Makes sure of the WebAssembly target. rustup installs it by `rust-toolchain.toml`; a toolchain that
/// came without rustup has it or has it not.
///
/// # Errors
/// When it is missing and there is no rustup, or rustup fails.
pub fn wasm_target(workspace: &Workspace) -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let mut rustc = command(workspace, "rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    if output(&mut rustc).is_some_and(|folder| PathBuf::from(folder).is_dir()) {
        return Ok(());
    }
    if find(workspace, "rustup").is_none() {
        bail!("the Rust target {TARGET} is missing: install it as your Rust distribution says");
    }
    note(format!("installing the Rust target {TARGET}"));
    run(command(workspace, "rustup").args(["target", "add", TARGET]))
}

/// Finds wasm-opt, from npm when npm is there, else from the system; `None` when there is none.
/// Without it the console works and is about a tenth larger.
///
/// # Errors
/// When npm is there but fails.
pub fn wasm_opt(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let has_npm = node_modules(workspace)?;
    let found = find(workspace, "wasm-opt");
    if found.is_none() {
        let npm = if has_npm {
            "npm brought none"
        } else {
            "npm is not installed"
        };
        note(format!(
            "no wasm-opt ({npm}): the console is built without it and is about a tenth larger"
        ));
    }
    Ok(found)
}

/// Installs the development packages of `package-lock.json` once; false when there is no npm.
///
/// # Errors
/// When npm fails.
pub fn node_modules(workspace: &Workspace) -> Result<bool> {
    // npm notes here what it installed; an older note than the lock file means that the lock changed.
    let installed = workspace.path("node_modules/.package-lock.json").metadata();
    let locked = workspace.path("package-lock.json").metadata()?;
    if installed.is_ok_and(
        |installed| matches!((installed.modified(), locked.modified()), (Ok(a), Ok(b)) if a >= b),
    ) {
        return Ok(true);
    }
    if find(workspace, "npm").is_none() {
        return Ok(false);
    }
    note("installing wasm-opt and axe-core with npm: about 10 s");
    run(command(workspace, "npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    Ok(true)
}

fn ensure(workspace: &Workspace, tool: &CrateTool) -> Result<()> {
    let found = find(workspace, tool.program)
        .and_then(|path| output(command(workspace, path).args(tool.version_args)));
    if found
        .as_deref()
        .is_some_and(|text| names_version(text, tool.version))
    {
        return Ok(());
    }
    let (package, version) = (tool.package, tool.version);
    match found {
        Some(other) => note(format!(
            "found “{other}”, but {package} {version} is needed"
        )),
        None => note(format!("{} is missing", tool.program)),
    }
    note(format!(
        "compiling {package} {version}, once: {}",
        tool.takes
    ));
    let mut install = cargo(workspace, &["install", package, "--version", version]);
    install.args(tool.install_args);
    // Kept apart, so that the tools' hundreds of crates do not pile up among our own.
    install.env("CARGO_TARGET_DIR", workspace.path("target/tools"));
    run(&mut install)
}

fn names_version(text: &str, version: &str) -> bool {
    text.split_whitespace().any(|word| word == version)
}

#[cfg(test)]
mod tests {
    use super::names_version;

    #[test]
    fn a_version_is_matched_as_a_whole_word() {
        assert!(names_version("trunk 0.22.1", "0.22.1"));
        assert!(names_version("wasm-bindgen 0.2.130 (abc)", "0.2.130"));
        assert!(!names_version("trunk 0.22.10", "0.22.1"));
        assert!(!names_version("trunk 0.22.1-beta.1", "0.22.1"));
    }
}
