//! Running other programs.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// A command that runs in the top folder and finds the project's own tools first.
pub fn command(workspace: &Workspace, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(workspace.root())
        .env("PATH", search_path(workspace));
    // Set by the cargo that runs us; handed on, it would make child builds differ from plain ones.
    for name in [
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_PKG_NAME",
        "CARGO_PKG_VERSION",
    ] {
        command.env_remove(name);
    }
    command
}

/// `cargo` with arguments.
pub fn cargo(workspace: &Workspace, args: &[&str]) -> Command {
    let mut cargo = command(
        workspace,
        env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
    );
    cargo.args(args);
    cargo
}

/// A program of the browser tests, built when it is not up to date; its arguments are still to come.
pub fn browser_part(workspace: &Workspace, program: &str) -> Command {
    let mut part = cargo(workspace, &["run", "--quiet", "--locked"]);
    part.args(["-p", "watchfloor-e2e", "--bin", program, "--"]);
    part
}

/// Runs to the end with our own standard streams.
///
/// # Errors
/// When the program cannot be started or ends with anything but success.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    let status = command
        .status()
        .with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// What a program printed on its standard output; `None` when it is missing or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where a program is found, as a shell would.
pub fn find(workspace: &Workspace, program: &str) -> Option<PathBuf> {
    env::split_paths(&search_path(workspace))
        .map(|folder| folder.join(program))
        .find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Where `cargo install` puts programs; `None` when neither cargo's home nor ours is known.
pub fn install_folder() -> Option<PathBuf> {
    install_folder_of(|name| env::var_os(name))
}

fn install_folder_of(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("CARGO_INSTALL_ROOT")
        .or_else(|| set("CARGO_HOME"))
        .or_else(|| set("HOME").map(|home| home.join(".cargo")))
        .map(|root| root.join("bin"))
}

/// Where cargo keeps what it fetched; `None` when neither it nor our home is known.
pub fn cargo_home() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty());
    set("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".cargo")))
}

/// Whether a program in `first` is found before one of the same name in `second`.
pub fn comes_before(workspace: &Workspace, first: &Path, second: &Path) -> bool {
    stands_before(&search_path(workspace), first, second)
}

fn stands_before(path: &OsStr, first: &Path, second: &Path) -> bool {
    let folder = env::split_paths(path).find(|it| it == first || it == second);
    folder.is_some_and(|it| it == first && first != second)
}

fn search_path(workspace: &Workspace) -> OsString {
    let present = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(workspace.path("node_modules/.bin"))
        .chain(env::split_paths(&present))
        .chain(install_folder());
    // Only a folder with a colon in its name can fail here; then the path we were given must do.
    env::join_paths(folders).unwrap_or(present)
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_folder_of_the_path_wins() {
        let before = |first, second| {
            stands_before(OsStr::new("/a:/b:/a"), Path::new(first), Path::new(second))
        };
        assert!(before("/a", "/b") && before("/b", "/c"));
        assert!(!before("/b", "/a") && !before("/a", "/a") && !before("/c", "/d"));
    }

    #[test]
    fn programs_are_looked_for_where_cargo_installs_them() {
        for (set, expected) in [
            (&[("HOME", "/h")][..], Some("/h/.cargo/bin")),
            (&[("HOME", "/h"), ("CARGO_HOME", "/c")], Some("/c/bin")),
            (
                &[("CARGO_HOME", "/c"), ("CARGO_INSTALL_ROOT", "/tools")],
                Some("/tools/bin"),
            ),
            (
                &[("HOME", "/h"), ("CARGO_INSTALL_ROOT", "")],
                Some("/h/.cargo/bin"),
            ),
            (&[], None),
        ] {
            let variable = |name: &str| {
                let found = set.iter().find(|it| it.0 == name);
                found.map(|it| OsString::from(it.1))
            };
            let folder = install_folder_of(variable);
            assert_eq!(folder.as_deref(), expected.map(Path::new), "{set:?}");
        }
    }
}
