//! Where things are.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The top folder of the project.
///
/// # Errors
/// When this package does not lie two folders below it.
pub fn root() -> Result<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .context("tests/e2e has no project above it")
}

/// A program of the project, built in `profile` (`debug` or `release`).
///
/// # Errors
/// When it was not built; the error says how to.
pub fn program(profile: &str, name: &str) -> Result<PathBuf> {
    let own = env::current_exe()?;
    // A test lies in PROFILE/deps, a program in PROFILE.
    let built = own
        .ancestors()
        .find(|folder| folder.ends_with("debug") || folder.ends_with("release"))
        .and_then(Path::parent)
        .context("this program does not lie in a target folder")?;
    let path = built.join(profile).join(name);
    if !path.exists() {
        let release = if profile == "release" {
            " --release"
        } else {
            ""
        };
        bail!(
            "{} is missing: run `cargo build -p watchfloor-gateway -p watchfloor-fleet{release}`",
            path.display()
        );
    }
    Ok(path)
}

/// A program on the search path.
///
/// # Errors
/// When it is missing; the error says what to install.
pub fn installed(name: &str) -> Result<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .with_context(|| {
            format!(
                "`{name}` is not on the PATH: install Chromium and ChromeDriver, on Debian with \
                 `apt-get install chromium chromium-driver`"
            )
        })
}
