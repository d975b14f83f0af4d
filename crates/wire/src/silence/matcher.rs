//! What a silence names: one field, one way to compare, one value. The same functions judge in the gateway, which
//! mutes, and in the console, which shows what is muted.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Subject;
use super::pattern;

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
    /// The incident's title; for an alert without incident, what it says.
    Title,
    /// A field that this build does not know. Nothing matches it: what cannot be understood mutes nothing.
    #[serde(other)]
    Unrecognised,
}

impl MatchField {
    /// Those that people choose from.
    pub const ALL: [Self; 5] = [
        Self::Product,
        Self::Check,
        Self::Rule,
        Self::Severity,
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
    /// How.
    pub operator: MatchOperator,
    /// With what: 1 to 200 characters.
    pub value: String,
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, operator) = (self.field.word(), self.operator.words());
        write!(f, "{field} {operator} {}", self.value)
    }
}

impl Matcher {
    /// A condition.
    #[must_use]
    pub fn new(field: MatchField, operator: MatchOperator, value: &str) -> Self {
        Self {
            field,
            operator,
            value: value.to_owned(),
        }
    }

    /// Whether the subject is as the condition says.
    #[must_use]
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        let text = match self.field {
            MatchField::Product => subject.product,
            MatchField::Check => subject.check,
            MatchField::Rule => subject.rule,
            MatchField::Severity => subject.severity.word(),
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

    /// What is wrong with it; `None` when nothing is.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if self.field == MatchField::Unrecognised {
            return Some("Choose product, check, rule, severity or title.".to_owned());
        }
        if self.operator == MatchOperator::Unrecognised {
            return Some("Choose is, is_not or matches.".to_owned());
        }
        let count = self.value.chars().count();
        if self.value.trim().is_empty() {
            return Some(format!("Say which {}.", self.field.word()));
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
mod tests {
    use super::*;
    use crate::priority::Severity;

    fn subject() -> Subject<'static> {
        Subject {
            product: "chatpdd",
            check: "chatpdd.api",
            rule: "API errors",
            severity: Severity::Critical,
            title: "ChatPDD error rate above 5 %",
        }
    }

    #[test]
    fn conditions_follow_the_table() {
        use MatchField::{Check, Product, Rule, Severity, Title, Unrecognised};
        use MatchOperator::{Is, IsNot, Matches};
        for (field, operator, value, expected) in [
            (Product, Is, "chatpdd", true),
            (Product, Is, "ChatPDD", true),
            (Product, Is, "chatpd", false),
            (Product, IsNot, "donna", true),
            (Product, IsNot, "CHATPDD", false),
            (Check, Matches, "chatpdd.*", true),
            (Check, Matches, "*.api", true),
            (Check, Matches, "api", false),
            (Rule, Matches, "api ?rrors", true),
            (Severity, Is, "critical", true),
            (Severity, Matches, "high|critical", true),
            (Severity, Matches, "high|warning", false),
            (Title, Matches, "*above 5 %", true),
            (Title, Matches, "*above*below*", false),
            (Unrecognised, Is, "chatpdd", false),
            (Unrecognised, IsNot, "chatpdd", false),
            (Product, MatchOperator::Unrecognised, "chatpdd", false),
        ] {
            let it = Matcher::new(field, operator, value);
            assert_eq!(it.matches(&subject()), expected, "{it}");
        }
    }

    #[test]
    fn a_bad_pattern_is_told_with_its_place() {
        for (pattern, place) in [
            (r"api\", "At character 4"),
            (r"a\pi", "At character 2"),
            ("|a", "At character 1"),
            ("a||b", "At character 3"),
            ("ä|", "At character 2"),
        ] {
            let it = Matcher::new(MatchField::Title, MatchOperator::Matches, pattern);
            let problem = it.problem().unwrap_or_default();
            assert!(problem.starts_with(place), "{pattern}: {problem}");
            assert!(!it.matches(&subject()), "{pattern}");
            let plain = Matcher::new(MatchField::Title, MatchOperator::Is, pattern);
            assert_eq!(plain.problem(), None, "{pattern}");
        }
    }

    #[test]
    fn values_are_neither_empty_nor_endless() {
        let problem =
            |value: &str| Matcher::new(MatchField::Check, MatchOperator::Is, value).problem();
        assert_eq!(problem(" ").as_deref(), Some("Say which check."));
        assert_eq!(problem(&"ä".repeat(MAX_VALUE_CHARS)), None);
        assert!(problem(&"a".repeat(MAX_VALUE_CHARS + 1)).is_some());
    }

    #[test]
    fn only_stars_alone_narrow_nothing() {
        for (pattern, vacuous) in [
            ("*", true),
            ("a|**", true),
            ("a*", false),
            ("?", false),
            (r"\*", false),
        ] {
            let it = Matcher::new(MatchField::Title, MatchOperator::Matches, pattern);
            assert_eq!(it.is_vacuous(), vacuous, "{pattern}");
        }
        assert!(!Matcher::new(MatchField::Title, MatchOperator::Is, "*").is_vacuous());
    }
}
