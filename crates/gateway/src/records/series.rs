//! Reading samples.

use rusqlite::{Connection, OptionalExtension as _};
use watchfloor_wire::id::SeriesId;
use watchfloor_wire::series::SeriesColumns;
use watchfloor_wire::time::UnixMs;

use super::error::RecordsError;
use super::thin::{self, Point};

/// The series among `ids` that are known, each with its samples in `[from, to]`, thinned to at most `points`.
///
/// # Errors
/// [`RecordsError`] when the database cannot be read.
pub fn columns(
    connection: &Connection,
    ids: &[SeriesId],
    from: UnixMs,
    to: UnixMs,
    points: usize,
) -> Result<Vec<SeriesColumns>, RecordsError> {
    let mut known = Vec::new();
    for id in ids {
        let number: Option<i64> = connection
            .prepare_cached("SELECT id FROM series WHERE name = ?1")?
            .query_row([id.as_str()], |row| row.get(0))
            .optional()?;
        if let Some(number) = number {
            let stored = read(connection, number, from, to)?;
            known.push(one(id.clone(), &stored, points));
        }
    }
    Ok(known)
}

fn read(
    connection: &Connection,
    number: i64,
    from: UnixMs,
    to: UnixMs,
) -> Result<Vec<Point>, RecordsError> {
    let mut statement = connection.prepare_cached(
        "SELECT at, value FROM sample WHERE series = ?1 AND at >= ?2 AND at <= ?3 ORDER BY at",
    )?;
    let rows = statement.query_map([number, from.0, to.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn one(series: SeriesId, stored: &[Point], points: usize) -> SeriesColumns {
    let thinned = thin::thin(stored, points);
    let (kept, step_ms) = match &thinned {
        Some((kept, step_ms)) => (kept.as_slice(), *step_ms),
        None => (stored, thin::step_ms(stored)),
    };
    SeriesColumns {
        series,
        step_ms,
        at: kept.iter().map(|point| point.0).collect(),
        value: kept.iter().map(|point| point.1).collect(),
        thinned: thinned.is_some(),
    }
}
