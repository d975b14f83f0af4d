//! Ownership with an end: who has an incident, until when, and to whom it is being handed over.

use serde::{Deserialize, Serialize};

use crate::priority::Priority;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};

/// The shortest lease, in milliseconds.
pub const MIN_LEASE_MS: i64 = MINUTE_MS;
/// The longest lease, in milliseconds: ownership that nobody looks at for a week is no ownership.
pub const MAX_LEASE_MS: i64 = 7 * DAY_MS;
/// For how long an acknowledgement can be undone, in milliseconds.
pub const UNDO_WITHIN_MS: i64 = 10 * SECOND_MS;
/// For how long an offer stands, in milliseconds; the lease's end ends it too.
pub const OFFER_STANDS_MS: i64 = 15 * MINUTE_MS;

/// Ownership with an end. On lapse the incident is triggered again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lease {
    /// The account that has it.
    pub owner: String,
    /// The owner's name for people.
    pub owner_name: String,
    /// What the owner wrote; empty where the product asks for no note.
    pub note: String,
    /// Since when.
    pub since: UnixMs,
    /// Until when.
    pub until: UnixMs,
    /// What ends it early.
    pub scope: LeaseScope,
    /// To whom it is offered; `None` when to nobody. The owner has it until the offer is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    /// How the acknowledgement can be taken back; `None` once it was handed over or renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
}

/// What ends a lease before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LeaseScope {
    /// Only its time, a release, or the end of the incident.
    UntilResolved,
    /// A rise of the severity ends it. Also what an unrecognised scope decodes to: the stricter one.
    #[serde(other)]
    Severity,
}

/// An incident on offer: it goes to somebody else when they accept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Offer {
    /// The account that may accept it.
    pub account: String,
    /// That account's name for people.
    pub name: String,
    /// What was written with it; empty when nothing was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When it was made.
    pub at: UnixMs,
    /// Until when it can be accepted.
    pub until: UnixMs,
}

/// How an acknowledgement can be taken back as if it had not happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Undo {
    /// Until when.
    pub until: UnixMs,
    /// The incident's version that the acknowledgement made. Another one means that something else happened since.
    pub version: u64,
    /// Whether it was the incident's first answer, so that taking it back leaves none.
    #[serde(default)]
    pub first_answer: bool,
}

impl Undo {
    /// Whether the acknowledgement of an incident that has this version now can be taken back at `now`.
    #[must_use]
    pub const fn is_open(&self, version: u64, now: UnixMs) -> bool {
        self.version == version && now.0 < self.until.0
    }
}

impl Lease {
    /// The offer that can be accepted at `now`; `None` when there is none, or its time is over.
    #[must_use]
    pub fn standing_offer(&self, now: UnixMs) -> Option<&Offer> {
        self.offer.as_ref().filter(|it| now < it.until)
    }
}

/// What a product asks of those who acknowledge its incidents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AcknowledgePolicy {
    /// Whether there must be a note.
    #[serde(default = "yes")]
    pub note_required: bool,
    /// The spans of leases by priority; what is not named here has the usual ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leases: Vec<LeaseSpans>,
    /// The priorities of which channels can be told that somebody took an incident.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub can_tell: Vec<Priority>,
    /// Those of them of which they are told unless who takes it chooses otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tells: Vec<Priority>,
}

const fn yes() -> bool {
    true
}

impl Default for AcknowledgePolicy {
    fn default() -> Self {
        Self {
            note_required: true,
            leases: Vec::new(),
            can_tell: Vec::new(),
            tells: Vec::new(),
        }
    }
}

/// How long a lease of one priority is to last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeaseSpans {
    /// The priority.
    pub priority: Priority,
    /// The span when nothing is chosen, in milliseconds; one of `choices_ms`.
    pub default_ms: i64,
    /// The spans on offer, in milliseconds, shortest first.
    pub choices_ms: Vec<i64>,
}

impl AcknowledgePolicy {
    /// Whether channels are told that somebody took an incident of this priority, unless they choose otherwise; `None`
    /// when there is nobody to tell.
    #[must_use]
    pub fn tells(&self, priority: Priority) -> Option<bool> {
        let can = self.can_tell.contains(&priority);
        can.then(|| self.tells.contains(&priority))
    }

    /// The spans for incidents of this priority: the product's own, or the usual ones.
    #[must_use]
    pub fn spans(&self, priority: Priority) -> LeaseSpans {
        let own = self.leases.iter().find(|it| it.priority == priority);
        own.cloned().unwrap_or_else(|| usual_spans(priority))
    }
}

/// The spans where a product says nothing: urgent work is looked at again sooner.
#[must_use]
pub fn usual_spans(priority: Priority) -> LeaseSpans {
    let choices_ms = match priority {
        Priority::P0 | Priority::P1 => [30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS],
        Priority::P2 => [HOUR_MS, 2 * HOUR_MS, 8 * HOUR_MS],
        Priority::P3 => [2 * HOUR_MS, 8 * HOUR_MS, DAY_MS],
    };
    LeaseSpans {
        priority,
        default_ms: priority.default_lease_ms(),
        choices_ms: choices_ms.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_default_is_one_of_the_usual_choices() {
        for priority in [Priority::P0, Priority::P1, Priority::P2, Priority::P3] {
            let spans = usual_spans(priority);
            assert!(spans.choices_ms.contains(&spans.default_ms), "{priority}");
            assert!(spans.choices_ms.is_sorted(), "{priority}");
        }
        assert_eq!(usual_spans(Priority::P0).default_ms, HOUR_MS);
        assert_eq!(usual_spans(Priority::P2).default_ms, 8 * HOUR_MS);
    }

    #[test]
    fn a_product_that_names_one_priority_keeps_the_usual_spans_of_the_others() {
        let policy: AcknowledgePolicy = serde_json::from_str(
            r#"{"leases":[{"priority":"P1","default_ms":60000,"choices_ms":[60000]}]}"#,
        )
        .unwrap_or_default();
        assert!(policy.note_required);
        assert_eq!(policy.spans(Priority::P1).default_ms, MINUTE_MS);
        assert_eq!(policy.spans(Priority::P2), usual_spans(Priority::P2));
    }

    #[test]
    fn undo_is_open_until_its_time_and_for_its_version_alone() {
        let undo = Undo {
            until: UnixMs(10_000),
            version: 4,
            first_answer: true,
        };
        assert!(undo.is_open(4, UnixMs(9_999)));
        assert!(!undo.is_open(4, UnixMs(10_000)));
        assert!(!undo.is_open(5, UnixMs(0)));
    }
}
