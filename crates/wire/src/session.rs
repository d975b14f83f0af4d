//! Who is signed in.

use serde::{Deserialize, Serialize};

use crate::time::UnixMs;

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Acknowledges, comments, escalates, resolves.
    Operator,
    /// Also administers accounts.
    Admin,
    /// May only send events in; sees nothing.
    Ingest,
    /// Shows boards; sees no error texts and changes nothing. Also what an unrecognised role decodes to.
    #[serde(other)]
    Display,
}

impl Role {
    /// The word in configuration, storage and on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Display => "display",
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Ingest => "ingest",
        }
    }

    /// Reads the word; `None` for anything else.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Display,
            Self::Viewer,
            Self::Operator,
            Self::Admin,
            Self::Ingest,
        ]
        .into_iter()
        .find(|role| role.word() == word)
    }
}

/// Answer of `GET` and `POST /api/monitoring/session`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// The account.
    pub account: String,
    /// Its name for people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When the session ends whatever happens.
    pub expires_at: UnixMs,
}

/// Somebody who can have an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperatorEntry {
    /// The account.
    pub account: String,
    /// Its name for people.
    pub name: String,
    /// What it may do: `operator` or `admin`.
    pub role: Role,
}

/// Answer of `GET /api/monitoring/operators`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperatorList {
    /// Accounts that can sign in and act, by name.
    pub operators: Vec<OperatorEntry>,
}

/// Body of `POST /api/monitoring/session`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInRequest {
    /// The account.
    pub account: String,
    /// The password, in plain text under TLS.
    pub password: String,
}

/// Body of `POST /api/monitoring/session/first-login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FirstLoginRequest {
    /// The one-time token from the link.
    pub token: String,
    /// The name for people that the account gets.
    pub name: String,
    /// The password that it gets: 12 to 200 characters.
    pub password: String,
}

/// Body of `POST /api/monitoring/session/password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordRequest {
    /// The password that the account has.
    pub current: String,
    /// The one that it gets: 12 to 200 characters.
    pub new: String,
}

/// Answer of `POST /api/monitoring/ticket`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ticket {
    /// Good for one socket within 30 s; goes into the subprotocol list, never into an address.
    pub ticket: String,
}
