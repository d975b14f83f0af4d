//! `cargo xtask size`: what the browser fetches before live data shows.

use std::iter::Sum;
use std::ops::Add;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use crate::console::{self, Manifest, PackedFile};
use crate::table::{grouped, layout};
use crate::workspace::Workspace;

/// The budget for everything together, in bytes of brotli.
const BUDGET_BR_BYTES: u64 = 346_000;

/// Starts of the names of what is fetched before the overview is live, in the order of the table. The chunk with its
/// charts is asked for once it is live; favicons of other statuses are fetched later or never.
const FETCHED: [&str; 9] = [
    "index.html",
    "boot-",
    "console-",
    "watchfloor-console-",
    "watchfloor-chunks-",
    "watchfloor-console_bg-",
    "fonts/plex-sans-400-",
    "fonts/plex-sans-600-",
    "favicon-unknown.svg",
];
/// The chunk of the board for a wall, which it fetches before it is live.
const WALL: &str = "wall";

#[derive(Clone, Copy, Default)]
struct Weight {
    raw: u64,
    gz: u64,
    br: u64,
}

impl Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            raw: self.raw + other.raw,
            gz: self.gz + other.gz,
            br: self.br + other.br,
        }
    }
}

impl Sum for Weight {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// Prints the table and the figures as one line of JSON.
///
/// # Errors
/// When the console cannot be built, a file of the list is missing, or it is heavier than its budget.
pub fn size(workspace: &Workspace) -> Result<()> {
    let manifest = console::ensure(workspace)?;
    let mut rows = Vec::new();
    let mut weights = Vec::new();
    for start in FETCHED {
        let file = file(&manifest, |path| path.starts_with(start)).with_context(|| {
            format!("the packed console holds no file that starts with “{start}”")
        })?;
        let weight = weigh(workspace, file)?;
        rows.push(row(&file.path, weight));
        weights.push(weight);
    }
    let total: Weight = weights.iter().copied().sum();
    rows.push(row("total", total));
    let mut chunks = json!({});
    let mut wall = total;
    for (chunk, files) in &manifest.chunks {
        let weight = weigh_chunk(workspace, &manifest, files)?;
        rows.push(row(&format!("later: {chunk}"), weight));
        chunks[chunk] = json!(weight.br);
        if chunk == WALL {
            wall = wall + weight;
        }
    }
    rows.push(row("total of a wall", wall));
    println!("\n{}", layout(["file", "bytes", "gzip", "brotli"], &rows));
    println!(
        "{}",
        json!({
            "total_br_bytes": total.br,
            "total_gz_bytes": total.gz,
            "total_bytes": total.raw,
            "html_br_bytes": weights[0].br,
            "css_br_bytes": weights[2].br,
            "js_br_bytes": weights[1].br + weights[3].br + weights[4].br,
            "wasm_br_bytes": weights[5].br,
            "wasm_bytes": weights[5].raw,
            "fonts_bytes": weights[6..8].iter().map(|font| font.raw).sum::<u64>(),
            "wall_total_br_bytes": wall.br,
            "chunks_br_bytes": chunks,
            "budget_br_bytes": BUDGET_BR_BYTES,
        })
    );
    judge(total.br)
}

fn file(manifest: &Manifest, is_it: impl Fn(&str) -> bool) -> Option<&PackedFile> {
    manifest.files.iter().find(|file| is_it(&file.path))
}

/// All files that a chunk needs; some of them other chunks need too.
fn weigh_chunk(workspace: &Workspace, manifest: &Manifest, files: &[String]) -> Result<Weight> {
    files
        .iter()
        .map(|wanted| {
            let file = file(manifest, |path| path == wanted)
                .with_context(|| format!("a chunk needs {wanted}, which was not packed"))?;
            weigh(workspace, file)
        })
        .sum()
}

fn judge(total_br: u64) -> Result<()> {
    if total_br > BUDGET_BR_BYTES {
        bail!(
            "{} bytes of brotli are fetched before live data shows, {} more than the budget",
            grouped(total_br),
            grouped(total_br - BUDGET_BR_BYTES)
        );
    }
    Ok(())
}

/// What is not compressed ahead of time counts as the gateway sends it: fonts as they are, the page
/// compressed on the way.
fn weigh(workspace: &Workspace, file: &PackedFile) -> Result<Weight> {
    if let (Some(br), Some(gz)) = (file.br_bytes, file.gz_bytes) {
        return Ok(Weight {
            raw: file.bytes,
            gz,
            br,
        });
    }
    if file.content_type.starts_with("font/") {
        return Ok(Weight {
            raw: file.bytes,
            gz: file.bytes,
            br: file.bytes,
        });
    }
    let (gz, br) = console::compressed_bytes(&workspace.console().join(&file.path))?;
    Ok(Weight {
        raw: file.bytes,
        gz,
        br,
    })
}

fn row(name: &str, weight: Weight) -> [String; 4] {
    [
        name.to_owned(),
        grouped(weight.raw),
        grouped(weight.gz),
        grouped(weight.br),
    ]
}
