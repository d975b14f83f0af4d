//! What a silence names: one field, one way to compare, one value. The same functions judge in the gateway, which
//! mutes, and in the console, which shows what is muted.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Subject;
use super::pattern;
use crate::alert::OWN_LABELS;
use crate::id::is_name;
use crate::problem::FieldProblem;

/// The longest value of a matcher, in characters.
pub const MAX_VALUE_CHARS: usize = 200;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MatchField {
    /// The product's id.
    Product,
    /// The check's id, `<product>.<name>`; empty for the product as a whole.
    Check,
    /// The name of the rule.
    Rule,
    /// The severity's word.
    Severity,
    /// One of the labels that the alert has by its rule, whose name `label` says; empty where the alert has
    /// none of this name.
    Label,
    /// The incident's title; for an alert without incident, what it says.
    Title,
    /// A field that this build does not know. Nothing matches it: what cannot be understood mutes nothing.
    #[serde(other)]
    Unrecognised,
}

impl MatchField {
    /// Those that people choose from.
    pub const ALL: [Self; 6] = [
        Self::Product,
        Self::Check,
        Self::Rule,
        Self::Severity,
        Self::Label,
        Self::Title,
    ];

    /// The word that people read, and that stands on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Check => "check",
            Self::Rule => "rule",
            Self::Severity => "severity",
            Self::Label => "label",
            Self::Title => "title",
            Self::Unrecognised => "unrecognised",
        }
    }
}

/// How it is compared. Upper and lower case of ASCII letters are the same throughout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MatchOperator {
    /// The same text.
    Is,
    /// Another text.
    IsNot,
    /// The text is of this pattern: `*` stands for any characters, `?` for one, `|` between alternatives, and `\`
    /// makes the next of these, or itself, ordinary.
    Matches,
    /// A way that this build does not know. Nothing matches it.
    #[serde(other)]
    Unrecognised,
}

impl MatchOperator {
    /// Those that people choose from.
    pub const ALL: [Self; 3] = [Self::Is, Self::IsNot, Self::Matches];

    /// The words that people read.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is not",
            Self::Matches => "matches",
            Self::Unrecognised => "unrecognised",
        }
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Matcher {
    /// What is compared.
    pub field: MatchField,
    /// Which label, where the field is `label`: lower-case letters, digits, `_` and `-`, a letter first. `None` for every
    /// other field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How.
    pub operator: MatchOperator,
    /// With what: 1 to 200 characters.
    pub value: String,
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, operator) = (self.field.word(), self.operator.words());
        match &self.label {
            Some(name) => write!(f, "{field} {name} {operator} {}", self.value),
            None => write!(f, "{field} {operator} {}", self.value),
        }
    }
}

impl Matcher {
    /// A condition on a field that every alert has.
    #[must_use]
    pub fn new(field: MatchField, operator: MatchOperator, value: &str) -> Self {
        Self {
            field,
            label: None,
            operator,
            value: value.to_owned(),
        }
    }

    /// A condition on the label of this name.
    #[must_use]
    pub fn of_label(name: &str, operator: MatchOperator, value: &str) -> Self {
        Self {
            label: Some(name.to_owned()),
            ..Self::new(MatchField::Label, operator, value)
        }
    }

    /// As it is, but that any of these words fits: one is compared as it is, several are the alternatives of a pattern.
    #[must_use]
    pub fn for_any_of<'w>(mut self, words: impl IntoIterator<Item = &'w str>) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        (self.operator, self.value) = match words.as_slice() {
            [only] => (MatchOperator::Is, (*only).to_owned()),
            _ => (MatchOperator::Matches, pattern::any_of(&words)),
        };
        self
    }

    /// Whether the subject is as the condition says.
    #[must_use]
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        // What cannot be understood mutes nothing: without its label, `is_not` would mute nearly everything.
        if !self.is_sound_about_labels() {
            return false;
        }
        let text = match self.field {
            MatchField::Product => subject.product,
            MatchField::Check => subject.check,
            MatchField::Rule => subject.rule,
            MatchField::Severity => subject.severity.word(),
            MatchField::Label => self.label.as_deref().map_or("", |it| subject.label(it)),
            MatchField::Title => subject.title,
            MatchField::Unrecognised => return false,
        };
        match self.operator {
            MatchOperator::Is => text.eq_ignore_ascii_case(&self.value),
            MatchOperator::IsNot => !text.eq_ignore_ascii_case(&self.value),
            MatchOperator::Matches => pattern::matches(&self.value, text),
            MatchOperator::Unrecognised => false,
        }
    }

    /// Whether it narrows nothing: a pattern of which one alternative is of stars alone.
    #[must_use]
    pub fn is_vacuous(&self) -> bool {
        self.operator == MatchOperator::Matches && pattern::is_everything(&self.value)
    }

    /// What is wrong with it, by the member of it that is; `None` when nothing is.
    #[must_use]
    pub fn problem(&self) -> Option<FieldProblem> {
        if self.field == MatchField::Unrecognised {
            let text = "Choose product, check, rule, severity, label or title.";
            return Some(FieldProblem::new("field", text));
        }
        if let Some(text) = self.label_problem() {
            return Some(FieldProblem::new("label", &text));
        }
        if self.operator == MatchOperator::Unrecognised {
            let text = "Choose is, is_not or matches.";
            return Some(FieldProblem::new("operator", text));
        }
        self.value_problem()
            .map(|text| FieldProblem::new("value", &text))
    }

    /// Whether it names a label that can be, or none where none belongs. Apart from [`Self::label_problem`] because whoever
    /// only compares needs no sentences.
    fn is_sound_about_labels(&self) -> bool {
        match (self.field, self.label.as_deref()) {
            (MatchField::Label, Some(name)) => is_name(name) && !OWN_LABELS.contains(&name),
            (MatchField::Label, None) => false,
            (_, label) => label.is_none(),
        }
    }

    /// What is wrong with the label's name, or with there being one; `None` when nothing is.
    #[must_use]
    pub fn label_problem(&self) -> Option<String> {
        if self.is_sound_about_labels() {
            return None;
        }
        Some(
            match (self.field, self.label.as_deref().unwrap_or_default()) {
                (MatchField::Label, "") => "Say which label, for example team.".to_owned(),
                (MatchField::Label, name) if is_name(name) => format!(
                    "Every alert has a {name} of its own; choose {name} as the field instead of label."
                ),
                (MatchField::Label, name) => format!(
                    "`{name}` is no name of a label; use lower-case letters, digits, _ and -, a letter first, for example team."
                ),
                (field, _) => format!(
                    "Leave it out, or choose label as the field; {} has none.",
                    field.word()
                ),
            },
        )
    }

    fn value_problem(&self) -> Option<String> {
        let count = self.value.chars().count();
        if self.value.trim().is_empty() {
            let what = self.label.as_deref().unwrap_or(self.field.word());
            return Some(format!("Say which {what}."));
        }
        if count > MAX_VALUE_CHARS {
            return Some(format!(
                "Shorten it to {MAX_VALUE_CHARS} characters; it has {count}."
            ));
        }
        if self.operator == MatchOperator::Matches {
            return pattern::problem(&self.value);
        }
        None
    }
}

#[cfg(test)]
#[path = "matcher_tests.rs"]
mod tests;
