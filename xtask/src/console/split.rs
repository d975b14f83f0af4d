//! Splitting: the linked program becomes the part that every page needs, and chunks that are fetched later.
//!
//! What goes into which chunk is decided by the functions that carry `wasm_split` in the console's sources. The
//! splitter needs relocations and names, which is why the linker is asked for both; binding and wasm-opt drop them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_split_cli_support::{Options, transform};

use super::pack::{CHUNKS_JS, PROGRAM_JS};
use crate::command::{command, run};
use crate::workspace::Workspace;

/// The list of what each chunk needs, for the packer; it is not served.
pub const CHUNKS_LIST: &str = "chunks.json";

/// The files that a chunk consists of, by the chunk's name.
pub type Chunks = BTreeMap<String, Vec<String>>;

/// Splits the linked program, binds its main part, and puts everything into `dist` in place of what was there.
/// Returns the WebAssembly files.
///
/// # Errors
/// When the program carries no relocations, or wasm-bindgen fails.
pub fn split(workspace: &Workspace, linked: &Path, dist: &Path) -> Result<Vec<PathBuf>> {
    let parts = workspace.path("target/split");
    if parts.exists() {
        fs::remove_dir_all(&parts)?;
    }
    fs::create_dir_all(&parts)?;
    let main = parts.join("watchfloor-console.wasm");
    let (link_name, main_module) = (format!("./{CHUNKS_JS}"), format!("./{PROGRAM_JS}"));
    let input = super::read(linked)?;
    let mut options = Options::new(&input);
    options.output_dir = &parts;
    options.main_out_path = &main;
    options.link_name = &link_name;
    options.main_module = &main_module;
    let split = transform(options).map_err(|error| {
        anyhow!(
            "could not split {} into chunks: {error:#}",
            linked.display()
        )
    })?;
    bind(workspace, &main, dist)?;
    let mut files = vec![dist.join(super::pack::PROGRAM_WASM)];
    for chunk in &split.split_modules {
        let name = chunk.file_name().context("a chunk has no name")?;
        fs::copy(chunk, dist.join(name))?;
        files.push(dist.join(name));
    }
    fs::copy(parts.join(CHUNKS_JS), dist.join(CHUNKS_JS))?;
    let chunks: Chunks = split
        .prefetch_map
        .into_iter()
        .map(|(chunk, stems)| {
            (
                chunk,
                stems.iter().map(|stem| format!("{stem}.wasm")).collect(),
            )
        })
        .collect();
    fs::write(dist.join(CHUNKS_LIST), serde_json::to_vec(&chunks)?)?;
    Ok(files)
}

/// The chunks use the main part's memory and functions by the names that the linker gave them.
fn bind(workspace: &Workspace, main: &Path, dist: &Path) -> Result<()> {
    run(command(workspace, "wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
        .args(["--remove-name-section", "--remove-producers-section"])
        .arg("--out-dir")
        .arg(dist)
        .arg(main))
}
