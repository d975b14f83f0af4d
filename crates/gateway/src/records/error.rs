//! What can go wrong with records.

use std::path::PathBuf;

/// A failure of `samples.db`.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// SQLite said no.
    #[error("samples.db answered: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The database was written by a newer gateway.
    #[error(
        "samples.db has schema version {found}; this gateway knows versions up to {known}. Use the gateway that wrote it, or a newer one."
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
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The gateway is shutting down.
    #[error("the gateway is shutting down")]
    Stopped,
}
