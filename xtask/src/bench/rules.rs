//! `bench rules`: what the evaluation of many rules takes.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::example::figures;
use crate::table::layout;
use crate::workspace::Workspace;

/// Every rule is looked at this often, in milliseconds.
const ROUND_MS: f64 = 10_000.0;
/// How much of one core it may take.
const AIM_PCT: f64 = 10.0;

/// Evaluates `rules` over `series` for `seconds` of simulated time, optimised, and says how much of one core that takes.
///
/// # Errors
/// When it cannot be built, or says nothing that can be read.
pub fn bench(workspace: &Workspace, rules: usize, series: usize, seconds: u64) -> Result<()> {
    let options = [
        ("rules", rules.to_string()),
        ("series", series.to_string()),
        ("seconds", seconds.to_string()),
    ];
    let figures = figures(workspace, "rules", &options)?;
    let rounds: Vec<f64> = serde_json::from_value(figures["rounds_ms"].clone())?;
    let spread = Spread::of(rounds).context("no round was measured")?;
    let pct = |ms: f64| 100.0 * ms / ROUND_MS;
    let count = |key: &str| figures[key].to_string();
    let rows = [
        ["rules".to_owned(), count("rules")],
        [
            "series, each observed every 10 s".to_owned(),
            count("series"),
        ],
        ["alerts that fire at the end".to_owned(), count("firing")],
        ["alerts that began or ended".to_owned(), count("news")],
        ["rounds of 10 s".to_owned(), spread.count.to_string()],
        [
            "processor for a round, median (least to most), ms".to_owned(),
            format!(
                "{:.1} ({:.1} to {:.1})",
                spread.median, spread.least, spread.most
            ),
        ],
        [
            format!("share of one core, median, % (aim {AIM_PCT:.0})"),
            format!("{:.2}", pct(spread.median)),
        ],
    ];
    println!("\n{}", layout(["rules", "value"], &rows));
    let line = json!({
        "rules": figures["rules"],
        "series": figures["series"],
        "firing": figures["firing"],
        "news": figures["news"],
        "rounds": spread.count,
        "round_ms": { "median": spread.median, "least": spread.least, "most": spread.most },
        "core_pct": pct(spread.median),
        "aim_pct": AIM_PCT,
    });
    println!("{line}");
    Ok(())
}

/// Several measurements of the same.
#[derive(Debug, PartialEq)]
struct Spread {
    count: usize,
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    /// `None` of nothing.
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let upper = *values.get(middle)?;
        let median = if values.len().is_multiple_of(2) {
            (values[middle - 1] + upper) / 2.0
        } else {
            upper
        };
        Some(Self {
            count: values.len(),
            least: *values.first()?,
            median,
            most: *values.last()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn the_median_is_in_the_middle() {
        let of =
            |values: &[f64]| Spread::of(values.to_vec()).map(|it| (it.least, it.median, it.most));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some((1.0, 2.0, 3.0)));
        assert_eq!(of(&[4.0, 1.0, 2.0, 9.0]), Some((1.0, 3.0, 9.0)));
    }
}
