//! One action for many incidents in one request: each is judged by itself, and the answer says what became of each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::action::{AcknowledgeRequest, NoteRequest, note_problems};
use crate::id::IncidentId;
use crate::permits::Action;
use crate::problem::FieldProblem;

/// The most incidents of one request.
pub const MAX_BULK: usize = 200;

/// Body of `POST /api/monitoring/incidents/bulk`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// Which incidents, each once, at most 200.
    pub items: Vec<BulkItem>,
    /// What to do to each of them.
    pub action: BulkAction,
}

/// One incident of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkItem {
    /// Its number.
    pub id: IncidentId,
    /// The version that the person saw.
    pub version: u64,
}

/// What can be done to many at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// Take them, with one note and one span.
    Acknowledge(AcknowledgeRequest),
    /// Take the acknowledgements back within their seconds.
    Undo(NoteRequest),
    /// End them, with one note.
    Resolve(NoteRequest),
}

/// Answer of `POST /api/monitoring/incidents/bulk`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BulkAnswer {
    /// What became of each incident, in the request's order.
    pub items: Vec<BulkResult>,
    /// The place of the last change in the feed, or its head when nothing changed.
    pub seq: u64,
}

/// What became of one incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BulkResult {
    /// Its number.
    pub id: IncidentId,
    /// What became of it.
    pub outcome: BulkOutcome,
    /// Its version now; 0 when there is no such incident.
    pub version: u64,
    /// Why it was not done, in one sentence; empty when it was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// What can become of one incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkOutcome {
    /// It was done.
    Done,
    /// Somebody else has it already; they stay its owner.
    AlreadyAcknowledged,
    /// It was over already.
    Resolved,
    /// It changed since it was seen: look again.
    Changed,
    /// There is no such incident.
    NotFound,
    /// It was refused for another reason, which `detail` tells. Also what an unrecognised outcome decodes to.
    #[serde(other)]
    Refused,
}

impl BulkAction {
    /// The action that is done to each.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Acknowledge(_) => Action::Acknowledge,
            Self::Undo(_) => Action::Undo,
            Self::Resolve(_) => Action::Resolve,
        }
    }
}

impl BulkRequest {
    /// Everything that is wrong with the request; empty when it can be sent.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = match &self.action {
            BulkAction::Acknowledge(body) => body.problems(),
            BulkAction::Undo(body) => note_problems(&body.note, false),
            BulkAction::Resolve(body) => note_problems(&body.note, true),
        };
        let once: BTreeSet<IncidentId> = self.items.iter().map(|it| it.id).collect();
        let text = if self.items.is_empty() {
            "Choose at least one incident.".to_owned()
        } else if self.items.len() > MAX_BULK {
            format!(
                "Choose {MAX_BULK} incidents at most; these are {}.",
                self.items.len()
            )
        } else if once.len() < self.items.len() {
            "Name each incident once.".to_owned()
        } else {
            return problems;
        };
        problems.push(FieldProblem {
            field: "items".to_owned(),
            text,
        });
        problems
    }
}

impl BulkAnswer {
    /// How many of the incidents came to this.
    #[must_use]
    pub fn count(&self, outcome: BulkOutcome) -> usize {
        self.items.iter().filter(|it| it.outcome == outcome).count()
    }

    /// What became of all of them in one line, for example
    /// `17 acknowledged, 2 already had owners, 1 resolved meanwhile.`; `done` is the word for what was done.
    #[must_use]
    pub fn summary(&self, done: &str) -> String {
        let plural = |count: usize, one: &str, more: &str| {
            format!("{count} {}", if count == 1 { one } else { more })
        };
        let mut parts = vec![format!("{} {done}", self.count(BulkOutcome::Done))];
        for outcome in [
            BulkOutcome::AlreadyAcknowledged,
            BulkOutcome::Resolved,
            BulkOutcome::Changed,
            BulkOutcome::NotFound,
            BulkOutcome::Refused,
        ] {
            let count = self.count(outcome);
            if count > 0 {
                parts.push(match outcome {
                    BulkOutcome::AlreadyAcknowledged => {
                        plural(count, "already had an owner", "already had owners")
                    }
                    BulkOutcome::Resolved => format!("{count} resolved meanwhile"),
                    BulkOutcome::Changed => format!("{count} changed meanwhile"),
                    BulkOutcome::NotFound => format!("{count} not found"),
                    BulkOutcome::Refused | BulkOutcome::Done => format!("{count} refused"),
                });
            }
        }
        format!("{}.", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(id: u64, outcome: BulkOutcome) -> BulkResult {
        BulkResult {
            id: IncidentId(id),
            outcome,
            version: 2,
            detail: String::new(),
        }
    }

    fn request(ids: impl IntoIterator<Item = u64>) -> BulkRequest {
        BulkRequest {
            items: ids
                .into_iter()
                .map(|id| BulkItem {
                    id: IncidentId(id),
                    version: 1,
                })
                .collect(),
            action: BulkAction::Resolve(NoteRequest {
                note: "over".to_owned(),
            }),
        }
    }

    #[test]
    fn the_summary_counts_each_outcome_in_words() {
        let mut items: Vec<BulkResult> = (0..17).map(|id| result(id, BulkOutcome::Done)).collect();
        items.extend([18, 19].map(|id| result(id, BulkOutcome::AlreadyAcknowledged)));
        items.push(result(20, BulkOutcome::Resolved));
        let answer = BulkAnswer { items, seq: 9 };
        assert_eq!(
            answer.summary("acknowledged"),
            "17 acknowledged, 2 already had owners, 1 resolved meanwhile."
        );
        let none = BulkAnswer {
            items: vec![result(1, BulkOutcome::Changed)],
            seq: 9,
        };
        assert_eq!(none.summary("resolved"), "0 resolved, 1 changed meanwhile.");
    }

    #[test]
    fn a_request_names_between_one_and_two_hundred_incidents_once_each() {
        for (ids, fine) in [
            ((0..0).collect::<Vec<u64>>(), false),
            ((0..1).collect(), true),
            ((0..200).collect(), true),
            ((0..201).collect(), false),
            (vec![7, 8, 7], false),
        ] {
            let found = request(ids.clone()).problems();
            assert_eq!(found.is_empty(), fine, "{ids:?}");
            assert!(found.iter().all(|it| it.field == "items"));
        }
    }

    #[test]
    fn an_outcome_of_the_future_is_a_refusal() {
        let read: Option<BulkResult> =
            serde_json::from_str(r#"{"id":1,"outcome":"postponed","version":3}"#).ok();
        assert_eq!(read.map(|it| it.outcome), Some(BulkOutcome::Refused));
    }
}
