//! From sources to the folder that the gateway embeds: compile, shrink, pack; skipped when nothing changed.

mod css;
mod encode;
mod fingerprint;
mod html;
mod manifest;
mod minify;
mod names;
mod pack;
mod program;
mod split;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

pub use self::manifest::{Manifest, PackedFile};
use crate::step::{note, step};
use crate::tools;
use crate::workspace::Workspace;

/// Makes sure that `target/console` holds the console of the present sources.
///
/// # Errors
/// When a tool is missing and cannot be installed, or compiling or packing fails.
pub fn ensure(workspace: &Workspace) -> Result<Manifest> {
    step("console", || {
        let wasm_opt = tools::wasm_opt(workspace);
        let terser = tools::terser(workspace);
        let wanted = fingerprint::of(workspace, [wasm_opt.is_some(), terser.is_some()])?;
        if let Some(manifest) = unchanged(workspace, &wanted) {
            note("unchanged since the last build");
            return Ok(manifest);
        }
        tools::wasm_target(workspace)?;
        tools::trunk(workspace)?;
        tools::wasm_bindgen(workspace)?;
        let dist = program::build(workspace, wasm_opt.as_deref())?;
        note("packing: names by content, integrity, brotli and gzip");
        let short = |text: &str| minify::minify(workspace, terser.as_deref(), text);
        let inputs = pack::Inputs::of(workspace, dist);
        let manifest = pack::pack(&inputs, &short, &workspace.console())?;
        fs::write(fingerprint_file(workspace), wanted)?;
        note(format!(
            "{} files, build {}",
            manifest.files.len(),
            manifest.build
        ));
        Ok(manifest)
    })
}

fn unchanged(workspace: &Workspace, wanted: &str) -> Option<Manifest> {
    let found = fs::read_to_string(fingerprint_file(workspace)).ok()?;
    if found != wanted {
        return None;
    }
    Manifest::read(&workspace.console()).ok()
}

fn fingerprint_file(workspace: &Workspace) -> PathBuf {
    workspace.path("target/console.fingerprint")
}

/// Reads a file, with its name in the error.
fn read(path: &std::path::Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("could not read {}", path.display()))
}

/// Reads a text file, with its name in the error.
fn read_text(path: &std::path::Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

/// How large a file is as gzip and as brotli, in this order.
///
/// # Errors
/// When it cannot be read.
pub fn compressed_bytes(path: &std::path::Path) -> Result<(u64, u64)> {
    let bytes = read(path)?;
    Ok((
        encode::gzip(&bytes)?.len() as u64,
        encode::brotli(&bytes)?.len() as u64,
    ))
}
