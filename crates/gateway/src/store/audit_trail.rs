//! The audit as a whole, read beside a gateway that may be running: proved row by row, or copied out.
//!
//! **What the chain proves.** Each row's hash covers the row before it, so a row that was changed, put in, or taken
//! out of the middle shows at the first row behind it. Rows are numbered by the database without gaps, and it
//! remembers the last number it gave, so rows that were simply deleted from the end show as well. **What it cannot
//! prove alone:** who can write the file can write the whole chain anew, and the last number with it. Only a head that
//! was noted where that person cannot write shows this: `watchfloor audit verify` prints it, the gateway's log repeats
//! it every hour, and `--noted` holds the chain against it.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use serde_json::{Value, json};

use super::StoreError;
use super::audit::{GENESIS, chain};
use super::sqlite::FILE_NAME;
use super::sqlite::audit::{chained, last_given};
use crate::change::AuditRow;

/// The place of a row and its hash, which covers everything up to it. Written as `ROW:HASH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The row's number, from 1; 0 before the first.
    pub row: i64,
    /// Its hash, in lower-case hex.
    pub hash: String,
}

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.row, self.hash)
    }
}

impl FromStr for Noted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no head; write it as `verify` printed it, ROW:HASH");
        let (row, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let is_hash = hash.len() == GENESIS.len() && hash.bytes().all(|it| it.is_ascii_hexdigit());
        let row = row.parse().ok().filter(|row| *row >= 0 && is_hash);
        Ok(Self {
            row: row.ok_or_else(wrong)?,
            hash: hash.to_ascii_lowercase(),
        })
    }
}

/// What a walk along the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every row follows from the one before it, up to this head.
    Holds(Noted),
    /// The first place where it does not.
    Broken {
        /// The row's number.
        row: i64,
        /// What is wrong there, for people.
        why: String,
    },
}

/// The audit's table, to be read.
#[derive(Debug)]
pub struct AuditTrail(Connection);

impl AuditTrail {
    /// Opens the audit in a gateway's data directory. Nothing is made or changed there.
    ///
    /// # Errors
    /// [`StoreError`] when there is none, or it cannot be read.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        // A reader of a write-ahead log takes part in its bookkeeping, which read-only files would refuse.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(data_dir.join(FILE_NAME), flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(Self(connection))
    }

    /// The newest row, without looking at the others.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn head(&self) -> Result<Noted, StoreError> {
        let newest = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1";
        let head = self.0.query_row(newest, [], |row| {
            Ok(Noted {
                row: row.get(0)?,
                hash: row.get(1)?,
            })
        });
        Ok(head.optional()?.unwrap_or_else(|| Noted {
            row: 0,
            hash: GENESIS.to_owned(),
        }))
    }

    /// Walks the chain from the first row to the last, and holds it against a head that was noted earlier.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read; what cannot be read proves nothing.
    pub fn verify(&self, noted: Option<&Noted>) -> Result<Verdict, StoreError> {
        // One view of the file throughout, while a gateway may be adding rows.
        let reading = self.0.unchecked_transaction()?;
        let mut last = Noted {
            row: 0,
            hash: GENESIS.to_owned(),
        };
        let mut broken = None;
        each(&reading, |row, hash, it| {
            let why = fault(&last, row, hash, it)
                .or_else(|| noted.and_then(|noted| unlike(noted, row, hash)));
            last = Noted {
                row,
                hash: hash.to_owned(),
            };
            broken = why.map(|why| Verdict::Broken { row, why });
            broken.is_none()
        })?;
        if let Some(broken) = broken {
            return Ok(broken);
        }
        let given = last_given(&reading)?.max(noted.map_or(0, |it| it.row));
        if given > last.row {
            return Ok(Verdict::Broken {
                row: last.row + 1,
                why: format!("rows {} to {given} were taken off the end", last.row + 1),
            });
        }
        Ok(Verdict::Holds(last))
    }

    /// Hands out every row as JSON, oldest first, until `take` fails.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read; the inner error is that of `take`.
    pub fn export<E>(
        &self,
        mut take: impl FnMut(&Value) -> Result<(), E>,
    ) -> Result<Result<u64, E>, StoreError> {
        let mut outcome = Ok(0);
        each(&self.0, |row, hash, it| {
            let detail = serde_json::from_str(&it.detail);
            let detail: Value = detail.unwrap_or_else(|_| Value::String(it.detail.clone()));
            let taken = take(&json!({
                "row": row, "at": it.at.0, "actor": it.actor, "action": it.action,
                "subject": it.subject, "detail": detail, "hash": hash,
            }));
            outcome = match (taken, &outcome) {
                (Ok(()), Ok(count)) => Ok(count + 1),
                (Ok(()), Err(_)) => return false,
                (Err(error), _) => Err(error),
            };
            outcome.is_ok()
        })?;
        Ok(outcome)
    }
}

/// What is wrong with a row that comes after `last`; `None` when it follows.
pub(crate) fn fault(last: &Noted, row: i64, hash: &str, it: &AuditRow) -> Option<String> {
    if row > last.row + 1 {
        let (from, to) = (last.row + 1, row - 1);
        return Some(format!("rows {from} to {to} before it were taken out"));
    }
    (chain(&last.hash, it) != hash).then(|| {
        "it does not follow from the row before it: it was changed or put in, or the row before it was".to_owned()
    })
}

fn unlike(noted: &Noted, row: i64, hash: &str) -> Option<String> {
    (noted.row == row && noted.hash != hash)
        .then(|| "it is not the row that was noted: the chain was written anew".to_owned())
}

/// Hands out rows in order until `take` says that it has enough.
fn each(
    connection: &Connection,
    mut take: impl FnMut(i64, &str, &AuditRow) -> bool,
) -> Result<(), StoreError> {
    let mut query = connection
        .prepare("SELECT id, at, actor, action, subject, detail, hash FROM audit ORDER BY id")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let it = chained(row)?;
        if !take(it.row, &it.hash, &it.it) {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "audit_trail_tests.rs"]
mod tests;
