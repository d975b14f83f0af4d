//! Questions about the audit.

use rusqlite::{Connection, OptionalExtension, Row, params};
use watchfloor_wire::time::UnixMs;

use super::from_usize;
use crate::change::AuditRow;
use crate::store::StoreError;
use crate::store::audit::{self, AuditPlace, AuditStretch, ChainedRow};

/// See [`Reader::audit_rows`](crate::store::Reader::audit_rows).
pub(super) fn rows(
    connection: &Connection,
    place: AuditPlace,
    limit: usize,
) -> Result<AuditStretch, StoreError> {
    // Asked first: a row that comes meanwhile is then among the rows rather than missing.
    let given = last_given(connection)?;
    let (sql, bound) = match place {
        AuditPlace::Before(before) => (
            "SELECT id, at, actor, action, subject, detail, hash FROM audit
             WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            before,
        ),
        AuditPlace::After(after) => (
            "SELECT id, at, actor, action, subject, detail, hash FROM audit
             WHERE id > ?1 ORDER BY id LIMIT ?2",
            after,
        ),
    };
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![bound, from_usize(limit)], chained)?;
    let rows = rows.collect::<Result<_, _>>()?;
    Ok(AuditStretch { given, rows })
}

/// See [`Reader::audit_break`](crate::store::Reader::audit_break).
pub(super) fn first_break(connection: &Connection) -> Result<Option<u64>, StoreError> {
    let mut statement = connection
        .prepare("SELECT id, at, actor, action, subject, detail, hash FROM audit ORDER BY id")?;
    let rows = statement.query_map([], chained)?;
    let mut failure = None;
    let rows = rows.map_while(|row| row.map_err(|error| failure = Some(error)).ok());
    let broken = audit::first_break(rows.map(|row| (row.it, row.hash)));
    match failure {
        Some(error) => Err(error.into()),
        None => Ok(broken),
    }
}

/// The last number that the database gave to a row of the audit.
pub(in crate::store) fn last_given(connection: &Connection) -> Result<i64, StoreError> {
    let given = connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(given.unwrap_or(0))
}

/// A row of `id, at, actor, action, subject, detail, hash`.
pub(in crate::store) fn chained(row: &Row<'_>) -> rusqlite::Result<ChainedRow> {
    Ok(ChainedRow {
        row: row.get(0)?,
        it: AuditRow {
            at: UnixMs(row.get(1)?),
            actor: row.get(2)?,
            action: row.get(3)?,
            subject: row.get(4)?,
            detail: row.get(5)?,
        },
        hash: row.get(6)?,
    })
}
