//! `bench history`: how long questions for long history take.

use anyhow::Result;
use serde_json::json;

use super::example::figures;
use crate::table::layout;
use crate::workspace::Workspace;

/// The series that are stored, and for how many days.
const SERIES: u64 = 1_000;
const DAYS: u64 = 30;
/// A question takes at most this at the 99th percentile, in milliseconds.
const AIM_MS: f64 = 15.0;

/// Fills a database with 30 days of 1,000 series and asks for them, optimised.
///
/// # Errors
/// When it cannot be built, or says nothing that can be read.
pub fn bench(workspace: &Workspace) -> Result<()> {
    let options = [("series", SERIES.to_string()), ("days", DAYS.to_string())];
    let figures = figures(workspace, "history", &options)?;
    let number = |key: &str| figures[key].as_f64().unwrap_or(f64::NAN);
    let ms = |key: &str| number(key) / 1e3;
    let bytes_a_sample = number("file_bytes") / number("samples_summed_up");
    let text = |key: &str| figures[key].to_string();
    let rows = [
        ["series; days".to_owned(), format!("{SERIES}; {DAYS}")],
        ["points of an answer".to_owned(), text("points")],
        ["questions".to_owned(), text("questions")],
        ["median, ms".to_owned(), format!("{:.2}", ms("p50_us"))],
        [
            format!("99th percentile, ms (aim {AIM_MS:.0})"),
            format!("{:.2}", ms("p99_us")),
        ],
        ["longest, ms".to_owned(), format!("{:.2}", ms("max_us"))],
        ["file, bytes".to_owned(), text("file_bytes")],
        [
            "bytes of minutes and hours for each sample summed up".to_owned(),
            format!("{bytes_a_sample:.2}"),
        ],
    ];
    println!("\n{}", layout(["history", "value"], &rows));
    let line = json!({
        "series": SERIES,
        "days": DAYS,
        "points": figures["points"],
        "p50_ms": ms("p50_us"),
        "p99_ms": ms("p99_us"),
        "max_ms": ms("max_us"),
        "file_bytes": figures["file_bytes"],
        "bytes_a_sample": bytes_a_sample,
        "aim_ms": AIM_MS,
    });
    println!("{line}");
    Ok(())
}
