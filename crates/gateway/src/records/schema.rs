//! Tables of `samples.db`, and how connections to it are opened.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::RecordsError;

/// The schema's version, in `PRAGMA user_version`.
pub const VERSION: i64 = 2;

/// Version 1. Series have short numbers, because each sample repeats one. A sample is its own key, so sending
/// one twice stores it once. Each index on `log` ends with the id by itself, so pages come in order without
/// sorting.
const CREATE: &str = "
CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE sample (
    series INTEGER NOT NULL,
    at INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (series, at)
) WITHOUT ROWID;
CREATE TABLE log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    arrived_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    product TEXT NOT NULL,
    service TEXT NOT NULL,
    level INTEGER NOT NULL,
    message TEXT NOT NULL,
    fields TEXT NOT NULL
);
CREATE INDEX log_by_product ON log (product);
CREATE INDEX log_by_product_level ON log (product, level);
CREATE INDEX log_by_level ON log (level);
PRAGMA user_version = 1;
";

/// Version 2. Samples summed up: `tier` is 1 for minutes and 2 for hours, `start` the beginning, and the extremes' instants
/// are counted from there because small numbers take one to three bytes. Without a smallest value the bucket is a gap.
/// `rolled_up` says up to which instant a tier is complete.
const SUM_UP: &str = "
CREATE TABLE bucket (
    tier INTEGER NOT NULL,
    series INTEGER NOT NULL,
    start INTEGER NOT NULL,
    low REAL,
    low_after INTEGER NOT NULL,
    high REAL,
    high_after INTEGER NOT NULL,
    sum REAL NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tier, series, start)
) WITHOUT ROWID;
CREATE TABLE rolled_up (tier INTEGER PRIMARY KEY, up_to INTEGER NOT NULL);
PRAGMA user_version = 2;
";

/// Opens the writer's connection and brings the schema up to date. A power cut may cost the newest second,
/// never the file: what must not be lost is in `ops.db`.
pub fn open_writer(path: &Path) -> Result<Connection, RecordsError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match found {
        VERSION => {}
        0 => connection.execute_batch(&format!("BEGIN;{CREATE}{SUM_UP}COMMIT;"))?,
        1 => connection.execute_batch(&format!("BEGIN;{SUM_UP}COMMIT;"))?,
        _ => {
            return Err(RecordsError::FromTheFuture {
                found,
                known: VERSION,
            });
        }
    }
    Ok(connection)
}

/// Opens a connection that can only read.
pub fn open_reader(path: &Path) -> Result<Connection, RecordsError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}
