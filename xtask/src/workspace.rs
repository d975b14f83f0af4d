//! Where things are.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The checkout this xtask works on.
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace that cargo runs this xtask from.
    ///
    /// # Errors
    /// When the folder of the `xtask` package has no parent.
    pub fn find() -> Result<Self> {
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package
            .parent()
            .context("the xtask package has no parent folder")?;
        Ok(Self {
            root: root.to_path_buf(),
        })
    }

    /// The top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the top folder.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo puts what it builds; `CARGO_TARGET_DIR` moves it.
    pub fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.path("target"), |moved| self.root.join(moved))
    }

    /// The packed console. Always here, whatever `CARGO_TARGET_DIR` says, because the gateway embeds
    /// it by a path relative to its own sources.
    pub fn console(&self) -> PathBuf {
        self.path("target/console")
    }

    /// A built program, for example `binary("release", "watchfloor")`.
    pub fn binary(&self, profile: &str, name: &str) -> PathBuf {
        self.target().join(profile).join(name)
    }
}
