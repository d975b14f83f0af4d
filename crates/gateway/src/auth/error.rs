//! What can go wrong with accounts and sessions.

use super::secret::NoRandomness;

/// A failure of the accounts' database or of the machine; never a wrong password.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// SQLite said no.
    #[error("the accounts' database answered: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Written by a newer gateway.
    #[error(
        "the accounts' database has schema version {found}; this gateway knows versions up to {known}. Use the gateway that wrote it, or a newer one."
    )]
    FromTheFuture {
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// The data directory cannot be used.
    #[error("{path}: {source}")]
    Directory {
        /// The directory.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The password could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    /// The gateway is stopping.
    #[error("the gateway is stopping")]
    Stopping,
    /// The account is there already.
    #[error("there is an account `{0}` already; choose another name")]
    AccountExists(String),
    /// There is no such account.
    #[error("there is no account `{0}`; `watchfloor account list` names them")]
    NoSuchAccount(String),
    /// The account is kept from signing in.
    #[error("the account `{0}` is disabled; `watchfloor account enable {0}` lets it in again")]
    Disabled(String),
    /// It is the only one that administers.
    #[error(
        "`{0}` is the last account with the role admin; make another one first: `watchfloor account add NAME --role admin`"
    )]
    LastAdmin(String),
    /// The account's name cannot be used.
    #[error(
        "`{0}` cannot be an account's name; use 1 to 64 lower-case letters, digits, `.`, `_`, `-` or `@`"
    )]
    AccountName(String),
}
