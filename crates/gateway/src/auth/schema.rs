//! The accounts' database, `auth.db`. It is a file of its own because its writer is not the engine.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::error::AuthError;

/// Each step takes the schema from its place in the list to the next.
const STEPS: [&str; 2] = [
    "
    CREATE TABLE account (
        name TEXT PRIMARY KEY,
        display_name TEXT NOT NULL,
        role TEXT NOT NULL,
        -- NULL until the first login; such an account cannot sign in.
        password_hash TEXT,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE session (
        -- SHA-256 of the token; the token itself is known to its bearer only.
        token_hash BLOB PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        account TEXT NOT NULL REFERENCES account(name) ON DELETE CASCADE,
        -- 'browser' comes in a cookie, 'token' as a bearer; neither is taken for the other.
        kind TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        active_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX session_account ON session(account);
    CREATE TABLE first_login (
        token_hash BLOB PRIMARY KEY,
        -- A new link for an account replaces the one before.
        account TEXT NOT NULL UNIQUE REFERENCES account(name) ON DELETE CASCADE,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    -- NULL while the account may sign in.
    ALTER TABLE account ADD COLUMN disabled_at INTEGER;
",
];

/// Opens the database in `data_dir`, making or migrating it.
///
/// # Errors
/// [`AuthError`] when the directory or database cannot be used, or was written by a newer gateway.
pub fn open(data_dir: &Path) -> Result<Connection, AuthError> {
    std::fs::create_dir_all(data_dir).map_err(|source| AuthError::Directory {
        path: data_dir.to_owned(),
        source,
    })?;
    prepare(Connection::open(data_dir.join("auth.db"))?)
}

/// Opens a database in memory, for tests.
///
/// # Errors
/// [`AuthError`] when SQLite cannot.
pub fn open_in_memory() -> Result<Connection, AuthError> {
    prepare(Connection::open_in_memory()?)
}

fn prepare(mut connection: Connection) -> Result<Connection, AuthError> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), AuthError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(AuthError::FromTheFuture { found, known });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn opening_again_keeps_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let insert = "INSERT INTO account VALUES ('a', 'A', 'viewer', NULL, 1, NULL)";
        open(dir.path()).unwrap().execute(insert, []).unwrap();
        let count: i64 = open(dir.path())
            .unwrap()
            .query_row("SELECT count(*) FROM account", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn accounts_from_before_there_was_disabling_may_sign_in() {
        let dir = tempfile::tempdir().unwrap();
        let old = Connection::open(dir.path().join("auth.db")).unwrap();
        old.execute_batch(STEPS[0]).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        let insert = "INSERT INTO account VALUES ('a', 'A', 'viewer', NULL, 1)";
        old.execute(insert, []).unwrap();
        drop(old);
        let disabled_at: Option<i64> = open(dir.path())
            .unwrap()
            .query_row("SELECT disabled_at FROM account", [], |row| row.get(0))
            .unwrap();
        assert_eq!(disabled_at, None);
    }

    #[test]
    fn a_database_from_the_future_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path())
            .unwrap()
            .pragma_update(None, "user_version", 99)
            .unwrap();
        assert!(matches!(
            open(dir.path()),
            Err(AuthError::FromTheFuture { found: 99, .. })
        ));
    }
}
