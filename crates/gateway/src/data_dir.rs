//! The data directory: private to the account that the gateway runs under, and used by one gateway at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Holds the directory until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// The directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// The system said no.
    #[error("{path}: {source}")]
    Io {
        /// What was tried.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another gateway runs there.
    #[error(
        "{0} is in use by another gateway. Stop it first, or give this one a directory of its own with --data."
    )]
    InUse(PathBuf),
}

impl DataDir {
    /// Makes the directory when it is missing, and takes it.
    ///
    /// # Errors
    /// [`DataDirError`] when it cannot be made, written or locked.
    pub fn take(path: &Path) -> Result<Self, DataDirError> {
        let failed = |source| DataDirError::Io {
            path: path.to_owned(),
            source,
        };
        make_private(path).map_err(failed)?;
        let lock = File::options()
            .create(true)
            .append(true)
            .open(path.join("gateway.lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_second_gateway_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        let first = DataDir::take(&path).unwrap();
        assert!(matches!(DataDir::take(&path), Err(DataDirError::InUse(_))));
        drop(first);
        assert!(DataDir::take(&path).is_ok());
    }
}
