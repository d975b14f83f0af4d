//! Shorter scripts: wasm-bindgen writes for people, with a comment before each function.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::command::{command, run};
use crate::workspace::Workspace;

/// Makes a module shorter without changing what it does.
pub type Minify<'a> = dyn Fn(&str) -> Result<String> + 'a;

/// Minifies with terser, which renames what only the module itself can see; without terser the text stays as it is.
///
/// # Errors
/// When the text is no JavaScript module, or terser cannot be started.
pub fn minify(workspace: &Workspace, terser: Option<&Path>, text: &str) -> Result<String> {
    let Some(terser) = terser else {
        return Ok(text.to_owned());
    };
    let folder = workspace.path("target/minify");
    fs::create_dir_all(&folder)?;
    let (long, short) = (folder.join("long.js"), folder.join("short.js"));
    fs::write(&long, text)?;
    run(command(workspace, terser)
        .arg(&long)
        .args(["--module", "--mangle", "--compress", "passes=2"])
        // Double quotes only: the packer finds imports by them.
        .args(["--format", "quote_style=2", "--output"])
        .arg(&short))?;
    super::read_text(&short)
}
