//! Who is on call: rotations, whose turn it is now and next, and overrides, by which somebody takes a turn that is not
//! theirs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::ProductId;
use crate::problem::FieldProblem;
use crate::time::{DAY_MS, UnixMs};

/// An override lasts this long at most, in milliseconds. What is longer belongs into the rotation.
pub const MAX_OVERRIDE_MS: i64 = 31 * DAY_MS;
/// An override begins within this time from now, in milliseconds.
pub const MAX_AHEAD_MS: i64 = 366 * DAY_MS;
/// The most characters of a reason.
pub const MAX_REASON_CHARS: usize = 500;

/// An override's number; people see `OVR-7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct OverrideId(pub u64);

impl fmt::Display for OverrideId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OVR-{}", self.0)
    }
}

impl OverrideId {
    /// Reads `OVR-7` or `7`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.strip_prefix("OVR-").unwrap_or(text);
        number.parse().ok().map(Self)
    }
}

/// Answer of `GET /api/monitoring/on-call`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OnCallBoard {
    /// When the gateway said so.
    pub at: UnixMs,
    /// The rotations, in the order of the configuration; empty when there are none.
    pub rotations: Vec<Rotation>,
    /// Everybody who can be on call, in the order of the configuration.
    pub people: Vec<Person>,
}

/// Somebody who can be on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Person {
    /// By which rotations name them.
    pub id: String,
    /// For people.
    pub name: String,
    /// How they are reached, for people; empty when nothing is configured.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
}

/// A rotation, and who has which turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rotation {
    /// By which escalation steps name it.
    pub id: String,
    /// For people.
    pub name: String,
    /// The products of which an escalation step names it.
    #[serde(default)]
    pub products: Vec<ProductId>,
    /// Who has which turn from `at` on, soonest first, at most eight. Where one ends and the next has not begun,
    /// nobody is on call.
    #[serde(default)]
    pub shifts: Vec<Shift>,
    /// Overrides that go on or will, soonest first.
    #[serde(default)]
    pub overrides: Vec<Override>,
    /// How the calendar stands that the turns are read from; `None` when they stand in the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarState>,
}

impl Rotation {
    /// Whose turn it is at `now`, as far as this answer says; `None` when it is nobody's.
    #[must_use]
    pub fn shift_at(&self, now: UnixMs) -> Option<&Shift> {
        self.shifts.iter().find(|it| it.covers(now))
    }

    /// The first turn that begins after `now`.
    #[must_use]
    pub fn next_after(&self, now: UnixMs) -> Option<&Shift> {
        self.shifts.iter().find(|it| it.starts_at > now)
    }
}

/// Somebody's turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shift {
    /// Who, by id.
    pub person: String,
    /// Who, for people.
    pub name: String,
    /// From when on; of a turn that went on already, when the gateway was asked.
    pub starts_at: UnixMs,
    /// Until when; `None` when no end is in sight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<UnixMs>,
    /// The override by which they have it; `None` when it is their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_override: Option<OverrideId>,
}

impl Shift {
    /// Whether it is their turn at `now`.
    #[must_use]
    pub fn covers(&self, now: UnixMs) -> bool {
        self.starts_at <= now && self.ends_at.is_none_or(|end| now < end)
    }
}

/// Somebody takes the turn of whoever would have it, from a time to a time. Of several at once the newest counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Override {
    /// Its number.
    pub id: OverrideId,
    /// In which rotation.
    pub rotation: String,
    /// Who takes the turn, by id.
    pub person: String,
    /// From when on.
    pub starts_at: UnixMs,
    /// Until when.
    pub ends_at: UnixMs,
    /// Why; empty when nothing was said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The account that made it.
    pub author: String,
    /// That account's name for people.
    pub author_name: String,
    /// When it was made.
    pub created_at: UnixMs,
    /// When it was ended before its time; `None` when it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UnixMs>,
    /// Who ended it; `None` when nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by_name: Option<String>,
}

impl Override {
    /// When it is over: its end, or when somebody ended it.
    #[must_use]
    pub fn over_at(&self) -> UnixMs {
        self.ended_at
            .map_or(self.ends_at, |it| it.min(self.ends_at))
    }

    /// Whether it counts at `at`.
    #[must_use]
    pub fn covers(&self, at: UnixMs) -> bool {
        self.starts_at <= at && at < self.over_at()
    }
}

/// How a calendar stands. What was read last goes on counting while it cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarState {
    /// When it was last read and understood; `None` when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<UnixMs>,
    /// When it was last tried; `None` when it was not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<UnixMs>,
    /// Why the last try failed; empty when it did not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub problem: String,
}

/// Body of `POST …/on-call/overrides`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OverrideRequest {
    /// In which rotation.
    pub rotation: String,
    /// Who takes the turn, by id.
    pub person: String,
    /// From when on; now when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<UnixMs>,
    /// Until when.
    pub ends_at: UnixMs,
    /// Why; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl OverrideRequest {
    /// When it begins, asked at `now`. What is past has been.
    #[must_use]
    pub fn begins_at(&self, now: UnixMs) -> UnixMs {
        self.starts_at.map_or(now, |it| it.max(now))
    }

    /// What is wrong with its times and words; whether its names are there only the gateway knows.
    #[must_use]
    pub fn problems(&self, now: UnixMs) -> Vec<FieldProblem> {
        let begins = self.begins_at(now);
        let mut problems = Vec::new();
        if begins.since_ms(now) > MAX_AHEAD_MS {
            let text = "It begins within a year. Later turns belong into the rotation.";
            problems.push(FieldProblem::new("starts_at", text));
        }
        if self.ends_at <= now {
            problems.push(FieldProblem::new("ends_at", "It ends in the past."));
        } else if self.ends_at <= begins {
            problems.push(FieldProblem::new("ends_at", "It ends before it begins."));
        } else if self.ends_at.since_ms(begins) > MAX_OVERRIDE_MS {
            let text = "It lasts 31 days at most. What is longer belongs into the rotation.";
            problems.push(FieldProblem::new("ends_at", text));
        }
        let chars = self.reason.trim().chars().count();
        if chars > MAX_REASON_CHARS {
            let text = format!("It has {chars} characters; {MAX_REASON_CHARS} are the most.");
            problems.push(FieldProblem::new("reason", &text));
        }
        problems
    }
}

/// Answer of whatever was done to an override.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OverrideAnswer {
    /// The override as it stands now.
    #[serde(rename = "override")]
    pub changed: Override,
    /// Where the feed stood.
    pub seq: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR_MS;

    fn request(starts_at: Option<i64>, ends_at: i64) -> OverrideRequest {
        OverrideRequest {
            rotation: "primary".to_owned(),
            person: "omar".to_owned(),
            starts_at: starts_at.map(UnixMs),
            ends_at: UnixMs(ends_at),
            reason: String::new(),
        }
    }

    #[test]
    fn an_override_lies_ahead_and_ends_within_a_month() {
        let now = UnixMs(10 * DAY_MS);
        let fields = |it: &OverrideRequest| -> Vec<String> {
            it.problems(now).into_iter().map(|it| it.field).collect()
        };
        let none: [&str; 0] = [];
        assert_eq!(fields(&request(None, now.0 + HOUR_MS)), none);
        assert_eq!(fields(&request(None, now.0 + MAX_OVERRIDE_MS)), none);
        assert_eq!(fields(&request(None, now.0)), ["ends_at"]);
        assert_eq!(
            fields(&request(None, now.0 + MAX_OVERRIDE_MS + 1)),
            ["ends_at"]
        );
        // What began in the past begins now.
        assert_eq!(fields(&request(Some(0), now.0 + MAX_OVERRIDE_MS)), none);
        let tomorrow = now.0 + DAY_MS;
        assert_eq!(fields(&request(Some(tomorrow), tomorrow)), ["ends_at"]);
        let late = now.0 + MAX_AHEAD_MS + 1;
        assert_eq!(fields(&request(Some(late), late + 1)), ["starts_at"]);
        let mut long = request(None, tomorrow);
        long.reason = "x".repeat(MAX_REASON_CHARS + 1);
        assert_eq!(fields(&long), ["reason"]);
    }

    #[test]
    fn an_override_that_was_ended_counts_no_more() {
        let json = include_str!("../golden/answer.override.json");
        let answer: Result<OverrideAnswer, _> = serde_json::from_str(json);
        let Ok(OverrideAnswer {
            changed: mut it, ..
        }) = answer
        else {
            panic!("{answer:?}")
        };
        let (start, end) = (it.starts_at, it.ends_at);
        it.ended_at = None;
        assert!(it.covers(start) && it.covers(UnixMs(end.0 - 1)) && !it.covers(end));
        it.ended_at = Some(start.plus_ms(5));
        assert!(it.covers(start) && !it.covers(start.plus_ms(5)));
        it.ended_at = Some(UnixMs(start.0 - 5));
        assert!(!it.covers(start));
    }
}
