//! Questions to the database, used by the writer and by readers.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::value::RawValue;
use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::Op;
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::{Incident, IncidentPage, TimelineEntry};
use watchfloor_wire::time::UnixMs;

use super::{from_u64, from_usize, malformed, to_u64};
use crate::change::KeptAnswer;
use crate::machine_clock::MachineClock;
use crate::store::{Head, StoreError, page};

/// Where the feed stands.
pub(super) fn head(connection: &Connection) -> Result<Head, StoreError> {
    Ok(connection
        .prepare_cached("SELECT epoch, seq FROM head WHERE id = 1")?
        .query_row([], |row| {
            Ok(Head {
                epoch: row.get(0)?,
                seq: to_u64(row.get(1)?),
            })
        })?)
}

pub(super) fn machine_clock(connection: &Connection) -> Result<Option<MachineClock>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT boot, ahead_ms FROM machine_clock WHERE id = 1")?
        .query_row([], |row| {
            Ok(MachineClock {
                boot: row.get(0)?,
                ahead_ms: row.get(1)?,
            })
        })
        .optional()?)
}

/// All entities of kinds that this build knows; others were written by a newer one and stay untouched.
pub(super) fn entities(connection: &Connection) -> Result<Vec<(Key, u64, Entity)>, StoreError> {
    let mut statement =
        connection.prepare("SELECT key, version, body FROM entity ORDER BY rowid")?;
    let mut rows = statement.query([])?;
    let mut entities = Vec::new();
    while let Some(row) = rows.next()? {
        let key = Key::from_wire(row.get(0)?);
        let Some(kind) = key.kind() else { continue };
        let body: String = row.get(2)?;
        let entity =
            Entity::from_json(kind, &body).map_err(|source| malformed(key.as_str(), source))?;
        entities.push((key, to_u64(row.get(1)?), entity));
    }
    Ok(entities)
}

/// See [`Store::feed_log_after`](crate::store::Store::feed_log_after).
pub(super) fn feed_log_after(
    connection: &Connection,
    seq: u64,
    limit: usize,
) -> Result<Option<Vec<Op>>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, key, body FROM feed_log WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let mut rows = statement.query(params![from_u64(seq), from_usize(limit)])?;
    let mut ops = Vec::new();
    while let Some(row) = rows.next()? {
        ops.push(op(row)?);
    }
    drop(rows);
    let complete = match ops.first() {
        Some(first) => first.v == seq + 1,
        None => limit == 0 || head(connection)?.seq <= seq,
    };
    Ok(complete.then_some(ops))
}

fn op(row: &Row<'_>) -> Result<Op, StoreError> {
    let key: String = row.get(1)?;
    let body: Option<String> = row.get(2)?;
    let p = body
        .map(RawValue::from_string)
        .transpose()
        .map_err(|source| malformed(&key, source))?;
    Ok(Op {
        k: Key::from_wire(key),
        v: to_u64(row.get(0)?),
        p,
    })
}

/// The answer kept for an actor's key.
pub(super) fn kept_answer(
    connection: &Connection,
    actor: &str,
    key: &str,
) -> Result<Option<KeptAnswer>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT fingerprint, at, status, body FROM kept_answer WHERE actor = ?1 AND key = ?2",
        )?
        .query_row(params![actor, key], |row| {
            Ok(KeptAnswer {
                actor: actor.to_owned(),
                key: key.to_owned(),
                fingerprint: row.get(0)?,
                at: UnixMs(row.get(1)?),
                status: row.get(2)?,
                body: row.get(3)?,
            })
        })
        .optional()?)
}

/// An incident's timeline, newest first.
pub(super) fn timeline(
    connection: &Connection,
    incident: IncidentId,
    limit: usize,
) -> Result<Vec<TimelineEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, at, kind, actor_name, text, note FROM timeline WHERE incident = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![from_u64(incident.0), from_usize(limit)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let kind: String = row.get(2)?;
        entries.push(TimelineEntry {
            id: to_u64(row.get(0)?),
            at: UnixMs(row.get(1)?),
            kind: serde_json::from_str(&kind)
                .map_err(|source| malformed("timeline entry", source))?,
            actor_name: row.get(3)?,
            text: row.get(4)?,
            note: row.get(5)?,
        });
    }
    Ok(entries)
}

/// The highest number that an incident ever had. The audit is asked too, because retention takes incidents out and
/// a number must never come back.
pub(super) fn last_incident(connection: &Connection) -> Result<u64, StoreError> {
    let last: Option<i64> =
        connection.query_row("SELECT max(id) FROM incident", [], |row| row.get(0))?;
    let audited: Option<i64> = connection.query_row(
        "SELECT max(CAST(substr(subject, 10) AS INTEGER)) FROM audit
         WHERE subject LIKE 'incident/%' AND action = 'incident.open'",
        [],
        |row| row.get(0),
    )?;
    Ok(to_u64(last.max(audited).unwrap_or(0)))
}

/// An incident by its number.
pub(super) fn incident(
    connection: &Connection,
    id: IncidentId,
) -> Result<Option<Incident>, StoreError> {
    let body: Option<String> = connection
        .prepare_cached("SELECT body FROM incident WHERE id = ?1")?
        .query_row(params![from_u64(id.0)], |row| row.get(0))
        .optional()?;
    body.map(|body| {
        serde_json::from_str(&body)
            .map_err(|source| malformed(&format!("incident/{}", id.0), source))
    })
    .transpose()
}

/// See [`Reader::incidents`](crate::store::Reader::incidents).
pub(super) fn incidents(
    connection: &Connection,
    before: Option<u64>,
    limit: usize,
    open_only: bool,
) -> Result<IncidentPage, StoreError> {
    let sql = if open_only {
        "SELECT id, body FROM incident WHERE id < ?1 AND open = 1 ORDER BY id DESC LIMIT ?2"
    } else {
        "SELECT id, body FROM incident WHERE id < ?1 ORDER BY id DESC LIMIT ?2"
    };
    let mut statement = connection.prepare_cached(sql)?;
    let before = before.map_or(i64::MAX, from_u64);
    // One more than asked for tells whether there is a next page.
    let mut rows = statement.query(params![before, from_usize(limit.saturating_add(1))])?;
    let mut incidents: Vec<Incident> = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(1)?;
        incidents
            .push(serde_json::from_str(&body).map_err(|source| malformed("incident", source))?);
    }
    Ok(page(incidents, limit))
}
