//! Telling people outside the console: by Slack, Discord, webhooks, Alertmanager's receivers and e-mail.
//!
//! What must be told is written down in the same transaction as the change that it tells of ([`plan`], [`outbox`]).
//! One worker a channel ([`worker`]) takes what is due, asks the engine whether it may still be sent ([`claim`]),
//! renders it ([`render`]), sends it ([`send`]) and says what became of it ([`outcome`]). Everything but `worker` and
//! `send` is pure: time and chance are handed in.

pub mod backoff;
pub mod claim;
pub mod outbox;
pub mod outcome;
pub mod pace;
pub mod plan;
pub mod render;
pub mod send;
pub mod template;
pub mod words;
pub mod worker;

use std::fmt;

/// Text that is never shown: an address that whoever knows it may write to, a key, a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Hides a text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one place that hands it over.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}
