//! Silences, and what fired.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::value::RawValue;
use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::silence::request::SilencePage;
use watchfloor_wire::silence::{Silence, SilenceId};
use watchfloor_wire::time::UnixMs;

use super::{from_u64, from_usize, malformed, to_u64};
use crate::store::{
    FIRED_MAX_ROWS, FIRED_READ_ROWS, FiredAlert, FiredHistory, RetainBefore, StoreError,
    fired_history, silence_page,
};

/// Rows that one call of [`retain`] drops at most.
const STEP_ROWS: i64 = 5_000;

/// Keeps a silence for when it has left the feed.
pub(super) fn upsert(
    connection: &Connection,
    silence: &Silence,
    body: &RawValue,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO silence (id, ended_at, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, body = excluded.body",
        )?
        .execute(params![
            from_u64(silence.id.0),
            silence.ended_at.map(|it| it.0),
            body.get()
        ])?;
    Ok(())
}

/// Notes that an alert fired. Later changes of the same alert add nothing but its incident.
pub(super) fn note_fired(connection: &Connection, alert: &Alert) -> Result<(), StoreError> {
    let (AlertState::Firing, Some(at)) = (alert.state, alert.firing_since) else {
        return Ok(());
    };
    let labels = serde_json::to_string(&alert.labels)
        .map_err(|source| malformed("labels of an alert", source))?;
    connection
        .prepare_cached(
            "INSERT INTO fired
                 (fingerprint, at, product, check_id, rule, severity, summary, incident, labels)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (fingerprint, at) DO UPDATE SET incident = excluded.incident
             WHERE incident IS NOT excluded.incident",
        )?
        .execute(params![
            alert.fingerprint.as_str(),
            at.0,
            alert.product.as_str(),
            alert.check.as_ref().map_or("", |it| it.as_str()),
            alert.rule,
            alert.severity.word(),
            alert.summary,
            alert.incident.map(|it| from_u64(it.0)),
            labels,
        ])?;
    Ok(())
}

/// The highest number that a silence ever had. The audit is asked too, because retention takes silences out and a
/// number must never come back.
pub(super) fn last(connection: &Connection) -> Result<u64, StoreError> {
    let last: Option<i64> =
        connection.query_row("SELECT max(id) FROM silence", [], |row| row.get(0))?;
    let audited: Option<i64> = connection.query_row(
        "SELECT max(CAST(substr(subject, 9) AS INTEGER)) FROM audit
         WHERE subject LIKE 'silence/%' AND action = 'silence.make'",
        [],
        |row| row.get(0),
    )?;
    Ok(to_u64(last.max(audited).unwrap_or(0)))
}

/// A silence by its number.
pub(super) fn one(connection: &Connection, id: SilenceId) -> Result<Option<Silence>, StoreError> {
    let body: Option<String> = connection
        .prepare_cached("SELECT body FROM silence WHERE id = ?1")?
        .query_row(params![from_u64(id.0)], |row| row.get(0))
        .optional()?;
    body.map(|body| read(&body)).transpose()
}

/// See [`Reader::silences`](crate::store::Reader::silences).
pub(super) fn page(
    connection: &Connection,
    before: Option<u64>,
    limit: usize,
) -> Result<SilencePage, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT body FROM silence WHERE id < ?1 ORDER BY id DESC LIMIT ?2")?;
    let before = before.map_or(i64::MAX, from_u64);
    // One more than asked for tells whether there is a next page.
    let mut rows = statement.query(params![before, from_usize(limit.saturating_add(1))])?;
    let mut silences = Vec::new();
    while let Some(row) = rows.next()? {
        silences.push(read(&row.get::<_, String>(0)?)?);
    }
    Ok(silence_page(silences, limit))
}

fn read(body: &str) -> Result<Silence, StoreError> {
    serde_json::from_str(body).map_err(|source| malformed("silence", source))
}

/// See [`Reader::fired_since`](crate::store::Reader::fired_since).
pub(super) fn fired_since(
    connection: &Connection,
    from: UnixMs,
) -> Result<FiredHistory, StoreError> {
    let kept: Option<i64> = connection
        .query_row("SELECT at FROM fired_since WHERE id = 1", [], |row| {
            row.get(0)
        })
        .optional()?;
    let mut statement = connection.prepare_cached(
        "SELECT fired.at, product, check_id, rule, severity,
                coalesce(json_extract(incident.body, '$.title'), summary), labels
         FROM fired LEFT JOIN incident ON incident.id = fired.incident
         WHERE fired.at >= ?1 ORDER BY fired.at DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![from.0, from_usize(FIRED_READ_ROWS)])?;
    let mut alerts = Vec::new();
    while let Some(row) = rows.next()? {
        let word: String = row.get(4)?;
        let labels: Option<String> = row.get(6)?;
        alerts.push(FiredAlert {
            at: UnixMs(row.get(0)?),
            product: row.get(1)?,
            check: row.get(2)?,
            rule: row.get(3)?,
            severity: serde_json::from_value(serde_json::Value::String(word))
                .map_err(|source| malformed("alert that fired", source))?,
            labels: labels
                .map(|it| serde_json::from_str(&it))
                .transpose()
                .map_err(|source| malformed("labels of what fired", source))?,
            title: row.get(5)?,
        });
    }
    Ok(fired_history(
        alerts,
        from,
        UnixMs(kept.unwrap_or(i64::MAX)),
    ))
}

/// Drops what is past its time, a bounded number of rows.
pub(super) fn retain(connection: &Connection, before: &RetainBefore) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM silence WHERE id IN
             (SELECT id FROM silence WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)",
        )?
        .execute(params![before.incidents.0, STEP_ROWS])?;
    connection
        .prepare_cached(
            "DELETE FROM fired WHERE id IN (SELECT id FROM fired WHERE at < ?1 ORDER BY at LIMIT ?2)",
        )?
        .execute(params![before.fired.0, STEP_ROWS])?;
    connection
        .prepare_cached(
            "DELETE FROM fired WHERE id IN
             (SELECT id FROM fired WHERE id <= (SELECT max(id) FROM fired) - ?1 ORDER BY id LIMIT ?2)",
        )?
        .execute(params![from_u64(FIRED_MAX_ROWS), STEP_ROWS])?;
    Ok(())
}
