//! `cargo xtask size`: what the browser fetches before live data shows.

use anyhow::{Result, bail};
use serde_json::json;

use crate::console::{self, PackedFile};
use crate::table::{grouped, layout};
use crate::workspace::Workspace;

/// The budget for everything together, in bytes of brotli. It is not reached yet; see docs/performance.md.
const BUDGET_BR_BYTES: u64 = 320_000;
/// Until it is, nothing may get heavier than this, in bytes of brotli. The figure only ever goes down.
const HELD_AT_BR_BYTES: u64 = 475_000;

/// Starts of the names of what is fetched, in the order of the table. Other weights and the favicons of
/// other statuses are fetched later or never.
const FETCHED: [&str; 9] = [
    "index.html",
    "boot-",
    "console-",
    "watchfloor-console-",
    "watchfloor-console_bg-",
    "fonts/plex-sans-400-",
    "fonts/plex-sans-500-",
    "fonts/plex-sans-600-",
    "favicon-unknown.svg",
];

#[derive(Clone, Copy, Default)]
struct Weight {
    raw: u64,
    gz: u64,
    br: u64,
}

/// Prints the table and the figures as one line of JSON.
///
/// # Errors
/// When the console cannot be built, a file of the list is missing, or it is heavier than it is held at.
pub fn size(workspace: &Workspace) -> Result<()> {
    let manifest = console::ensure(workspace)?;
    let mut rows = Vec::new();
    let mut weights = Vec::new();
    for start in FETCHED {
        let Some(file) = manifest
            .files
            .iter()
            .find(|file| file.path.starts_with(start))
        else {
            bail!("the packed console holds no file that starts with “{start}”");
        };
        let weight = weigh(workspace, file)?;
        rows.push(row(&file.path, weight));
        weights.push(weight);
    }
    let total = weights.iter().fold(Weight::default(), |sum, one| Weight {
        raw: sum.raw + one.raw,
        gz: sum.gz + one.gz,
        br: sum.br + one.br,
    });
    rows.push(row("total", total));
    println!("\n{}", layout(["file", "bytes", "gzip", "brotli"], &rows));
    println!(
        "{}",
        json!({
            "total_br_bytes": total.br,
            "total_gz_bytes": total.gz,
            "total_bytes": total.raw,
            "html_br_bytes": weights[0].br,
            "css_br_bytes": weights[2].br,
            "js_br_bytes": weights[1].br + weights[3].br,
            "wasm_br_bytes": weights[4].br,
            "wasm_bytes": weights[4].raw,
            "fonts_bytes": weights[5..8].iter().map(|font| font.raw).sum::<u64>(),
            "budget_br_bytes": BUDGET_BR_BYTES,
            "held_at_br_bytes": HELD_AT_BR_BYTES,
        })
    );
    judge(total.br)
}

fn judge(total_br: u64) -> Result<()> {
    if total_br > HELD_AT_BR_BYTES {
        bail!(
            "{} bytes of brotli are fetched before live data shows, {} more than it is held at",
            grouped(total_br),
            grouped(total_br - HELD_AT_BR_BYTES)
        );
    }
    if total_br > BUDGET_BR_BYTES {
        // On standard error, because the last line of the output is the figures.
        eprintln!(
            "   over the budget by {} bytes; docs/performance.md says why and what is next",
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
