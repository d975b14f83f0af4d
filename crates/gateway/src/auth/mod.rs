//! Who somebody is: accounts, passwords, sessions, tickets.
//!
//! Accounts and sessions are stored in `auth.db`, secrets only as hashes. Sessions also live in memory, so that
//! no request waits for the disk; what revokes one goes to the disk first and then to everyone who watches it.
//!
//! **What keeps a session alive.** The feed, polls and reloads are not activity: a session ends `idle` after
//! its person last did something, which is an accepted mutation or any request with the header
//! `X-Watchfloor-Activity: 1`. The console sends that header when there was input since its last request.
//! Displays have nobody in front of them: for them every request is activity, over 30 d; tokens for programs
//! have only their end.

pub mod account;
pub mod cookie;
pub mod error;
pub mod password;
pub mod schema;
pub mod secret;
pub mod session;
mod sessions;
mod sign_in;
mod standing;
pub mod throttle;
pub mod ticket;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::watch;
use watchfloor_wire::session::Role;
use watchfloor_wire::time::{DAY_MS, UnixMs};

pub use account::Account;
pub use error::AuthError;
use password::Passwords;
use secret::Secret;
pub use session::{SessionId, SessionKind, Standing};
pub use sign_in::{FirstLogin, SignIn};
pub use standing::PasswordChange;
use throttle::Throttle;
use ticket::Tickets;

use crate::clock::Clock;
use crate::config::gateway::Sessions as SessionLimits;

/// How long a first-login link is good, in milliseconds.
pub const FIRST_LOGIN_LIFE_MS: i64 = DAY_MS;

/// Who is asking, by a session that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The account.
    pub account: String,
    /// Its name for people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The session.
    pub session: SessionId,
    /// When the session ends whatever happens.
    pub expires_at: UnixMs,
}

/// Accounts and sessions; cheap to clone.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    db: Mutex<Connection>,
    sessions: Mutex<session::Table>,
    tickets: Mutex<Tickets>,
    throttle: Mutex<Throttle>,
    passwords: Passwords,
    revocations: watch::Sender<u64>,
    /// The version of the database when it was last compared with the sessions in memory.
    seen_version: Mutex<Option<i64>>,
    limits: SessionLimits,
    clock: Clock,
}

impl Auth {
    /// Opens the accounts' database in `data_dir`, making it at the first start.
    ///
    /// # Errors
    /// [`AuthError`] when the database or the machine's randomness cannot be used.
    pub fn open(data_dir: &Path, limits: SessionLimits, clock: Clock) -> Result<Self, AuthError> {
        Self::over(schema::open(data_dir)?, limits, clock)
    }

    /// The same over a database in memory, for tests.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn in_memory(limits: SessionLimits, clock: Clock) -> Result<Self, AuthError> {
        Self::over(schema::open_in_memory()?, limits, clock)
    }

    fn over(db: Connection, limits: SessionLimits, clock: Clock) -> Result<Self, AuthError> {
        let sessions = session::load(&db, clock.now())?;
        Ok(Self(Arc::new(Inner {
            db: Mutex::new(db),
            sessions: Mutex::new(sessions),
            tickets: Mutex::default(),
            throttle: Mutex::default(),
            passwords: Passwords::new()?,
            revocations: watch::Sender::new(0),
            seen_version: Mutex::default(),
            limits,
            clock,
        })))
    }

    /// Makes the account `admin` while there is none at all, and a first-login link while nobody has a
    /// password; a link from an earlier start is worth nothing then. `None` when somebody can sign in.
    ///
    /// # Errors
    /// [`AuthError`] when the database or the machine's randomness cannot be used.
    pub fn ensure_somebody(&self) -> Result<Option<Secret>, AuthError> {
        let accounts = self.accounts()?;
        if accounts
            .iter()
            .any(|it| it.password_hash.is_some() && !it.disabled)
        {
            return Ok(None);
        }
        let admin = accounts
            .iter()
            .find(|it| it.role == Role::Admin && !it.disabled);
        let name = match admin {
            Some(account) => account.name.clone(),
            None => {
                account::add(&lock(&self.0.db), "admin", Role::Admin, self.0.clock.now())?;
                "admin".to_owned()
            }
        };
        self.offer_first_login(&name).map(Some)
    }

    /// Makes an account and a first-login link for it.
    ///
    /// # Errors
    /// [`AuthError`] when the name cannot be used or is taken, or as in [`Self::open`].
    pub fn add_account(&self, name: &str, role: Role) -> Result<Secret, AuthError> {
        account::add(&lock(&self.0.db), name, role, self.0.clock.now())?;
        self.offer_first_login(name)
    }

    /// Makes a first-login link for an account; who has it sets the account's password. It is good once,
    /// within [`FIRST_LOGIN_LIFE_MS`], and replaces the link before it.
    ///
    /// # Errors
    /// [`AuthError::NoSuchAccount`], or as in [`Self::open`].
    pub fn offer_first_login(&self, name: &str) -> Result<Secret, AuthError> {
        if self.account(name)?.disabled {
            return Err(AuthError::Disabled(name.to_owned()));
        }
        let token = Secret::random()?;
        let expires_at = self.0.clock.now().plus_ms(FIRST_LOGIN_LIFE_MS);
        account::offer_first_login(&lock(&self.0.db), name, token.hash(), expires_at)?;
        Ok(token)
    }

    /// An account by name.
    ///
    /// # Errors
    /// [`AuthError::NoSuchAccount`], or when the database cannot be read.
    pub fn account(&self, name: &str) -> Result<Account, AuthError> {
        account::find(&lock(&self.0.db), name)?
            .ok_or_else(|| AuthError::NoSuchAccount(name.to_owned()))
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// [`AuthError`] when the database cannot be read.
    pub fn accounts(&self) -> Result<Vec<Account>, AuthError> {
        account::list(&lock(&self.0.db))
    }

    /// Runs work that waits for the disk, off the async threads.
    pub(crate) async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, AuthError> + Send + 'static,
    ) -> Result<T, AuthError> {
        let auth = self.clone();
        tokio::task::spawn_blocking(move || work(&auth))
            .await
            .map_err(|_| AuthError::Stopping)?
    }
}

/// Takes a lock. None of these are held while anything can panic half-way through a change, so what a
/// panicking thread left behind is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
