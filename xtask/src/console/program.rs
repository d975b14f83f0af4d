//! The program itself: Trunk compiles it, the splitter cuts it into chunks, wasm-opt shrinks them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::pack::PROGRAM_JS;
use super::split::split;
use crate::command::{cargo, cargo_home, command, run};
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
    // These would replace the flags of .cargo/config.toml, without which the program cannot be split.
    trunk.env_remove("RUSTFLAGS");
    trunk.env_remove("CARGO_ENCODED_RUSTFLAGS");
    // Cargo adds these to the ones of .cargo/config.toml.
    trunk.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        without_places(&sources_of_crates()?),
    );
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

/// Where cargo keeps the sources of crates, one folder for each registry.
fn sources_of_crates() -> Result<Vec<PathBuf>> {
    let Some(registries) = cargo_home().map(|home| home.join("registry/src")) else {
        return Ok(Vec::new());
    };
    if !registries.is_dir() {
        return Ok(Vec::new());
    }
    let mut folders = Vec::new();
    for entry in fs::read_dir(registries)? {
        folders.push(entry?.path());
    }
    folders.sort();
    Ok(folders)
}

/// Flags by which messages of a panic name a crate's file without the place where it lay: that place is nobody's
/// business, and it is fetched with every page. A folder with a space in its name cannot be said in this variable.
fn without_places(folders: &[PathBuf]) -> String {
    folders
        .iter()
        .filter_map(|folder| folder.to_str())
        .filter(|folder| !folder.contains(char::is_whitespace))
        .map(|folder| format!("--remap-path-prefix={folder}=crates"))
        .collect::<Vec<_>>()
        .join(" ")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_registry_gets_a_short_name_unless_it_cannot_be_said() {
        let folders = ["/h/src/one", "/h/src/t w o", "/h/src/three"].map(PathBuf::from);
        assert_eq!(
            without_places(&folders),
            "--remap-path-prefix=/h/src/one=crates --remap-path-prefix=/h/src/three=crates"
        );
        assert_eq!(without_places(&[]), "");
    }
}
