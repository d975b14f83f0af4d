//! A silence: notifications about what its matchers name are muted until it ends. It hides nothing: statuses,
//! alerts and incidents go on as before, and say that they are muted.
//!
//! [`matcher`] says what is meant, [`cover`] what that comes to, [`request`] what people send, [`check`] what is wrong
//! with that.

pub mod check;
pub mod cover;
pub mod matcher;
mod pattern;
pub mod request;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use cover::{Subject, muting, muting_incident};
pub use matcher::{MatchField, MatchOperator, Matcher};

use crate::time::UnixMs;

/// A silence's number; people see `SIL-7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SilenceId(pub u64);

impl fmt::Display for SilenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIL-{}", self.0)
    }
}

impl SilenceId {
    /// Reads `SIL-7` or `7`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.strip_prefix("SIL-").unwrap_or(text);
        number.parse().ok().map(Self)
    }
}

/// Why notifications are muted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SilenceKind {
    /// Work that was announced. Time that a check is not well in it counts as maintenance in the uptime.
    Maintenance,
    /// Somebody wants quiet. Also what an unrecognised kind decodes to.
    #[serde(other)]
    Silence,
}

/// A silence, or a maintenance window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Silence {
    /// Its number.
    pub id: SilenceId,
    /// Rises by one with each change; goes into `If-Match`.
    pub version: u64,
    /// Why it is quiet.
    pub kind: SilenceKind,
    /// What it mutes: all of them must match. Without any it mutes everything.
    #[serde(default)]
    pub matchers: Vec<Matcher>,
    /// From when on it mutes; of one that recurs, the present or next time.
    pub starts_at: UnixMs,
    /// Until when it mutes; of one that recurs, the present or next time.
    pub expires_at: UnixMs,
    /// Why, in the author's words.
    pub reason: String,
    /// The account that made it; `configuration` for those of a product's file.
    pub author: String,
    /// The author's name for people.
    pub author_name: String,
    /// When it was made.
    pub created_at: UnixMs,
    /// How it comes back; `None` when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// Its name in the product's configuration; `None` when people made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configured: Option<String>,
    /// When it was over for good; `None` while it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UnixMs>,
    /// Who ended it before its time; `None` when its time did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by_name: Option<String>,
    /// The silence that took its place when its matchers were changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<SilenceId>,
    /// When it was told that it ends soon while something still fires under it; `None` when there was no need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_at: Option<UnixMs>,
}

/// Where a silence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SilenceState {
    /// It mutes.
    Active,
    /// It will mute.
    Pending,
    /// It is over for good.
    Ended,
}

impl Silence {
    /// Where it stands at `now`. Past its end it never mutes, whether or not the gateway has said so yet.
    #[must_use]
    pub fn state_at(&self, now: UnixMs) -> SilenceState {
        if self.ended_at.is_some_and(|at| at <= now) {
            SilenceState::Ended
        } else if now < self.starts_at {
            SilenceState::Pending
        } else if now < self.expires_at {
            SilenceState::Active
        } else if self.recurrence.is_some() {
            SilenceState::Pending
        } else {
            SilenceState::Ended
        }
    }

    /// Whether it mutes at `now`.
    #[must_use]
    pub fn is_active(&self, now: UnixMs) -> bool {
        self.state_at(now) == SilenceState::Active
    }
}

/// How a maintenance window comes back: on these days, at this time of the day where it is meant. The times that
/// come of it stand in the silence as instants, so that a client need not know of time zones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recurrence {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins, `HH:MM`.
    pub at: String,
    /// How long it lasts, in milliseconds.
    pub duration_ms: i64,
    /// Whose days and times are meant: `UTC`, or a name of the IANA database, for example `Europe/Berlin`.
    pub zone: String,
    /// After this instant it does not begin any more; `None` for one of the configuration, which ends with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixMs>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Weekday {
    /// The days, Monday first.
    pub const ALL: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];

    /// The word that people read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mon => "Mon",
            Self::Tue => "Tue",
            Self::Wed => "Wed",
            Self::Thu => "Thu",
            Self::Fri => "Fri",
            Self::Sat => "Sat",
            Self::Sun => "Sun",
        }
    }
}

/// Minutes since midnight of `HH:MM`; `None` for anything else.
#[must_use]
pub fn minute_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|it| it.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn silence(matchers: Vec<Matcher>, starts_at: i64, expires_at: i64) -> Silence {
        Silence {
            id: SilenceId(7),
            version: 1,
            kind: SilenceKind::Silence,
            matchers,
            starts_at: UnixMs(starts_at),
            expires_at: UnixMs(expires_at),
            reason: "moving the database".to_owned(),
            author: "priya".to_owned(),
            author_name: "Priya Raman".to_owned(),
            created_at: UnixMs(0),
            recurrence: None,
            configured: None,
            ended_at: None,
            ended_by_name: None,
            replaced_by: None,
            warned_at: None,
        }
    }

    #[test]
    fn it_mutes_from_its_start_until_just_before_its_end() {
        let it = silence(Vec::new(), 10, 20);
        for (now, state) in [
            (9, SilenceState::Pending),
            (10, SilenceState::Active),
            (19, SilenceState::Active),
            (20, SilenceState::Ended),
        ] {
            assert_eq!(it.state_at(UnixMs(now)), state, "{now}");
        }
    }

    #[test]
    fn what_was_ended_early_mutes_no_more_and_what_recurs_waits_for_its_next_time() {
        let mut it = silence(Vec::new(), 10, 20);
        it.ended_at = Some(UnixMs(15));
        assert!(it.is_active(UnixMs(14)) && !it.is_active(UnixMs(15)));
        it.ended_at = None;
        it.recurrence = Some(Recurrence {
            days: vec![Weekday::Sun],
            at: "02:00".to_owned(),
            duration_ms: 10,
            zone: "UTC".to_owned(),
            until: None,
        });
        assert_eq!(it.state_at(UnixMs(20)), SilenceState::Pending);
    }

    #[test]
    fn a_time_of_day_has_two_digits_each() {
        for (text, minutes) in [
            ("00:00", Some(0)),
            ("23:59", Some(1439)),
            ("24:00", None),
            ("2:00", None),
            ("02:60", None),
            ("02", None),
            ("+2:00", None),
        ] {
            assert_eq!(minute_of_day(text), minutes, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_shown() {
        assert_eq!(SilenceId::parse("SIL-7"), Some(SilenceId(7)));
        assert_eq!(
            SilenceId::parse(&SilenceId(7).to_string()),
            Some(SilenceId(7))
        );
        assert_eq!(SilenceId::parse("INC-7"), None);
    }
}
