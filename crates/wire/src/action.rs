//! What people ask of incidents, and when a request is complete.

use serde::{Deserialize, Serialize};

use crate::incident::{Incident, LeaseScope};
use crate::problem::FieldProblem;
use crate::time::{DAY_MS, MINUTE_MS};

/// The longest note, in characters.
pub const MAX_NOTE_CHARS: usize = 500;
/// The shortest lease, in milliseconds.
pub const MIN_LEASE_MS: i64 = MINUTE_MS;
/// The longest lease, in milliseconds: ownership that nobody looks at for a week is no ownership.
pub const MAX_LEASE_MS: i64 = 7 * DAY_MS;

/// Body of `POST …/incidents/{id}/acknowledge`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeRequest {
    /// Why, or what comes next: 1 to 500 characters.
    pub note: String,
    /// How long, in milliseconds: one minute to seven days.
    pub lease_ms: i64,
    /// What ends it early.
    pub scope: LeaseScope,
}

/// Body of `POST …/incidents/{id}/comment`, `…/release`, `…/escalate` and `…/resolve`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoteRequest {
    /// What to say; may be empty except in a comment and when resolving by hand. At most 500 characters.
    #[serde(default)]
    pub note: String,
}

/// Body of `POST …/incidents/{id}/assign`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignRequest {
    /// The account that gets it.
    pub account: String,
    /// Why; at most 500 characters.
    #[serde(default)]
    pub note: String,
}

/// Answer of every action that was carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActionAnswer {
    /// The incident as it stands now.
    pub incident: Incident,
    /// The change's place in the feed.
    pub seq: u64,
}

impl AcknowledgeRequest {
    /// Everything that is wrong with the request; empty when it can be sent.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = note_problems(&self.note, true);
        if !(MIN_LEASE_MS..=MAX_LEASE_MS).contains(&self.lease_ms) {
            problems.push(FieldProblem::new(
                "lease_ms",
                "Hold it for one minute at least and seven days at most.",
            ));
        }
        problems
    }
}

/// What is wrong with a note.
#[must_use]
pub fn note_problems(note: &str, required: bool) -> Vec<FieldProblem> {
    let count = note.trim().chars().count();
    if required && count == 0 {
        return vec![FieldProblem::new(
            "note",
            "Write what you know or do next, in a few words.",
        )];
    }
    if count > MAX_NOTE_CHARS {
        let text = format!("Shorten it to {MAX_NOTE_CHARS} characters; it has {count}.");
        return vec![FieldProblem {
            field: "note".to_owned(),
            text,
        }];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(note: &str, lease_ms: i64) -> AcknowledgeRequest {
        AcknowledgeRequest {
            note: note.to_owned(),
            lease_ms,
            scope: LeaseScope::Severity,
        }
    }

    #[test]
    fn a_note_of_blanks_is_no_note() {
        assert_eq!(request(" \n ", MIN_LEASE_MS).problems().len(), 1);
    }

    #[test]
    fn note_length_counts_characters_not_bytes() {
        assert!(
            request(&"ä".repeat(MAX_NOTE_CHARS), MIN_LEASE_MS)
                .problems()
                .is_empty()
        );
        assert_eq!(
            request(&"a".repeat(MAX_NOTE_CHARS + 1), MIN_LEASE_MS)
                .problems()
                .len(),
            1
        );
    }

    #[test]
    fn a_lease_never_lasts_for_ever() {
        assert!(request("x", MAX_LEASE_MS).problems().is_empty());
        assert_eq!(
            request("x", MAX_LEASE_MS + 1).problems()[0].field,
            "lease_ms"
        );
        assert_eq!(request("x", 0).problems()[0].field, "lease_ms");
    }
}
