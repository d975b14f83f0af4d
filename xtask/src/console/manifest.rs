//! The list that the gateway reads: what there is, how to serve it.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::split::Chunks;

/// `manifest.json` of a packed console.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// A hash over all that went in; also in the page, as `<meta name="watchfloor-build">`.
    pub build: String,
    /// The files, by path.
    pub files: Vec<PackedFile>,
    /// The files that each chunk of the program consists of, by the chunk's name.
    #[serde(default)]
    pub chunks: Chunks,
}

/// One file of the packed console.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedFile {
    /// Its path below the base path, without leading slash.
    pub path: String,
    /// Its `Content-Type`.
    pub content_type: String,
    /// Its size as it is.
    pub bytes: u64,
    /// The size of `PATH.br`; `None` when there is no such file.
    pub br_bytes: Option<u64>,
    /// The size of `PATH.gz`; `None` when there is no such file.
    pub gz_bytes: Option<u64>,
    /// True when the content's hash is in the name, so that it may be cached for ever.
    pub immutable: bool,
}

impl Manifest {
    /// Its name in the packed folder.
    pub const NAME: &str = "manifest.json";

    /// Reads it from a packed folder.
    ///
    /// # Errors
    /// When it is missing or is not such a list.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::NAME);
        serde_json::from_str(&super::read_text(&path)?)
            .with_context(|| format!("{} is not a list of packed files", path.display()))
    }
}
