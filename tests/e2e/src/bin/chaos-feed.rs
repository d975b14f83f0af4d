//! Every fault of the network between real pages and the real gateway, side by side; started by `cargo xtask chaos feed`.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use clap::Parser;
use serde_json::{Value, json};
use watchfloor_e2e::chaos::campaign::{Campaign, Outcome};
use watchfloor_e2e::chaos::faults::ALL;
use watchfloor_e2e::{Build, World};

const KILLED_FOR: Duration = Duration::from_secs(30);

/// Runs faults and prints a table and, as the last line, the same figures as JSON.
#[derive(Parser)]
struct Arguments {
    /// Run only cases whose names hold these words.
    #[arg(long)]
    only: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let cases: Vec<_> = ALL
        .into_iter()
        .filter(|case| {
            arguments
                .only
                .as_ref()
                .is_none_or(|it| case.name.contains(it))
        })
        .collect();
    ensure!(!cases.is_empty(), "no case has these words in its name");
    let world = World::start(Build::Debug).await?;
    let mut campaign = Campaign::start(world, &cases).await?;
    let mut outcomes = campaign.run().await?;
    if arguments.only.is_none() {
        outcomes.push(campaign.lose_program().await?);
        outcomes.push(campaign.kill_gateway(KILLED_FOR).await?);
    }
    print(&outcomes);
    campaign.close().await?;
    let broken: Vec<String> = outcomes
        .iter()
        .filter_map(|it| Some(format!("{}: {:#}", it.name, it.result.as_ref().err()?)))
        .collect();
    if !broken.is_empty() {
        bail!("{}", broken.join("\n"));
    }
    Ok(())
}

fn print(outcomes: &[Outcome]) {
    println!(
        "\n{:<28}{:>18}{:>18}{:>16}",
        "fault", "stale shown after", "live again after", "keys compared"
    );
    for outcome in outcomes {
        let Ok(figures) = &outcome.result else {
            println!("{:<28}{:>18}", outcome.name, "BROKEN");
            continue;
        };
        let stale = figures.judgement.stale_after_s;
        let stale = stale.map_or_else(|| "never silent".to_owned(), |s| format!("{s:.1} s"));
        let live = format!("{:.1} s", figures.judgement.live_after_s);
        println!(
            "{:<28}{stale:>18}{live:>18}{:>16}",
            outcome.name, figures.keys
        );
    }
    let rows: Vec<Value> = outcomes.iter().map(row).collect();
    println!("\n{}", json!({ "faults": rows }));
}

fn row(outcome: &Outcome) -> Value {
    let tenths = |s: f64| (s * 10.0).round() / 10.0;
    match &outcome.result {
        Ok(figures) => json!({
            "fault": outcome.name,
            "stale_after_s": figures.judgement.stale_after_s.map(tenths),
            "live_after_s": tenths(figures.judgement.live_after_s),
            "keys": figures.keys,
        }),
        Err(why) => json!({ "fault": outcome.name, "broken": format!("{why:#}") }),
    }
}
