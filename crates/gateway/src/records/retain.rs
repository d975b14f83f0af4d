//! Dropping what is past its time, in steps that do not hold up writing.

use rusqlite::{Connection, OptionalExtension as _, params};
use watchfloor_wire::time::UnixMs;

use super::bucket::Tier;
use super::roll_up;

/// Rows that one step removes at most.
pub const STEP_ROWS: i64 = 2_000;
/// Log lines kept at most, whatever their age.
pub const MAX_LOG_LINES: i64 = 2_000_000;

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retained {
    /// There may be more to remove.
    More,
    /// Nothing is past its time.
    Done,
}

/// From when on things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Log lines that arrived then or later.
    pub logs: UnixMs,
    /// Samples from then on.
    pub samples: UnixMs,
    /// Minutes that begin then or later.
    pub minutes: UnixMs,
    /// Hours that begin then or later.
    pub hours: UnixMs,
}

/// Removes at most [`STEP_ROWS`] of what is past its time, or of the log lines beyond [`MAX_LOG_LINES`]. What is not
/// summed up yet stays, however old it is.
///
/// # Errors
/// What SQLite said; nothing was removed by the statement that failed.
pub fn step(connection: &Connection, kept: &Kept) -> Result<Retained, rusqlite::Error> {
    let minutes_ms = kept.minutes.0.min(summed_up_to(connection, Tier::Hour)?);
    let samples_ms = kept.samples.0.min(summed_up_to(connection, Tier::Minute)?);
    let is_over = remove_lines(connection, kept.logs)?
        || remove_samples(connection, samples_ms)?
        || remove_buckets(connection, Tier::Minute, minutes_ms)?
        || remove_buckets(connection, Tier::Hour, kept.hours.0)?;
    Ok(if is_over {
        Retained::More
    } else {
        Retained::Done
    })
}

fn summed_up_to(connection: &Connection, tier: Tier) -> Result<i64, rusqlite::Error> {
    Ok(roll_up::rolled_up_to(connection, tier)?.unwrap_or(i64::MIN))
}

fn remove_lines(connection: &Connection, before: UnixMs) -> Result<bool, rusqlite::Error> {
    let newest: i64 =
        connection.query_row("SELECT coalesce(max(id), 0) FROM log", [], |row| row.get(0))?;
    let removed = connection.execute(
        "DELETE FROM log WHERE id IN (SELECT id FROM log ORDER BY id LIMIT ?1)
         AND (arrived_at < ?2 OR id <= ?3)",
        params![STEP_ROWS, before.0, newest - MAX_LOG_LINES],
    )?;
    Ok(removed > 0)
}

fn remove_samples(connection: &Connection, before_ms: i64) -> Result<bool, rusqlite::Error> {
    let series: Option<i64> = connection
        .query_row(
            "SELECT id FROM series WHERE EXISTS
             (SELECT 1 FROM sample WHERE sample.series = series.id AND at < ?1) LIMIT 1",
            [before_ms],
            |row| row.get(0),
        )
        .optional()?;
    let Some(series) = series else {
        return Ok(false);
    };
    let removed = connection.execute(
        "DELETE FROM sample WHERE series = ?1 AND at IN
         (SELECT at FROM sample WHERE series = ?1 AND at < ?2 ORDER BY at LIMIT ?3)",
        params![series, before_ms, STEP_ROWS],
    )?;
    Ok(removed > 0)
}

fn remove_buckets(
    connection: &Connection,
    tier: Tier,
    before_ms: i64,
) -> Result<bool, rusqlite::Error> {
    let series: Option<i64> = connection
        .query_row(
            "SELECT id FROM series WHERE EXISTS
             (SELECT 1 FROM bucket WHERE tier = ?1 AND bucket.series = series.id AND start < ?2) LIMIT 1",
            [tier.number(), before_ms],
            |row| row.get(0),
        )
        .optional()?;
    let Some(series) = series else {
        return Ok(false);
    };
    let removed = connection.execute(
        "DELETE FROM bucket WHERE tier = ?1 AND series = ?2 AND start IN
         (SELECT start FROM bucket WHERE tier = ?1 AND series = ?2 AND start < ?3 ORDER BY start LIMIT ?4)",
        params![tier.number(), series, before_ms, STEP_ROWS],
    )?;
    Ok(removed > 0)
}
