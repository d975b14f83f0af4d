//! Says where the packed console is, so that it can be embedded: `WATCHFLOOR_CONSOLE_DIR`, or `target/console`
//! of the workspace. The folder is made when it is missing; a gateway built without a console says so.

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-env-changed=WATCHFLOOR_CONSOLE_DIR");
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/console");
    let dir = std::env::var_os("WATCHFLOOR_CONSOLE_DIR").map_or(default, PathBuf::from);
    std::fs::create_dir_all(&dir)?;
    let dir = dir.canonicalize()?;
    println!("cargo::rerun-if-changed={}", dir.display());
    println!("cargo::rustc-env=WATCHFLOOR_CONSOLE_DIR={}", dir.display());
    Ok(())
}
