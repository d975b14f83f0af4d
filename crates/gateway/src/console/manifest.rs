//! `manifest.json`, which `cargo xtask` writes beside the packed console.

use serde::Deserialize;

/// What was packed.
#[derive(Clone, Debug, Deserialize)]
pub struct Manifest {
    /// The files.
    pub files: Vec<Packed>,
    /// A hash of all of them: the console's build.
    pub build: String,
}

/// A packed file.
#[derive(Clone, Debug, Deserialize)]
pub struct Packed {
    /// Its path within the folder, with `/`.
    pub path: String,
    /// Its media type.
    pub content_type: String,
    /// Bytes of `<path>.br`; `None` when there is no such file.
    #[serde(default)]
    pub br_bytes: Option<u64>,
    /// Bytes of `<path>.gz`; `None` when there is no such file.
    #[serde(default)]
    pub gz_bytes: Option<u64>,
    /// Whether its name changes with its content.
    #[serde(default)]
    pub immutable: bool,
}
