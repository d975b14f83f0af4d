//! What people send to make, change and try silences, and what they get.

use serde::{Deserialize, Serialize};

use super::{Matcher, Recurrence, Silence, SilenceKind};
use crate::alert::Alert;
use crate::id::IncidentId;
use crate::time::UnixMs;

/// Body of `POST …/silences`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SilenceRequest {
    /// Why it is to be quiet.
    #[serde(default = "silence")]
    pub kind: SilenceKind,
    /// What is muted: all of them must match; at most 20.
    pub matchers: Vec<Matcher>,
    /// From when on; now when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<UnixMs>,
    /// Until when; of a series, after which it does not come back.
    pub expires_at: UnixMs,
    /// Why: 1 to 500 characters.
    pub reason: String,
    /// How it comes back, for maintenance; without `until`, which is `expires_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// Says that everything is meant, when the matchers leave nothing out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
}

const fn silence() -> SilenceKind {
    SilenceKind::Silence
}

/// Body of `POST …/silences/{id}`: what is left out stays as it is. With other matchers the silence ends and another
/// one takes its place, so that it can always be said what one number has muted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeSilenceRequest {
    /// What is muted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matchers: Option<Vec<Matcher>>,
    /// Until when; of a series, after which it does not come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixMs>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// As in [`SilenceRequest`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
}

/// Answer of whatever was done to a silence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SilenceAnswer {
    /// The silence as it stands now.
    pub silence: Silence,
    /// The one whose place it took, ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Silence>,
    /// The change's place in the feed.
    pub seq: u64,
}

/// Answer of `GET /api/monitoring/silences`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SilencePage {
    /// Newest first.
    pub silences: Vec<Silence>,
    /// Hand this in as `before` for the next page; `None` at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_before: Option<u64>,
}

/// Body of `POST …/silences/preview`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// What would be muted.
    pub matchers: Vec<Matcher>,
}

/// What matchers hit. Nothing is changed by asking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SilencePreview {
    /// Whether the matchers leave nothing out; such a silence must say `everything`.
    pub everything: bool,
    /// How many firing alerts they hit now.
    pub alerts_now: u32,
    /// Open incidents that would be muted now.
    pub incidents_now: Vec<IncidentId>,
    /// The alerts that they hit now, the worst first, at most 20.
    pub alerts: Vec<Alert>,
    /// How often alerts that they hit fired since `history_from`.
    pub fired_before: u32,
    /// Those alerts by rule, most often first, at most 20.
    pub history: Vec<FiredBefore>,
    /// From when on it is known what they hit: at most seven days ago.
    pub history_from: UnixMs,
    /// How often alerts fired before `history_from` of which it cannot be said whether the matchers hit them, because
    /// their labels were not kept then. 0 for matchers that name no label.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub undecided_before: u32,
}

const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A rule that fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FiredBefore {
    /// What it said, the newest time.
    pub title: String,
    /// The rule.
    pub rule: String,
    /// How often.
    pub times: u32,
    /// When last.
    pub last_at: UnixMs,
}
