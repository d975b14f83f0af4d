//! What the killed gateway left on the disk, read without it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use rusqlite::Connection;
use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::store::sqlite::FILE_NAME;
use watchfloor_gateway::store::{SqliteStore, Store as _};

use super::Asked;

/// Everything that was confirmed is there once, and whatever is there is there as a whole.
///
/// # Errors
/// With the first thing that is not.
pub fn check(data: &Path, confirmed: &[(Asked, String)]) -> Result<()> {
    let connection = Connection::open(data.join(FILE_NAME))?;
    let said: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(said == "ok", "integrity_check: {said}");
    check_feed(&connection)?;
    let answers = texts(&connection, "SELECT key, body FROM kept_answer")?;
    let noted = counts(
        &connection,
        "SELECT note FROM timeline WHERE note LIKE 'kill-%'",
    )?;
    let audited = counts(
        &connection,
        "SELECT json_extract(detail, '$.key') FROM audit WHERE json_extract(detail, '$.key') IS NOT NULL",
    )?;
    for (asked, body) in confirmed {
        let key = &asked.key;
        ensure!(
            answers.get(key) == Some(body),
            "{key} was confirmed with {body}, kept is {:?}",
            answers.get(key)
        );
    }
    // A transaction writes all three; each key is in all of them exactly once, or in none.
    for key in answers.keys().chain(noted.keys()).chain(audited.keys()) {
        let kept = usize::from(answers.contains_key(key));
        let found = [kept, count(&noted, key), count(&audited, key)];
        ensure!(
            found == [1, 1, 1],
            "{key} is there by half or twice: {found:?}"
        );
    }
    drop(connection);
    let store = SqliteStore::open(data, Clock::system())?;
    let broken = store.reader()?.audit_break()?;
    ensure!(
        broken.is_none(),
        "the chain of the audit is broken at {broken:?}"
    );
    Ok(())
}

/// The head is the last row of the feed log, the log has no hole, and each entity is what its last row says.
fn check_feed(connection: &Connection) -> Result<()> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let head = number("SELECT seq FROM head")?;
    let last = number("SELECT coalesce(max(seq), 0) FROM feed_log")?;
    let rows = number("SELECT count(*) FROM feed_log")?;
    ensure!(
        head == last && rows == last,
        "the head is {head}, the feed log has {rows} rows up to {last}"
    );
    let torn = number(
        "SELECT count(*) FROM entity e WHERE NOT EXISTS (
             SELECT 1 FROM feed_log f WHERE f.seq = e.version AND f.key = e.key AND f.body = e.body)",
    )?;
    ensure!(torn == 0, "{torn} entities are not what the feed log says");
    let lost = number(
        "SELECT count(*) FROM (SELECT key, body, max(seq) AS seq FROM feed_log GROUP BY key) f
         WHERE f.body IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM entity e WHERE e.key = f.key AND e.version = f.seq)",
    )?;
    ensure!(
        lost == 0,
        "{lost} rows of the feed log are not in the entities"
    );
    Ok(())
}

fn texts(connection: &Connection, sql: &str) -> Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare(sql).context("what is kept")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn counts(connection: &Connection, sql: &str) -> Result<BTreeMap<String, usize>> {
    let mut statement = connection.prepare(sql)?;
    let mut counts = BTreeMap::new();
    for key in statement.query_map([], |row| row.get::<_, String>(0))? {
        *counts.entry(key?).or_default() += 1;
    }
    Ok(counts)
}

fn count(counts: &BTreeMap<String, usize>, key: &str) -> usize {
    counts.get(key).copied().unwrap_or(0)
}
