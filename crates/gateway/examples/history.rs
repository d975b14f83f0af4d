//! How long questions for long history take: a database with 30 days of minutes and hours of many series, and questions for
//! all of it at 1,000 points, one series each. `cargo xtask bench history` builds and runs it optimised.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use clap::Parser;
use rusqlite::{Connection, params};
use serde_json::json;
use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::config::gateway::Retention;
use watchfloor_gateway::records;
use watchfloor_gateway::records::bucket::Tier;
use watchfloor_wire::id::SeriesId;
use watchfloor_wire::time::{DAY_MS, UnixMs};

const NOW: UnixMs = UnixMs(1_763_683_200_000);
/// Samples that a minute stands for: one each ten seconds.
const SAMPLES_A_MINUTE: i64 = 6;
const POINTS: usize = 1_000;
const QUESTIONS: usize = 2_000;
/// Of all series, every so many-th is asked next: neighbours would lie in the same pages of the file.
const STRIDE: usize = 389;

#[derive(Parser)]
#[command(about = "Questions for long history.")]
struct Arguments {
    /// How many series.
    #[arg(long, default_value_t = 1_000)]
    series: usize,
    /// How many days.
    #[arg(long, default_value_t = 30)]
    days: i64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let clock = Clock::manual(NOW);
    // Makes the tables.
    drop(records::open(
        folder.path(),
        &Retention::default(),
        clock.clone(),
    )?);
    let began = Instant::now();
    fill(folder.path(), &arguments)?;
    let filled_s = began.elapsed().as_secs();
    let bytes = std::fs::metadata(folder.path().join("samples.db"))?.len();
    let (_recorder, read) = records::open(folder.path(), &Retention::default(), clock)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let from = NOW.plus_ms(-arguments.days * DAY_MS);
    let mut times_us = Vec::new();
    let mut points = 0;
    for number in 0..QUESTIONS {
        let ids = vec![name(number * STRIDE % arguments.series)];
        let began = Instant::now();
        let answer = runtime.block_on(read.series(ids, from, NOW, POINTS))?;
        times_us.push(began.elapsed().as_micros());
        points = answer.first().map_or(0, |it| it.at.len());
    }
    times_us.sort_unstable();
    let minutes = arguments.days * DAY_MS / Tier::Minute.step_ms();
    let samples = minutes * SAMPLES_A_MINUTE * i64::try_from(arguments.series)?;
    let figures = json!({
        "series": arguments.series,
        "days": arguments.days,
        "filled_s": filled_s,
        "points": points,
        "questions": QUESTIONS,
        "p50_us": times_us[QUESTIONS / 2],
        "p99_us": times_us[QUESTIONS * 99 / 100],
        "max_us": times_us[QUESTIONS - 1],
        "file_bytes": bytes,
        "samples_summed_up": samples,
    });
    println!("{figures}");
    Ok(())
}

fn name(number: usize) -> SeriesId {
    format!("bench.api-{number}.p95_ms").as_str().into()
}

/// A day of all series in one transaction each, as the writer fills the file: day by day and not series by series.
fn fill(folder: &Path, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut connection = Connection::open(folder.join("samples.db"))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    for number in 0..arguments.series {
        let id = i64::try_from(number)? + 1;
        let name = name(number);
        connection.execute(
            "INSERT INTO series (id, name) VALUES (?1, ?2)",
            params![id, name.as_str()],
        )?;
    }
    for day in (1..=arguments.days).rev() {
        let transaction = connection.transaction()?;
        for tier in Tier::ALL {
            let from_ms = NOW.0 - day * DAY_MS;
            fill_day(&transaction, tier, from_ms, arguments.series)?;
        }
        transaction.commit()?;
    }
    for tier in Tier::ALL {
        connection.execute(
            "INSERT OR REPLACE INTO rolled_up (tier, up_to) VALUES (?1, ?2)",
            params![tier.number(), NOW.0],
        )?;
    }
    connection
        .pragma_update(None, "wal_checkpoint", "TRUNCATE")
        .ok();
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "values are small")]
fn fill_day(
    connection: &Connection,
    tier: Tier,
    from_ms: i64,
    series: usize,
) -> Result<(), Box<dyn Error>> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO bucket (tier, series, start, low, low_after, high, high_after, sum, count)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let count = SAMPLES_A_MINUTE * tier.step_ms() / Tier::Minute.step_ms();
    for id in 1..=i64::try_from(series)? {
        for step in 0..DAY_MS / tier.step_ms() {
            let start_ms = from_ms + step * tier.step_ms();
            // Values that do not repeat, as measured ones do not.
            let level = 100.0 + ((start_ms / 7_919 + id * 31) % 977) as f64 / 9.77;
            insert.execute(params![
                tier.number(),
                id,
                start_ms,
                level * 0.9,
                tier.step_ms() / 6,
                level * 1.3,
                tier.step_ms() / 2,
                level * count as f64,
                count,
            ])?;
        }
    }
    Ok(())
}
