//! Random secrets: sessions, tickets and first-login tokens are 256 bits, known to their bearer only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore as _;
use sha2::{Digest as _, Sha256};

/// SHA-256 of a secret: what memory and disk keep of it. A secret of 256 random bits needs no salt.
pub type SecretHash = [u8; 32];

/// How many bytes a secret has.
const SECRET_BYTES: usize = 32;
/// How many characters it has in text.
const SECRET_CHARS: usize = 43;

/// A secret as its bearer holds it: 43 characters of base64url. It is never stored and never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret from the system's randomness.
    ///
    /// # Errors
    /// [`NoRandomness`] when the system has none to give.
    pub fn random() -> Result<Self, NoRandomness> {
        Ok(Self(
            URL_SAFE_NO_PAD.encode(random_bytes::<SECRET_BYTES>()?),
        ))
    }

    /// Takes what somebody presented; `None` when it cannot be a secret at all.
    #[must_use]
    pub fn presented(text: &str) -> Option<Self> {
        let shaped = text.len() == SECRET_CHARS
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        shaped.then(|| Self(text.to_owned()))
    }

    /// The text, for the one place that hands it to its bearer.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Bytes from the system's randomness.
///
/// # Errors
/// [`NoRandomness`] when the system has none to give.
pub fn random_bytes<const COUNT: usize>() -> Result<[u8; COUNT], NoRandomness> {
    let mut bytes = [0_u8; COUNT];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| NoRandomness(error.to_string()))?;
    Ok(bytes)
}

/// A name for a secret that says nothing about it, for audit and revocation.
///
/// # Errors
/// [`NoRandomness`] when the system has none to give.
pub fn random_id() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<12>()?))
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random bytes: {0}")]
pub struct NoRandomness(String);

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::Secret;

    #[test]
    fn secrets_are_shaped_alike_and_never_equal() {
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_ne!(one, other);
        assert_eq!(Secret::presented(one.reveal()), Some(one));
    }

    #[test]
    fn what_cannot_be_a_secret_is_not_looked_up() {
        for text in [
            "",
            "short",
            &"a".repeat(44),
            &"é".repeat(22),
            &" ".repeat(43),
        ] {
            assert_eq!(Secret::presented(text), None, "{text}");
        }
    }

    #[test]
    fn printing_a_secret_does_not_show_it() {
        let secret = Secret::random().unwrap();
        assert!(!format!("{secret:?}").contains(secret.reveal()));
    }
}
