//! What people are told outside the console, and what became of it.

use serde::{Deserialize, Serialize};

use crate::id::{IncidentId, ProductId};
use crate::time::UnixMs;

/// What a notification tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// An incident was opened.
    Opened,
    /// An escalation step was taken.
    Escalated,
    /// The severity rose.
    Raised,
    /// Nobody has it any more: a lease lapsed, or was given back.
    TriggeredAgain,
    /// Somebody took it.
    Acknowledged,
    /// It is over.
    Resolved,
    /// Several of these in one message, because there were too many.
    Digest,
    /// Somebody pressed the test button. Also what an unrecognised kind decodes to: the one that asks for nothing.
    #[serde(other)]
    Test,
}

impl NotificationKind {
    /// The word that people read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opened => "Opened",
            Self::Escalated => "Escalated",
            Self::Raised => "Severity rose",
            Self::TriggeredAgain => "Triggered again",
            Self::Acknowledged => "Acknowledged",
            Self::Resolved => "Resolved",
            Self::Digest => "Digest",
            Self::Test => "Test",
        }
    }

    /// The word in names and addresses.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Escalated => "escalated",
            Self::Raised => "raised",
            Self::TriggeredAgain => "triggered_again",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
            Self::Digest => "digest",
            Self::Test => "test",
        }
    }

    /// Whether it asks somebody to answer; such a one is not sent once somebody has.
    #[must_use]
    pub const fn asks(self) -> bool {
        matches!(
            self,
            Self::Opened | Self::Escalated | Self::Raised | Self::TriggeredAgain
        )
    }
}

/// Where a notification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
    /// It is on its way. When the gateway stops meanwhile, it is sent again under the same id.
    Sending,
    /// The channel's receiver took it.
    Delivered,
    /// It was not sent, because somebody had answered before.
    Withdrawn,
    /// It was not sent, because a silence matches.
    Muted,
    /// It went into a digest.
    Digested,
    /// It was given up: the dead letter, which a person can send again.
    Dead,
    /// It waits for its turn, or for another try. Also what an unrecognised state decodes to.
    #[serde(other)]
    Waiting,
}

impl NotificationState {
    /// The word that people read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Sending => "Sending",
            Self::Delivered => "Delivered",
            Self::Withdrawn => "Withdrawn",
            Self::Muted => "Muted",
            Self::Digested => "In a digest",
            Self::Dead => "Given up",
        }
    }

    /// Whether nothing more happens by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Sending)
    }
}

/// One notification on one channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notification {
    /// Its name, the same for every try, so that receivers can drop doubles.
    pub id: String,
    /// The channel.
    pub channel: String,
    /// What it tells.
    pub kind: NotificationKind,
    /// Where it stands.
    pub state: NotificationState,
    /// The incident; `None` for a digest and a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The incident's product; `None` for a digest and a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductId>,
    /// What it says, in one line.
    pub text: String,
    /// When it was written down.
    pub at: UnixMs,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; `None` when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<UnixMs>,
    /// When it came to its end; `None` before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<UnixMs>,
    /// How long the delivery took, in milliseconds; `None` unless delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<i64>,
    /// Why it was not delivered, or not yet; empty when there is nothing to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A channel as it does now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChannelState {
    /// Its name in the configuration.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// `slack`, `discord`, `webhook`, `alertmanager` or `email`.
    pub kind: String,
    /// Where it leads, without what is secret about it.
    pub target: String,
    /// What keeps it from working at all, for example a variable that is not set; empty when nothing does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
    /// Notifications that wait for it, at most 1,000.
    pub waiting: u64,
    /// When something was last delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<UnixMs>,
    /// When something last failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<UnixMs>,
    /// Why; empty when nothing ever failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub failure: String,
}

/// Answer of `GET /api/monitoring/notifications`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotificationPage {
    /// The channels, in the order of the configuration.
    pub channels: Vec<ChannelState>,
    /// What was given up and can be sent again, newest first, at most 200.
    pub dead: Vec<Notification>,
    /// The newest of all, at most 200.
    pub recent: Vec<Notification>,
}

/// Answer of `POST /api/monitoring/channels/{id}/test` and `POST /api/monitoring/notifications/{id}/retry`: what
/// was written down. What becomes of it is told by `GET /api/monitoring/notifications/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotificationAnswer {
    /// The notification.
    pub notification: Notification,
}

/// How telling people goes, as part of the gateway's health.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotificationHealth {
    /// Waiting or on their way, at most 1,000.
    pub waiting: u64,
    /// For how long the oldest of those has been waiting, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_ms: Option<i64>,
    /// Given up within the last day, at most 1,000.
    pub dead_last_day: u64,
}
