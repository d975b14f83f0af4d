//! What becomes of an account after it was made: its password is changed, it is disabled, enabled or removed.
//!
//! The command line changes `auth.db` while a gateway runs, so the gateway looks several times a second whether
//! anybody else wrote there, and ends what is no longer in it. The file is asked for its version, not read, until it
//! has one.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::UnixMs;

use super::error::AuthError;
use super::secret::SecretHash;
use super::session::SessionId;
use super::{Auth, account, lock};

/// What became of an attempt to change a password.
#[derive(Debug, PartialEq, Eq)]
pub enum PasswordChange {
    /// It is changed, and every other session of the account has ended.
    Done,
    /// What was given as the present password is not it.
    Wrong,
    /// Too many tries; wait this long, in milliseconds.
    Wait(i64),
}

impl Auth {
    /// Changes the password of an account that knows its present one. Every session but `session` ends, and so does
    /// a first-login link that is still open.
    ///
    /// # Errors
    /// [`AuthError`] when the database or the machine fails.
    pub async fn change_password(
        &self,
        name: &str,
        session: &SessionId,
        current: String,
        new: String,
        address: &str,
    ) -> Result<PasswordChange, AuthError> {
        let pair = format!("{name} {address}");
        if let Err(wait_ms) = lock(&self.0.throttle).attempt(&pair, self.0.clock.now()) {
            return Ok(PasswordChange::Wait(wait_ms));
        }
        let wanted = name.to_owned();
        let account = self.off_thread(move |auth| auth.account(&wanted)).await?;
        let stored = account.password_hash;
        if !self.0.passwords.matches(current, stored.clone()).await? {
            return Ok(PasswordChange::Wrong);
        }
        lock(&self.0.throttle).succeeded(&pair);
        let hash = self.0.passwords.hash(new).await?;
        let (wanted, kept) = (name.to_owned(), session.clone());
        let changed = self.off_thread(move |auth| {
            let db = &mut lock(&auth.0.db);
            set_password(db, &wanted, stored.as_deref(), &hash, &kept)
        });
        if !changed.await? {
            return Ok(PasswordChange::Wrong);
        }
        self.forget_sessions(|it| it.account == name && it.session != *session);
        Ok(PasswordChange::Done)
    }

    /// Keeps an account from signing in and ends its sessions; its name stays taken.
    ///
    /// # Errors
    /// [`AuthError::NoSuchAccount`], [`AuthError::LastAdmin`], or when the database fails.
    pub fn disable_account(&self, name: &str) -> Result<(), AuthError> {
        self.spare_last_admin(name)?;
        disable(&mut lock(&self.0.db), name, self.0.clock.now())?;
        self.forget_account(name);
        Ok(())
    }

    /// Lets a disabled account sign in again, with the password that it had.
    ///
    /// # Errors
    /// [`AuthError::NoSuchAccount`], or when the database fails.
    pub fn enable_account(&self, name: &str) -> Result<(), AuthError> {
        self.account(name)?;
        lock(&self.0.db).execute(
            "UPDATE account SET disabled_at = NULL WHERE name = ?1",
            [name],
        )?;
        Ok(())
    }

    /// Removes an account with its sessions. What it did stays in timelines and the audit under its name.
    ///
    /// # Errors
    /// [`AuthError::NoSuchAccount`], [`AuthError::LastAdmin`], or when the database fails.
    pub fn remove_account(&self, name: &str) -> Result<(), AuthError> {
        self.spare_last_admin(name)?;
        lock(&self.0.db).execute("DELETE FROM account WHERE name = ?1", [name])?;
        self.forget_account(name);
        Ok(())
    }

    /// Without an admin nobody could make another one but by the files themselves.
    fn spare_last_admin(&self, name: &str) -> Result<(), AuthError> {
        let account = self.account(name)?;
        let is_admin = |it: &account::Account| it.role == Role::Admin && !it.disabled;
        let others = self.accounts()?;
        let is_last = !others.iter().any(|it| it.name != name && is_admin(it));
        if is_admin(&account) && is_last {
            return Err(AuthError::LastAdmin(name.to_owned()));
        }
        Ok(())
    }

    /// Ends the sessions that somebody else took out of the database since this was last asked; their sockets close.
    /// Answers with the accounts whose sessions they were.
    ///
    /// # Errors
    /// [`AuthError`] when the database cannot be read; it is asked again next time.
    pub fn end_what_others_ended(&self) -> Result<BTreeSet<String>, AuthError> {
        let (live, stored) = {
            let db = lock(&self.0.db);
            // Sessions that are opened from here on are not judged by what is read below.
            let live: Vec<SecretHash> = lock(&self.0.sessions)
                .iter()
                .map(|(token, _)| *token)
                .collect();
            let version: i64 = db.pragma_query_value(None, "data_version", |row| row.get(0))?;
            let mut seen = lock(&self.0.seen_version);
            if *seen == Some(version) {
                return Ok(BTreeSet::new());
            }
            let stored = tokens(&db)?;
            *seen = Some(version);
            (live, stored)
        };
        let ended: BTreeSet<SecretHash> = live
            .into_iter()
            .filter(|token| !stored.contains(token))
            .collect();
        let mut accounts = BTreeSet::new();
        {
            let mut sessions = lock(&self.0.sessions);
            for (token, live) in sessions.iter() {
                if ended.contains(token) {
                    accounts.insert(live.principal.account.clone());
                }
            }
            for token in &ended {
                sessions.remove(token);
            }
        }
        if !accounts.is_empty() {
            self.say_revoked();
        }
        Ok(accounts)
    }
}

fn tokens(db: &Connection) -> Result<BTreeSet<SecretHash>, AuthError> {
    let mut query = db.prepare_cached("SELECT token_hash FROM session")?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Sets the password unless somebody else changed it meanwhile; false when somebody did.
fn set_password(
    db: &mut Connection,
    name: &str,
    before: Option<&str>,
    after: &str,
    kept: &SessionId,
) -> Result<bool, AuthError> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let changed = transaction.execute(
        "UPDATE account SET password_hash = ?2 WHERE name = ?1 AND password_hash = ?3",
        params![name, after, before],
    )?;
    transaction.execute(
        "DELETE FROM session WHERE account = ?1 AND id <> ?2 AND ?3",
        params![name, kept.0, changed > 0],
    )?;
    transaction.execute(
        "DELETE FROM first_login WHERE account = ?1 AND ?2",
        params![name, changed > 0],
    )?;
    transaction.commit()?;
    Ok(changed > 0)
}

fn disable(db: &mut Connection, name: &str, now: UnixMs) -> Result<(), AuthError> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    transaction.execute(
        "UPDATE account SET disabled_at = ?2 WHERE name = ?1 AND disabled_at IS NULL",
        params![name, now.0],
    )?;
    transaction.execute("DELETE FROM session WHERE account = ?1", [name])?;
    transaction.execute("DELETE FROM first_login WHERE account = ?1", [name])?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
