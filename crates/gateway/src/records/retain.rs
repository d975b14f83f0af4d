//! Dropping what is past its time, in steps that do not hold up writing.

use rusqlite::{Connection, OptionalExtension as _, params};
use watchfloor_wire::time::UnixMs;

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

/// Removes at most [`STEP_ROWS`] of what is past its time: log lines that arrived before `logs_before`, or
/// are beyond [`MAX_LOG_LINES`], and samples from before `samples_before`.
///
/// # Errors
/// What SQLite said; nothing was removed by the statement that failed.
pub fn step(
    connection: &Connection,
    logs_before: UnixMs,
    samples_before: UnixMs,
) -> Result<Retained, rusqlite::Error> {
    let newest: i64 =
        connection.query_row("SELECT coalesce(max(id), 0) FROM log", [], |row| row.get(0))?;
    let removed = connection.execute(
        "DELETE FROM log WHERE id IN (SELECT id FROM log ORDER BY id LIMIT ?1)
         AND (arrived_at < ?2 OR id <= ?3)",
        params![STEP_ROWS, logs_before.0, newest - MAX_LOG_LINES],
    )?;
    if removed > 0 {
        return Ok(Retained::More);
    }
    let series: Option<i64> = connection
        .query_row(
            "SELECT id FROM series WHERE EXISTS
             (SELECT 1 FROM sample WHERE sample.series = series.id AND at < ?1) LIMIT 1",
            [samples_before.0],
            |row| row.get(0),
        )
        .optional()?;
    let Some(series) = series else {
        return Ok(Retained::Done);
    };
    connection.execute(
        "DELETE FROM sample WHERE series = ?1 AND at IN
         (SELECT at FROM sample WHERE series = ?1 AND at < ?2 ORDER BY at LIMIT ?3)",
        params![series, samples_before.0, STEP_ROWS],
    )?;
    Ok(Retained::More)
}
