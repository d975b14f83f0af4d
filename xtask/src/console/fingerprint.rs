//! What the packed console depends on, as one hash.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest as _, Sha256};

use super::names::hex;
use crate::workspace::Workspace;

/// Everything that can change a byte of the result. The packer itself is part of it.
const INPUTS: [&str; 13] = [
    ".cargo/config.toml",
    "src",
    "crates/wire/src",
    "crates/wire/Cargo.toml",
    "style",
    "public",
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    // Which wasm-opt and which terser.
    "package-lock.json",
    "rust-toolchain.toml",
    "xtask/src/console",
];

/// The fingerprint of the present sources. `shrunk` says whether wasm-opt and terser take part.
///
/// # Errors
/// When a file cannot be read.
pub fn of(workspace: &Workspace, shrunk: [bool; 2]) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(shrunk.map(u8::from));
    for input in INPUTS {
        for path in files_below(&workspace.path(input))? {
            let bytes = super::read(&path)?;
            hash.update(path.as_os_str().as_encoded_bytes());
            hash.update(bytes.len().to_le_bytes());
            hash.update(bytes);
        }
    }
    Ok(hex(&hash.finalize()))
}

/// All files at or below a path, in a fixed order; none when it does not exist. Hidden ones, such as Trunk's
/// lock or an editor's leavings, are nobody's input.
///
/// # Errors
/// When a folder cannot be listed.
pub fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("could not list {}", path.display()))? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            entries.push(entry.path());
        }
    }
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        files.extend(files_below(&entry)?);
    }
    Ok(files)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn files_are_listed_deeply_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        for name in ["c", "b/z", "b/a", "a", ".hidden"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let names: Vec<String> = files_below(folder.path())
            .unwrap()
            .iter()
            .map(|path| {
                path.strip_prefix(folder.path())
                    .unwrap()
                    .display()
                    .to_string()
            })
            .collect();
        assert_eq!(names, ["a", "b/a", "b/z", "c"]);
    }

    #[test]
    fn a_missing_folder_has_no_files() {
        assert!(
            files_below(Path::new("/nonexistent/watchfloor"))
                .unwrap()
                .is_empty()
        );
    }
}
