//! Passwords: argon2id with 19 MiB, two passes, one lane; at most two at once, off the async threads.

use std::sync::Arc;

use argon2::password_hash::{PasswordHash, SaltString};
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

use super::error::AuthError;
use super::secret::{Secret, random_bytes};

/// The shortest password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// The longest, in characters: hashing takes time by length.
pub const MAX_PASSWORD_CHARS: usize = 200;
/// Each hash takes 19 MiB for its time; more at once would be a way to run the gateway out of memory.
const MAX_AT_ONCE: usize = 2;

/// Hashes and compares passwords.
#[derive(Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    /// A hash that no password has, compared against when there is no account, so that the time an answer
    /// takes says nothing about which accounts exist.
    nobodys: Arc<str>,
}

impl Passwords {
    /// Makes the dummy hash as well, which takes as long as any.
    ///
    /// # Errors
    /// [`AuthError`] when hashing or randomness fails.
    pub fn new() -> Result<Self, AuthError> {
        let nobodys = hash_now(Secret::random()?.reveal())?;
        Ok(Self {
            at_once: Arc::new(Semaphore::new(MAX_AT_ONCE)),
            nobodys: nobodys.into(),
        })
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// [`AuthError`] when hashing fails.
    pub async fn hash(&self, password: String) -> Result<String, AuthError> {
        self.run(move || hash_now(&password)).await?
    }

    /// Whether `password` is the one that `stored` was made of. With `None` it takes as long and says no.
    ///
    /// # Errors
    /// [`AuthError`] when the work cannot be run.
    pub async fn matches(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, AuthError> {
        let nobodys = Arc::clone(&self.nobodys);
        let known = stored.is_some();
        self.run(move || {
            let hash = stored.as_deref().unwrap_or(&nobodys);
            verify_now(&password, hash) && known
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let _turn = self
            .at_once
            .acquire()
            .await
            .map_err(|_| AuthError::Stopping)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| AuthError::Stopping)
    }
}

/// What is wrong with a new password; `None` when it will do.
#[must_use]
pub fn problem_with(password: &str) -> Option<String> {
    let chars = password.chars().count();
    if chars < MIN_PASSWORD_CHARS {
        return Some(format!(
            "Use at least {MIN_PASSWORD_CHARS} characters; this has {chars}."
        ));
    }
    (chars > MAX_PASSWORD_CHARS)
        .then(|| format!("Use at most {MAX_PASSWORD_CHARS} characters; this has {chars}."))
}

fn hasher() -> Result<Argon2<'static>, AuthError> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| AuthError::Hash(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String, AuthError> {
    let salt = SaltString::encode_b64(&random_bytes::<16>()?)
        .map_err(|e| AuthError::Hash(e.to_string()))?;
    hasher()?
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|e| AuthError::Hash(e.to_string()))
}

fn verify_now(password: &str, hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &parsed)
        .is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords
            .hash("correct horse battery".to_owned())
            .await
            .unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        for (password, stored, expected) in [
            ("correct horse battery", Some(hash.clone()), true),
            ("correct horse batterx", Some(hash.clone()), false),
            ("correct horse battery", None, false),
            ("correct horse battery", Some("no hash".to_owned()), false),
        ] {
            let answer = passwords.matches(password.to_owned(), stored.clone()).await;
            assert_eq!(answer.unwrap(), expected, "{password} {stored:?}");
        }
    }

    #[test]
    fn a_password_has_12_to_200_characters() {
        for (chars, fine) in [(11, false), (12, true), (200, true), (201, false)] {
            assert_eq!(problem_with(&"ä".repeat(chars)).is_none(), fine, "{chars}");
        }
    }
}
