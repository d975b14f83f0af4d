//! The program itself: Trunk compiles it, the splitter cuts it into chunks, wasm-opt shrinks them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::pack::PROGRAM_JS;
use super::split::split;
use crate::command::{cargo, command, run};
use crate::step::note;
use crate::workspace::Workspace;

/// Builds into `target/dist` and returns that folder.
///
/// # Errors
/// When Trunk, wasm-bindgen or wasm-opt fails, or the program cannot be split.
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
    note("splitting into chunks");
    // Trunk has no hook between linking and binding, where the splitter has to work.
    let parts = split(workspace, &linked(workspace), &dist)?;
    if let Some(wasm_opt) = wasm_opt {
        note("shrinking with wasm-opt: about 40 s");
        for part in &parts {
            shrink(workspace, wasm_opt, part)?;
        }
    }
    Ok(dist)
}

/// What cargo linked, before anything else touched it.
fn linked(workspace: &Workspace) -> PathBuf {
    workspace
        .target()
        .join("wasm32-unknown-unknown/wasm-release/watchfloor-console.wasm")
}

fn shrink(workspace: &Workspace, wasm_opt: &Path, wasm: &Path) -> Result<()> {
    let smaller = wasm.with_extension("small");
    run(command(workspace, wasm_opt)
        // -Oz makes fewer bytes, but they compress worse: what travels is larger.
        .args(["-Os", "--strip-debug", "--strip-producers"])
        .arg(wasm)
        .arg("-o")
        .arg(&smaller))?;
    fs::rename(smaller, wasm)?;
    Ok(())
}
