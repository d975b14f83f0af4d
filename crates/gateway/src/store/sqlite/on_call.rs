//! Overrides, and what was read of calendars.

use rusqlite::{Connection, Params, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use watchfloor_wire::time::UnixMs;

use super::{from_u64, malformed, to_u64};
use crate::on_call::{OnCallChange, StoredOnCall};
use crate::store::StoreError;

/// Rows that one call of [`retain`] drops at most.
const STEP_ROWS: i64 = 5_000;

/// Writes what a transaction says about who is on call.
pub(super) fn write(connection: &Connection, changes: &[OnCallChange]) -> Result<(), StoreError> {
    for change in changes {
        match change {
            OnCallChange::Override(it) => connection
                .prepare_cached(
                    "INSERT INTO override (id, over_at, body) VALUES (?1, ?2, ?3)
                     ON CONFLICT (id) DO UPDATE SET over_at = excluded.over_at, body = excluded.body",
                )?
                .execute(params![from_u64(it.id.0), it.over_at().0, body("override", it)?])?,
            OnCallChange::Calendar(it) => connection
                .prepare_cached(
                    "INSERT INTO calendar (rotation, body) VALUES (?1, ?2)
                     ON CONFLICT (rotation) DO UPDATE SET body = excluded.body",
                )?
                .execute(params![it.rotation, body("calendar", it)?])?,
            OnCallChange::ForgetCalendar(rotation) => connection
                .prepare_cached("DELETE FROM calendar WHERE rotation = ?1")?
                .execute(params![rotation])?,
        };
    }
    Ok(())
}

/// See [`Store::on_call`](crate::store::Store::on_call).
pub(super) fn read(connection: &Connection, since: UnixMs) -> Result<StoredOnCall, StoreError> {
    let overrides = "SELECT body FROM override WHERE over_at > ?1 ORDER BY id";
    let calendars = "SELECT body FROM calendar ORDER BY rotation";
    Ok(StoredOnCall {
        overrides: bodies(connection, "override", overrides, params![since.0])?,
        calendars: bodies(connection, "calendar", calendars, params![])?,
        last_override: last(connection)?,
    })
}

/// The highest number that an override ever had: the newest one is never dropped.
fn last(connection: &Connection) -> Result<u64, StoreError> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT max(id) FROM override")?
        .query_row([], |row| row.get(0))?;
    Ok(to_u64(last.unwrap_or(0)))
}

fn bodies<T: DeserializeOwned>(
    connection: &Connection,
    what: &str,
    question: &str,
    parameters: impl Params,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(question)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(0)?;
        found.push(serde_json::from_str(&body).map_err(|source| malformed(what, source))?);
    }
    Ok(found)
}

fn body(what: &str, it: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(it).map_err(|source| malformed(what, source))
}

/// Drops overrides that were over before, a bounded number of rows; the newest one stays, and with it the number that
/// the next one counts from.
pub(super) fn retain(connection: &Connection, before: UnixMs) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM override WHERE id IN
             (SELECT id FROM override WHERE over_at < ?1 AND id < (SELECT max(id) FROM override)
              ORDER BY over_at LIMIT ?2)",
        )?
        .execute(params![before.0, STEP_ROWS])?;
    Ok(())
}
