//! Dropping what is past its time, in small steps, so that the writer is never held up for long.

use rusqlite::{Connection, params};

use super::{from_u64, from_usize, on_call, outbox, read, silences};
use crate::store::{FEED_LOG_MAX_ROWS, RetainBefore, StoreError};

/// Rows a statement.
const STEP_ROWS: usize = 5_000;
/// Statements a table and call.
const STEPS: usize = 4;

/// One call's worth of work on each table.
pub(super) fn retain(connection: &Connection, before: &RetainBefore) -> Result<(), StoreError> {
    feed_log(connection, before)?;
    repeat(|| {
        Ok(connection
            .prepare_cached(
                "DELETE FROM kept_answer WHERE (actor, key) IN
                 (SELECT actor, key FROM kept_answer WHERE at < ?1 LIMIT ?2)",
            )?
            .execute(params![before.answers.0, from_usize(STEP_ROWS)])?)
    })?;
    connection
        .prepare_cached(
            "DELETE FROM timeline WHERE incident IN
             (SELECT id FROM incident WHERE resolved_at < ?1 ORDER BY resolved_at LIMIT 50)",
        )?
        .execute(params![before.incidents.0])?;
    connection
        .prepare_cached(
            "DELETE FROM incident WHERE id IN
             (SELECT id FROM incident WHERE resolved_at < ?1 ORDER BY resolved_at LIMIT 50)",
        )?
        .execute(params![before.incidents.0])?;
    silences::retain(connection, before)?;
    on_call::retain(connection, before.incidents)?;
    outbox::retain(connection, before.notifications.0)
}

/// Only ever takes rows off the old end, so that what is left has no holes.
fn feed_log(connection: &Connection, before: &RetainBefore) -> Result<(), StoreError> {
    let over = read::head(connection)?
        .seq
        .saturating_sub(FEED_LOG_MAX_ROWS);
    repeat(|| {
        let last: Option<i64> = {
            let mut oldest =
                connection.prepare_cached("SELECT seq, at FROM feed_log ORDER BY seq LIMIT ?1")?;
            let rows = oldest.query_map(params![from_usize(STEP_ROWS)], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })?;
            rows.map_while(Result::ok)
                .take_while(|(seq, at)| *at < before.feed_log.0 || *seq <= from_u64(over))
                .map(|(seq, _)| seq)
                .last()
        };
        let Some(last) = last else { return Ok(0) };
        Ok(connection
            .prepare_cached("DELETE FROM feed_log WHERE seq <= ?1")?
            .execute(params![last])?)
    })
}

fn repeat(mut step: impl FnMut() -> Result<usize, StoreError>) -> Result<(), StoreError> {
    for _ in 0..STEPS {
        if step()? < STEP_ROWS {
            break;
        }
    }
    Ok(())
}
