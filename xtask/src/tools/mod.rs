//! Tools that the build needs, installed when they are missing.

mod browser;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub use self::browser::browser;
use crate::command::{cargo, comes_before, command, find, install_folder, output, run};
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
    takes: "10 to 20 minutes on two cores",
};

const WASM_BINDGEN: CrateTool = CrateTool {
    program: "wasm-bindgen",
    version_args: &["--version"],
    version: "0.2.130",
    package: "wasm-bindgen-cli",
    // Its own lock file names a release that is not offered any more.
    install_args: &[],
    takes: "2 to 5 minutes on two cores",
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
/// Without it the console works and is about a tenth larger, so nothing that goes wrong here stops a build.
pub fn wasm_opt(workspace: &Workspace) -> Option<PathBuf> {
    let npm = match node_modules(workspace) {
        Ok(true) => "npm brought none".to_owned(),
        Ok(false) => "npm is not installed".to_owned(),
        Err(error) => format!("{error:#}"),
    };
    let found = find(workspace, "wasm-opt");
    if found.is_none() {
        note(format!(
            "no wasm-opt ({npm}): the console is built without it and is about a tenth larger"
        ));
    }
    found
}

/// Finds terser, which makes scripts shorter; `None` when npm did not bring it. [`wasm_opt`] has installed it and has
/// said what is wrong with npm.
pub fn terser(workspace: &Workspace) -> Option<PathBuf> {
    let found = find(workspace, "terser");
    if found.is_none() {
        note("no terser: the console's scripts stay as long as they were written");
    }
    found
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
    note("installing wasm-opt, terser and axe-core with npm: about 10 s");
    run(command(workspace, "npm").args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        // Without a network it would try for minutes.
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=1000",
    ]))?;
    Ok(true)
}

fn ensure(workspace: &Workspace, tool: &CrateTool) -> Result<()> {
    let found = look(workspace, tool);
    if found.is_right(tool.version) {
        return Ok(());
    }
    note(found.words(tool));
    refuse_hidden(workspace, tool, &found)?;
    note(format!(
        "compiling {} {}, once: {}",
        tool.package, tool.version, tool.takes
    ));
    let line = by_hand(tool);
    run(&mut install(workspace, tool)).with_context(|| {
        format!(
            "{} could not be installed: it needs crates.io and a C compiler. By hand: `{line}`",
            tool.package
        )
    })?;
    let found = look(workspace, tool);
    if !found.is_right(tool.version) {
        bail!(found.complaint(tool, install_folder().as_deref()));
    }
    Ok(())
}

/// Stops before minutes of compiling when what is installed would not be found behind another program.
fn refuse_hidden(workspace: &Workspace, tool: &CrateTool, found: &Found) -> Result<()> {
    let (Found::Program(path, _), Some(ours)) = (found, install_folder()) else {
        return Ok(());
    };
    let hides = path
        .parent()
        .is_some_and(|theirs| comes_before(workspace, theirs, &ours));
    if hides {
        bail!(found.complaint(tool, Some(&ours)));
    }
    Ok(())
}

fn install(workspace: &Workspace, tool: &CrateTool) -> std::process::Command {
    let mut install = cargo(
        workspace,
        &["install", tool.package, "--version", tool.version],
    );
    install.args(tool.install_args);
    // Kept apart, so that the tools' hundreds of crates do not pile up among our own.
    install.env("CARGO_TARGET_DIR", workspace.path("target/tools"));
    install
}

fn by_hand(tool: &CrateTool) -> String {
    let start = ["cargo", "install", tool.package, "--version", tool.version];
    let words: Vec<&str> = start.iter().chain(tool.install_args).copied().collect();
    words.join(" ")
}

/// What stands first on the path under a tool's name.
enum Found {
    Nothing,
    /// Where it is, and what it answered when it was asked for its version.
    Program(PathBuf, String),
}

fn look(workspace: &Workspace, tool: &CrateTool) -> Found {
    find(workspace, tool.program).map_or(Found::Nothing, |path| {
        let answer = output(command(workspace, &path).args(tool.version_args));
        Found::Program(path, answer.unwrap_or_default())
    })
}

impl Found {
    fn is_right(&self, version: &str) -> bool {
        matches!(self, Self::Program(_, answer) if names_version(answer, version))
    }

    /// What is wrong, before anything is installed.
    fn words(&self, tool: &CrateTool) -> String {
        let (program, version) = (tool.program, tool.version);
        match self {
            Self::Nothing => format!("{program} is missing"),
            Self::Program(path, answer) if answer.is_empty() => {
                format!("{} does not say its version", path.display())
            }
            Self::Program(path, answer) => {
                format!("{} is “{answer}”, but {version} is needed", path.display())
            }
        }
    }

    /// Why what is installed cannot be used.
    fn complaint(&self, tool: &CrateTool, folder: Option<&Path>) -> String {
        let folder = folder.map_or_else(
            || "cargo's folder for programs".to_owned(),
            |it| it.display().to_string(),
        );
        let (package, version) = (tool.package, tool.version);
        match self {
            Self::Nothing => format!(
                "{package} {version} was installed, but not to {folder}: put the folder that cargo \
                 named above on the PATH"
            ),
            Self::Program(path, _) => format!(
                "{package} {version} belongs into {folder}, but {} comes before that on the PATH and \
                 is another version: remove it, or put {folder} first",
                path.display()
            ),
        }
    }
}

fn names_version(text: &str, version: &str) -> bool {
    text.split_whitespace().any(|word| word == version)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Found, TRUNK, WASM_BINDGEN, by_hand, names_version};

    #[test]
    fn a_version_is_matched_as_a_whole_word() {
        assert!(names_version("trunk 0.22.1", "0.22.1"));
        assert!(names_version("wasm-bindgen 0.2.130 (abc)", "0.2.130"));
        assert!(!names_version("trunk 0.22.10", "0.22.1"));
        assert!(!names_version("trunk 0.22.1-beta.1", "0.22.1"));
    }

    fn at(path: &str, answer: &str) -> Found {
        Found::Program(PathBuf::from(path), answer.to_owned())
    }

    #[test]
    fn what_is_found_is_told_with_its_place() {
        for (found, right, words) in [
            (Found::Nothing, false, "trunk is missing"),
            (
                at("/a/trunk", ""),
                false,
                "/a/trunk does not say its version",
            ),
            (
                at("/a/trunk", "trunk 0.21.0"),
                false,
                "/a/trunk is “trunk 0.21.0”, but 0.22.1 is needed",
            ),
            (
                at("/a/trunk", "trunk 0.22.1"),
                true,
                "/a/trunk is “trunk 0.22.1”, but 0.22.1 is needed",
            ),
        ] {
            assert_eq!(found.is_right("0.22.1"), right);
            assert_eq!(found.words(&TRUNK), words);
        }
    }

    #[test]
    fn an_older_program_that_comes_first_is_named_with_the_way_out() {
        let folder = Some(Path::new("/home/a/.cargo/bin"));
        let said = at("/usr/bin/trunk", "trunk 0.21.0").complaint(&TRUNK, folder);
        assert_eq!(
            said,
            "trunk 0.22.1 belongs into /home/a/.cargo/bin, but /usr/bin/trunk comes before that on \
             the PATH and is another version: remove it, or put /home/a/.cargo/bin first"
        );
        assert!(
            Found::Nothing
                .complaint(&TRUNK, folder)
                .contains("not to /home/a")
        );
    }

    #[test]
    fn a_tool_can_be_installed_by_hand_with_the_same_words() {
        assert_eq!(
            by_hand(&TRUNK),
            "cargo install trunk --version 0.22.1 --locked --ignore-rust-version"
        );
        assert_eq!(
            by_hand(&WASM_BINDGEN),
            "cargo install wasm-bindgen-cli --version 0.2.130"
        );
    }
}
