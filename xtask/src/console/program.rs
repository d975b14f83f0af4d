//! The program itself: Trunk compiles and binds it, wasm-opt shrinks it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::pack::{PROGRAM_JS, PROGRAM_WASM};
use crate::command::{cargo, command, run};
use crate::step::note;
use crate::workspace::Workspace;

/// Builds into `target/dist` and returns that folder.
///
/// # Errors
/// When Trunk or wasm-opt fails.
pub fn build(workspace: &Workspace, wasm_opt: Option<&Path>) -> Result<PathBuf> {
    let dist = workspace.path("target/dist");
    // Trunk leaves files of earlier builds behind, and the packer takes what it finds.
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    // Trunk keeps cargo offline, and a fresh clone has only the crates that xtask itself needs.
    note("fetching crates: about 20 s the first time");
    run(&mut cargo(workspace, &["fetch", "--locked", "--quiet"]))?;
    note("compiling to WebAssembly with Trunk: some minutes the first time");
    let mut trunk = command(workspace, "trunk");
    trunk.arg("build").arg("--dist").arg(&dist);
    // Trunk reads NO_COLOR as true or false and refuses the customary 1.
    trunk.env_remove("NO_COLOR");
    run(&mut trunk)?;
    debug_assert!(dist.join(PROGRAM_JS).exists());
    if let Some(wasm_opt) = wasm_opt {
        shrink(workspace, wasm_opt, &dist.join(PROGRAM_WASM))?;
    }
    Ok(dist)
}

fn shrink(workspace: &Workspace, wasm_opt: &Path, wasm: &Path) -> Result<()> {
    note("shrinking with wasm-opt -Oz: about 20 s");
    let smaller = wasm.with_extension("small");
    run(command(workspace, wasm_opt)
        .arg("-Oz")
        .arg(wasm)
        .arg("-o")
        .arg(&smaller))?;
    fs::rename(smaller, wasm)?;
    Ok(())
}
