//! Accounts as stored.

use rusqlite::{Connection, OptionalExtension as _, params};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::UnixMs;

use super::error::AuthError;
use super::secret::SecretHash;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name, which people type to sign in.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// What it may do.
    pub role: Role,
    /// The password's hash; `None` until the first login.
    pub password_hash: Option<String>,
    /// Whether it is kept from signing in.
    pub disabled: bool,
}

/// Whether `name` can be an account's name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-@".contains(c);
    (1..=64).contains(&name.len()) && name.chars().all(allowed)
}

pub(super) fn add(db: &Connection, name: &str, role: Role, now: UnixMs) -> Result<(), AuthError> {
    if !is_name(name) {
        return Err(AuthError::AccountName(name.to_owned()));
    }
    let added = db.execute(
        "INSERT INTO account (name, display_name, role, created_at) VALUES (?1, ?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
        params![name, role.word(), now.0],
    )?;
    if added == 0 {
        return Err(AuthError::AccountExists(name.to_owned()));
    }
    Ok(())
}

pub(super) fn find(db: &Connection, name: &str) -> Result<Option<Account>, AuthError> {
    let mut query = db.prepare_cached(
        "SELECT name, display_name, role, password_hash, disabled_at FROM account WHERE name = ?1",
    )?;
    Ok(query.query_row([name], read).optional()?)
}

pub(super) fn list(db: &Connection) -> Result<Vec<Account>, AuthError> {
    let mut query = db.prepare(
        "SELECT name, display_name, role, password_hash, disabled_at FROM account ORDER BY name",
    )?;
    let rows = query.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Account> {
    let role: String = row.get(2)?;
    Ok(Account {
        name: row.get(0)?,
        display_name: row.get(1)?,
        // A role that this build does not know may do the least.
        role: Role::parse(&role).unwrap_or(Role::Display),
        password_hash: row.get(3)?,
        disabled: row.get::<_, Option<i64>>(4)?.is_some(),
    })
}

/// Replaces the account's link by one with this token.
pub(super) fn offer_first_login(
    db: &Connection,
    account: &str,
    token: SecretHash,
    expires_at: UnixMs,
) -> Result<(), AuthError> {
    db.execute(
        "INSERT INTO first_login (token_hash, account, expires_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (account) DO UPDATE SET token_hash = ?1, expires_at = ?3",
        params![token, account, expires_at.0],
    )?;
    Ok(())
}

/// Uses a link up: sets the account's name and password and ends its sessions. `None` when the token is
/// wrong, used or past its time.
pub(super) fn take_first_login(
    db: &mut Connection,
    token: SecretHash,
    display_name: &str,
    password_hash: &str,
    now: UnixMs,
) -> Result<Option<Account>, AuthError> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let account: Option<String> = transaction
        .query_row(
            "DELETE FROM first_login WHERE token_hash = ?1 AND expires_at > ?2 RETURNING account",
            params![token, now.0],
            |row| row.get(0),
        )
        .optional()?;
    let Some(name) = account else {
        return Ok(None);
    };
    transaction.execute(
        "UPDATE account SET display_name = ?2, password_hash = ?3 WHERE name = ?1",
        params![name, display_name, password_hash],
    )?;
    transaction.execute("DELETE FROM session WHERE account = ?1", [&name])?;
    let account = find(&transaction, &name)?;
    transaction.commit()?;
    Ok(account)
}

/// Whether a link is good now, without using it up.
pub(super) fn first_login_is_open(
    db: &Connection,
    token: SecretHash,
    now: UnixMs,
) -> Result<bool, AuthError> {
    Ok(db.query_row(
        "SELECT EXISTS (SELECT 1 FROM first_login WHERE token_hash = ?1 AND expires_at > ?2)",
        params![token, now.0],
        |row| row.get(0),
    )?)
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn account_names_are_plain() {
        for (name, fine) in [
            ("priya.raman@example.com", true),
            ("a", true),
            ("", false),
            ("Priya", false),
            ("a b", false),
            ("a\n", false),
            (&"a".repeat(64), true),
            (&"a".repeat(65), false),
        ] {
            assert_eq!(is_name(name), fine, "{name}");
        }
    }
}
