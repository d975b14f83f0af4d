//! Failures over HTTP: `application/problem+json` (RFC 9457) with the project's own members.

use serde::{Deserialize, Serialize};

use crate::incident::Incident;

/// What went wrong, in words that people can act on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// What kind of failure, stable, for programs: `invalid`, `already_acknowledged`, `changed`, …
    pub code: String,
    /// What kind of failure, in a few words.
    pub title: String,
    /// What was wrong and what to do.
    #[serde(default)]
    pub detail: String,
    /// Problems by field, for forms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// The incident as it stands, where the answer is that it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Box<Incident>>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldProblem {
    /// The field's name in the request.
    pub field: String,
    /// What to do about it, in one sentence.
    pub text: String,
}

impl FieldProblem {
    /// A problem with `field`.
    #[must_use]
    pub fn new(field: &str, text: &str) -> Self {
        Self {
            field: field.to_owned(),
            text: text.to_owned(),
        }
    }
}
