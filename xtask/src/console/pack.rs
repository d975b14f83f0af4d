//! Packing: every file that another refers to gets its content's hash as part of its name.
//!
//! The order is from leaves to root, because a name can be known only when the content is final:
//! fonts and program parts, then the program, the style sheet, the start script, and last the page.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};

use super::fingerprint::files_below;
use super::manifest::{Manifest, PackedFile};
use super::minify::Minify;
use super::split::{CHUNKS_LIST, Chunks};
use super::{css, encode, html, names};
use crate::workspace::Workspace;

/// The module that wasm-bindgen writes.
pub const PROGRAM_JS: &str = "watchfloor-console.js";
/// The program that wasm-bindgen writes.
pub const PROGRAM_WASM: &str = "watchfloor-console_bg.wasm";
/// The module that fetches chunks.
pub const CHUNKS_JS: &str = "watchfloor-chunks.js";
/// What gives up chunks that do not come: a function `inTime` that makes the signal for one fetch.
const IN_TIME_JS: &str = include_str!("in_time.js");
const STYLE: &str = "console.css";
const BOOT_JS: &str = "boot.js";
const BOOT_CSS: &str = "boot.css";
const PAGE: &str = "index.html";

/// Where the parts come from.
pub struct Inputs {
    dist: PathBuf,
    public: PathBuf,
    style: PathBuf,
    page: PathBuf,
}

impl Inputs {
    /// The parts of a workspace, with what Trunk built in `dist`.
    pub fn of(workspace: &Workspace, dist: PathBuf) -> Self {
        Self {
            dist,
            public: workspace.path("public"),
            style: workspace.path("style/main.css"),
            page: workspace.path(PAGE),
        }
    }
}

/// A file's name before and after packing.
pub struct Renamed {
    /// As sources call it.
    pub source: String,
    /// As it is served.
    pub path: String,
    /// The value for an `integrity` attribute.
    pub integrity: String,
}

#[derive(Default)]
struct Packed {
    names: Vec<Renamed>,
    contents: Vec<(String, Vec<u8>, bool)>,
}

impl Packed {
    fn add_hashed(&mut self, source: &str, bytes: Vec<u8>) {
        self.add(source, names::hashed(source, &bytes), bytes, true);
    }

    /// Two modules that import each other: the hash of both together stands in both names. Only the imports are
    /// renamed, because the program asks for its imports by the module's name at linking.
    ///
    /// # Errors
    /// When one does not import the other.
    fn add_pair(&mut self, pair: [(&str, String); 2]) -> Result<()> {
        let together = pair
            .iter()
            .map(|(_, text)| text.as_str())
            .collect::<String>();
        let paths = pair
            .each_ref()
            .map(|(source, _)| names::hashed(source, together.as_bytes()));
        for (number, (source, text)) in pair.iter().enumerate() {
            let (other, _) = &pair[1 - number];
            // A minified module has no space there.
            let renamed = ["from ", "from"].iter().fold(text.clone(), |text, from| {
                text.replace(
                    &format!("{from}\"./{other}\""),
                    &format!("{from}\"./{}\"", paths[1 - number]),
                )
            });
            if renamed == *text {
                bail!("{source} does not import {other} as it used to");
            }
            self.add(source, paths[number].clone(), renamed.into_bytes(), true);
        }
        Ok(())
    }

    fn add_named(&mut self, source: &str, bytes: Vec<u8>) {
        self.add(source, source.to_owned(), bytes, false);
    }

    fn add(&mut self, source: &str, path: String, bytes: Vec<u8>, immutable: bool) {
        let integrity = names::integrity(&bytes);
        self.names.push(Renamed {
            source: source.to_owned(),
            path: path.clone(),
            integrity,
        });
        self.contents.push((path, bytes, immutable));
    }

    fn name(&self, source: &str) -> Option<&Renamed> {
        self.names.iter().find(|name| name.source == source)
    }

    /// Replaces every packed name that stands in quotes, with or without `./` before it.
    fn rename_in(&self, text: &str) -> String {
        self.names
            .iter()
            .filter(|name| name.path != name.source)
            .fold(text.to_owned(), |text, name| {
                let mut text = text;
                for quote in ['"', '\'', '`'] {
                    for lead in ["", "./"] {
                        let from = format!("{quote}{lead}{}{quote}", name.source);
                        text = text.replace(&from, &format!("{quote}{lead}{}{quote}", name.path));
                    }
                }
                text
            })
    }
}

/// Packs into `out`, replacing what was there at once. Scripts are minified before their names are made.
///
/// # Errors
/// When a part is missing or unreadable, a reference leads nowhere, or a file's kind is unknown.
pub fn pack(inputs: &Inputs, minify: &Minify<'_>, out: &Path) -> Result<Manifest> {
    let mut packed = Packed::default();
    add_public(&mut packed, &inputs.public)?;
    let chunks = add_program(&mut packed, minify, &inputs.dist)?;
    add_style(&mut packed, inputs)?;
    let (boot, page) = (
        super::read_text(&inputs.public.join(BOOT_JS))?,
        super::read_text(&inputs.page)?,
    );
    let build = build_of(&packed, &[&boot, &page]);
    add_boot(&mut packed, minify, &boot, &build)?;
    let page = html::rewrite(&page, &packed.names, &build)?;
    packed.add_named(PAGE, page.into_bytes());
    write(&packed, build, chunks, out)
}

fn add_public(packed: &mut Packed, public: &Path) -> Result<()> {
    for file in files_below(public)? {
        let source = relative(public, &file)?;
        match source.as_str() {
            BOOT_JS | BOOT_CSS => {}
            // Only what the style sheet names can be renamed; the rest is asked for by its own name.
            font if font.ends_with(".woff2") => packed.add_hashed(font, super::read(&file)?),
            other => packed.add_named(other, super::read(&file)?),
        }
    }
    Ok(())
}

fn add_program(packed: &mut Packed, minify: &Minify<'_>, dist: &Path) -> Result<Chunks> {
    for file in files_below(dist)? {
        let source = relative(dist, &file)?;
        if ![PROGRAM_JS, CHUNKS_JS, CHUNKS_LIST, PAGE].contains(&source.as_str()) {
            packed.add_hashed(&source, super::read(&file)?);
        }
    }
    if packed.name(PROGRAM_WASM).is_none() {
        bail!(
            "{} holds no {PROGRAM_WASM}: did the build succeed?",
            dist.display()
        );
    }
    let program = packed.rename_in(&super::read_text(&dist.join(PROGRAM_JS))?);
    let fetching = packed.rename_in(&super::read_text(&dist.join(CHUNKS_JS))?);
    let fetching = with_options(&fetching, &packed.names)? + IN_TIME_JS;
    packed.add_pair([
        (PROGRAM_JS, minify(&program)?),
        (CHUNKS_JS, minify(&fetching)?),
    ])?;
    let mut chunks: Chunks = serde_json::from_slice(&super::read(&dist.join(CHUNKS_LIST))?)?;
    for file in chunks.values_mut().flatten() {
        let name = packed
            .name(file)
            .with_context(|| format!("a chunk needs {file}, which was not built"))?;
        file.clone_from(&name.path);
    }
    Ok(chunks)
}

/// Makes the generated module hand each chunk's integrity to the browser, and give up what does not come.
fn with_options(fetching: &str, names: &[Renamed]) -> Result<String> {
    let mut text = fetching.to_owned();
    let fetched = |it: &&Renamed| fetching.contains(&format!("./{}\"", it.path));
    for name in names.iter().filter(fetched) {
        let plain = format!("fetch(new URL(\"./{}\", import.meta.url))", name.path);
        let Some(open) = plain.strip_suffix(')').filter(|_| text.contains(&plain)) else {
            bail!("{CHUNKS_JS} does not fetch {} as it used to", name.source);
        };
        let sealed = format!(
            "{open}, {{ integrity: \"{}\", signal: inTime() }})",
            name.integrity
        );
        text = text.replace(&plain, &sealed);
    }
    Ok(text)
}

fn add_style(packed: &mut Packed, inputs: &Inputs) -> Result<()> {
    let boot = css::minify(&super::read_text(&inputs.public.join(BOOT_CSS))?);
    let joined = css::bundle(&inputs.style)? + &boot;
    let style = css::rewrite_urls(&joined, |path| {
        packed.name(path).map(|name| name.path.clone())
    })?;
    packed.add_hashed(STYLE, style.into_bytes());
    Ok(())
}

fn add_boot(packed: &mut Packed, minify: &Minify<'_>, source: &str, build: &str) -> Result<()> {
    let wasm = packed
        .name(PROGRAM_WASM)
        .context("the program was not packed")?;
    let boot = packed
        .rename_in(source)
        .replace("{{WASM_INTEGRITY}}", &wasm.integrity)
        .replace("{{BUILD}}", build);
    if boot.contains("{{") {
        bail!("public/{BOOT_JS} holds a placeholder that the packer does not know");
    }
    packed.add_hashed(BOOT_JS, minify(&boot)?.into_bytes());
    Ok(())
}

fn build_of(packed: &Packed, texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for (path, bytes, _) in &packed.contents {
        hash.update(path);
        hash.update(bytes);
    }
    for text in texts {
        hash.update(text);
    }
    names::short_hash(&hash.finalize())
}

fn write(packed: &Packed, build: String, chunks: Chunks, out: &Path) -> Result<Manifest> {
    let fresh = out.with_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let mut files = Vec::new();
    for (path, bytes, immutable) in &packed.contents {
        files.push(write_file(&fresh, path, bytes, *immutable)?);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let manifest = Manifest {
        build,
        files,
        chunks,
    };
    fs::write(
        fresh.join(Manifest::NAME),
        serde_json::to_vec_pretty(&manifest)?,
    )?;
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    fs::rename(&fresh, out)?;
    Ok(manifest)
}

fn write_file(folder: &Path, path: &str, bytes: &[u8], immutable: bool) -> Result<PackedFile> {
    let Some(content_type) = encode::content_type(path) else {
        bail!("{path}: a kind of file that the console does not serve");
    };
    let target = folder.join(path);
    fs::create_dir_all(target.parent().context("a packed file has no folder")?)?;
    fs::write(&target, bytes)?;
    // The page is completed by the gateway for its base path, so a compressed form would not be it.
    let (mut br_bytes, mut gz_bytes) = (None, None);
    if encode::is_compressible(path) && path != PAGE {
        let (br, gz) = (encode::brotli(bytes)?, encode::gzip(bytes)?);
        fs::write(folder.join(format!("{path}.br")), &br)?;
        fs::write(folder.join(format!("{path}.gz")), &gz)?;
        (br_bytes, gz_bytes) = (Some(br.len() as u64), Some(gz.len() as u64));
    }
    Ok(PackedFile {
        path: path.to_owned(),
        content_type: content_type.to_owned(),
        bytes: bytes.len() as u64,
        br_bytes,
        gz_bytes,
        immutable,
    })
}

fn relative(folder: &Path, file: &Path) -> Result<String> {
    let path = file.strip_prefix(folder)?;
    path.to_str()
        .map(str::to_owned)
        .with_context(|| format!("{}: not a plain name", path.display()))
}

#[cfg(test)]
#[path = "pack_tests.rs"]
mod tests;
