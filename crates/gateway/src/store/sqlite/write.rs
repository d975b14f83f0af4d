//! The parts of one commit.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::value::RawValue;
use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::Op;
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::time::UnixMs;

use super::{from_u64, malformed, silences};
use crate::change::{AuditRow, Change, KeptAnswer, NewTimelineEntry};
use crate::machine_clock::MachineClock;
use crate::store::{StoreError, audit};

/// Numbers the changes from `from + 1` on, writes each to the entities and to the feed log, and moves the head.
pub(super) fn changes(
    connection: &Connection,
    from: u64,
    at: UnixMs,
    changes: &[Change],
) -> Result<Vec<Op>, StoreError> {
    let mut ops = Vec::with_capacity(changes.len());
    for (seq, change) in (from + 1..).zip(changes) {
        let key = change.key();
        let body = match change {
            Change::Upsert(entity) => Some(upsert(connection, seq, &key, entity)?),
            Change::Delete(key) => {
                connection
                    .prepare_cached("DELETE FROM entity WHERE key = ?1")?
                    .execute(params![key.as_str()])?;
                None
            }
        };
        connection
            .prepare_cached("INSERT INTO feed_log (seq, at, key, body) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                from_u64(seq),
                at.0,
                key.as_str(),
                body.as_deref().map(RawValue::get)
            ])?;
        ops.push(Op {
            k: key,
            v: seq,
            p: body,
        });
    }
    if let Some(last) = ops.last() {
        connection
            .prepare_cached("UPDATE head SET seq = ?1 WHERE id = 1")?
            .execute(params![from_u64(last.v)])?;
    }
    Ok(ops)
}

fn upsert(
    connection: &Connection,
    seq: u64,
    key: &Key,
    entity: &Entity,
) -> Result<Box<RawValue>, StoreError> {
    let body = entity
        .to_json()
        .map_err(|source| malformed(key.as_str(), source))?;
    connection
        .prepare_cached(
            "INSERT INTO entity (key, version, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body",
        )?
        .execute(params![key.as_str(), from_u64(seq), body.get()])?;
    match entity {
        Entity::Incident(incident) => upsert_incident(connection, incident, &body)?,
        Entity::Silence(silence) => silences::upsert(connection, silence, &body)?,
        Entity::Alert(alert) => silences::note_fired(connection, alert)?,
        _ => {}
    }
    Ok(body)
}

fn upsert_incident(
    connection: &Connection,
    incident: &Incident,
    body: &RawValue,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO incident (id, open, resolved_at, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE
             SET open = excluded.open, resolved_at = excluded.resolved_at, body = excluded.body",
        )?
        .execute(params![
            from_u64(incident.id.0),
            incident.status != IncidentStatus::Resolved,
            incident.resolution.as_ref().map(|it| it.at.0),
            body.get()
        ])?;
    Ok(())
}

/// Adds to timelines.
pub(super) fn timeline(
    connection: &Connection,
    entries: &[NewTimelineEntry],
) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO timeline (incident, at, kind, actor_name, text, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for entry in entries {
        let kind = serde_json::to_string(&entry.kind)
            .map_err(|source| malformed("timeline entry", source))?;
        insert.execute(params![
            from_u64(entry.incident.0),
            entry.at.0,
            kind,
            entry.actor_name,
            entry.text,
            entry.note
        ])?;
    }
    Ok(())
}

/// Adds to the audit, each row chained to the one before.
pub(super) fn audit_rows(connection: &Connection, rows: &[AuditRow]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut previous: String = connection
        .prepare_cached("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?
        .unwrap_or_else(|| audit::GENESIS.to_owned());
    let mut insert = connection.prepare_cached(
        "INSERT INTO audit (at, actor, action, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for row in rows {
        previous = audit::chain(&previous, row);
        insert.execute(params![
            row.at.0,
            row.actor,
            row.action,
            row.subject,
            row.detail,
            previous
        ])?;
    }
    Ok(())
}

/// Keeps answers. A second one under the same key is a mistake of the caller and refused by the primary key.
pub(super) fn answers(connection: &Connection, answers: &[KeptAnswer]) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO kept_answer (actor, key, fingerprint, at, status, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for answer in answers {
        insert.execute(params![
            answer.actor,
            answer.key,
            answer.fingerprint,
            answer.at.0,
            answer.status,
            answer.body
        ])?;
    }
    Ok(())
}

/// Notes where the wall clock stands, in place of what was noted before.
pub(super) fn machine_clock(
    connection: &Connection,
    clock: &MachineClock,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO machine_clock (id, boot, ahead_ms) VALUES (1, ?1, ?2)",
        )?
        .execute(params![clock.boot, clock.ahead_ms])?;
    Ok(())
}
