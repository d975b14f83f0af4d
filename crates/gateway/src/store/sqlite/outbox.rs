//! The outbox: rows come with the changes that they tell of, and are moved only from where they were seen.

use rusqlite::{Connection, params};
use watchfloor_wire::notification::NotificationState;

use super::{from_u64, from_usize, malformed};
use crate::notify::outbox::{MAX_ROWS, Notification, OutboxChange, OutboxQuery};
use crate::store::StoreError;

/// Rows a call that are dropped.
const STEP_ROWS: usize = 5_000;

/// The state as it stands in the table.
const fn word(state: NotificationState) -> &'static str {
    match state {
        NotificationState::Waiting => "waiting",
        NotificationState::Sending => "sending",
        NotificationState::Delivered => "delivered",
        NotificationState::Withdrawn => "withdrawn",
        NotificationState::Muted => "muted",
        NotificationState::Digested => "digested",
        NotificationState::Dead => "dead",
    }
}

/// Carries the changes out.
pub(super) fn write(connection: &Connection, changes: &[OutboxChange]) -> Result<(), StoreError> {
    for change in changes {
        match change {
            OutboxChange::Add(row) => add(connection, row)?,
            OutboxChange::Move { from, row } => {
                let moved = connection
                    .prepare_cached(
                        "UPDATE outbox SET state = ?1, next_at = ?2, failed_at = ?3, settled_at = ?4,
                         digest = ?5, body = ?6 WHERE id = ?7 AND state = ?8",
                    )?
                    .execute(params![
                        word(row.state),
                        row.next_at.0,
                        row.failed_at.map(|at| at.0),
                        row.settled_at.map(|at| at.0),
                        row.digest,
                        body(row)?,
                        row.id,
                        word(*from)
                    ])?;
                if moved == 0 {
                    return Err(StoreError::Moved { id: row.id.clone() });
                }
            }
        }
    }
    Ok(())
}

fn add(connection: &Connection, row: &Notification) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (id, channel, incident, state, next_at, failed_at, settled_at, digest, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            row.id,
            row.channel,
            row.incident().map(|it| from_u64(it.0)),
            word(row.state),
            row.next_at.0,
            row.failed_at.map(|at| at.0),
            row.settled_at.map(|at| at.0),
            row.digest,
            body(row)?
        ])?;
    Ok(())
}

fn body(row: &Notification) -> Result<String, StoreError> {
    serde_json::to_string(row).map_err(|source| malformed(&row.id, source))
}

/// See [`Store::notifications`](crate::store::Store::notifications).
pub(super) fn read(
    connection: &Connection,
    query: &OutboxQuery,
) -> Result<Vec<Notification>, StoreError> {
    let all = from_usize(MAX_ROWS);
    let mut found = Vec::new();
    let mut ask = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            let body: String = row.get(0)?;
            found.push(
                serde_json::from_str(&body).map_err(|source| malformed("notification", source))?,
            );
        }
        Ok(())
    };
    match query {
        OutboxQuery::One(id) => ask("SELECT body FROM outbox WHERE id = ?1", &[id]),
        OutboxQuery::Waiting { channel } => ask(
            "SELECT body FROM outbox WHERE state = 'waiting' AND channel = ?1
             ORDER BY next_at, place LIMIT ?2",
            &[channel, &all],
        ),
        OutboxQuery::Of(incident) => ask(
            "SELECT body FROM outbox WHERE settled_at IS NULL AND incident = ?1 ORDER BY place LIMIT ?2",
            &[&from_u64(incident.0), &all],
        ),
        OutboxQuery::Members(digest) => ask(
            "SELECT body FROM outbox WHERE digest = ?1 ORDER BY place LIMIT ?2",
            &[digest, &all],
        ),
        OutboxQuery::Unsettled => ask(
            "SELECT body FROM outbox WHERE state IN ('waiting', 'sending') ORDER BY place LIMIT ?1",
            &[&all],
        ),
        OutboxQuery::Dead(since) => ask(
            "SELECT body FROM outbox WHERE state = 'dead' AND settled_at >= ?1
             ORDER BY settled_at DESC, place DESC LIMIT ?2",
            &[&since.0, &all],
        ),
        OutboxQuery::Recent => ask(
            "SELECT body FROM outbox ORDER BY place DESC LIMIT ?1",
            &[&all],
        ),
        OutboxQuery::LastDelivered(channel) => ask(
            "SELECT body FROM outbox WHERE state = 'delivered' AND channel = ?1
             ORDER BY settled_at DESC, place DESC LIMIT 1",
            &[channel],
        ),
        OutboxQuery::LastFailed(channel) => ask(
            "SELECT body FROM outbox WHERE failed_at IS NOT NULL AND channel = ?1
             ORDER BY failed_at DESC, place DESC LIMIT 1",
            &[channel],
        ),
    }?;
    Ok(found)
}

/// Drops what came to its end before then.
pub(super) fn retain(connection: &Connection, before: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM outbox WHERE place IN
             (SELECT place FROM outbox WHERE settled_at < ?1 LIMIT ?2)",
        )?
        .execute(params![before, from_usize(STEP_ROWS)])?;
    Ok(())
}
