//! What people ask of incidents, and when a request is complete.

use serde::{Deserialize, Serialize};

use crate::id::{IncidentId, ProductId};
use crate::incident::{Incident, LeaseScope};
pub use crate::lease::{MAX_LEASE_MS, MIN_LEASE_MS};
use crate::priority::Priority;
use crate::problem::FieldProblem;

/// The longest note, in characters.
pub const MAX_NOTE_CHARS: usize = 500;
/// The longest post-incident note, in characters.
pub const MAX_REVIEW_CHARS: usize = 4_000;
/// The longest title of an incident that a person opens, in characters.
pub const MAX_TITLE_CHARS: usize = 120;

/// Body of `POST …/incidents/{id}/acknowledge`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeRequest {
    /// Why, or what comes next: at most 500 characters, and not empty unless the product asks for none.
    pub note: String,
    /// How long, in milliseconds: one minute to seven days.
    pub lease_ms: i64,
    /// What ends it early.
    pub scope: LeaseScope,
    /// The account to which it is offered at once; `None` when to nobody. Who acknowledges has it until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_to: Option<String>,
    /// Whether the channels are told that it was taken; `None` leaves it to the product's policy. What waits to ask for an
    /// answer is withdrawn either way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<bool>,
}

/// Body of `POST …/incidents/{id}/renew`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RenewRequest {
    /// How long from now, in milliseconds: one minute to seven days.
    pub lease_ms: i64,
    /// What comes next; replaces the lease's note unless it is empty. At most 500 characters.
    #[serde(default)]
    pub note: String,
}

/// Body of `POST …/incidents/{id}/merge`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MergeRequest {
    /// The incident of the same product in which it goes on.
    pub into: IncidentId,
    /// The version of that incident which the person saw.
    pub version: u64,
    /// Why they are the same; at most 500 characters.
    #[serde(default)]
    pub note: String,
}

/// Body of `POST …/incidents/{id}/link`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// The other incident.
    pub to: IncidentId,
    /// How they have to do with each other; at most 500 characters.
    #[serde(default)]
    pub note: String,
}

/// Body of `POST …/incidents/{id}/review`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    /// What was learned: 1 to 4,000 characters.
    pub note: String,
}

/// Body of `POST /api/monitoring/incidents`: an incident that no alert opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// The product it is about.
    pub product: ProductId,
    /// What is wrong, in one line: 3 to 120 characters.
    pub title: String,
    /// How soon people must answer.
    #[serde(deserialize_with = "known_priority")]
    #[cfg_attr(feature = "schema", schemars(with = "KnownPriority"))]
    pub priority: Priority,
    /// What is known; at most 500 characters.
    #[serde(default)]
    pub note: String,
}

/// A priority in a request. What a gateway says is read kindly; a slip of the pen in a request would page the wrong
/// people.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum KnownPriority {
    P0,
    P1,
    P2,
    P3,
}

fn known_priority<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Priority, D::Error> {
    Ok(match KnownPriority::deserialize(deserializer)? {
        KnownPriority::P0 => Priority::P0,
        KnownPriority::P1 => Priority::P1,
        KnownPriority::P2 => Priority::P2,
        KnownPriority::P3 => Priority::P3,
    })
}

/// Body of `POST …/incidents/{id}/comment`, `…/undo`, `…/release`, `…/accept`, `…/decline`, `…/withdraw`,
/// `…/escalate` and `…/resolve`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NoteRequest {
    /// What to say; may be empty except in a comment and when resolving by hand. At most 500 characters.
    #[serde(default)]
    pub note: String,
}

/// Body of `POST …/incidents/{id}/assign` and `…/hand-over`.
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
    /// What is wrong with its form whatever the product asks; empty when it can be sent.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        self.problems_for(false)
    }

    /// Everything that is wrong with the request, where the product asks for a note or does not.
    #[must_use]
    pub fn problems_for(&self, note_required: bool) -> Vec<FieldProblem> {
        let mut problems = note_problems(&self.note, note_required);
        problems.extend(lease_problem(self.lease_ms));
        problems
    }
}

impl RenewRequest {
    /// Everything that is wrong with the request; empty when it can be sent.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = note_problems(&self.note, false);
        problems.extend(lease_problem(self.lease_ms));
        problems
    }
}

impl ReviewRequest {
    /// Everything that is wrong with the request; empty when it can be sent.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        text_problems("note", &self.note, 1..=MAX_REVIEW_CHARS)
    }
}

impl OpenRequest {
    /// Everything that is wrong with the request; empty when it can be sent. Whether there is such a product only
    /// the gateway knows.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = text_problems("title", &self.title, 3..=MAX_TITLE_CHARS);
        if self.title.contains(char::is_control) {
            problems.push(FieldProblem::new("title", "Write it in one line."));
        }
        if self.product.as_str().is_empty() {
            problems.push(FieldProblem::new("product", "Choose the product."));
        }
        problems.extend(note_problems(&self.note, false));
        problems
    }
}

fn lease_problem(lease_ms: i64) -> Option<FieldProblem> {
    let within = (MIN_LEASE_MS..=MAX_LEASE_MS).contains(&lease_ms);
    (!within).then(|| {
        FieldProblem::new(
            "lease_ms",
            "Hold it for one minute at least and seven days at most.",
        )
    })
}

/// What is wrong with the length of a text, blanks around it not counted.
fn text_problems(
    field: &str,
    text: &str,
    chars: std::ops::RangeInclusive<usize>,
) -> Vec<FieldProblem> {
    let count = text.trim().chars().count();
    let (least, most) = chars.into_inner();
    let text = if count < least {
        format!("Write {least} characters at least.")
    } else if count > most {
        format!("Shorten it to {most} characters; it has {count}.")
    } else {
        return Vec::new();
    };
    vec![FieldProblem {
        field: field.to_owned(),
        text,
    }]
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
            offer_to: None,
            notify: None,
        }
    }

    #[test]
    fn a_note_of_blanks_is_no_note_where_one_is_asked_for() {
        assert_eq!(request(" \n ", MIN_LEASE_MS).problems_for(true).len(), 1);
        assert!(request(" \n ", MIN_LEASE_MS).problems_for(false).is_empty());
    }

    #[test]
    fn a_title_is_one_line_of_three_to_120_characters() {
        for (title, fine) in [
            ("abc", true),
            (" ab ", false),
            (&"ä".repeat(MAX_TITLE_CHARS), true),
            (&"a".repeat(MAX_TITLE_CHARS + 1), false),
            ("two\nlines", false),
        ] {
            let request = OpenRequest {
                product: ProductId::from("shop"),
                title: title.to_owned(),
                priority: Priority::P2,
                note: String::new(),
            };
            assert_eq!(request.problems().is_empty(), fine, "{title}");
        }
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
