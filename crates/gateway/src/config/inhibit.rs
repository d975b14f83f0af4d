//! Which alerts bring about which others.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use watchfloor_wire::alert::Alert;

use super::span::Span;

/// While a cause fires, its symptoms belong to its incident; `[[inhibit]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InhibitConfig {
    /// Labels of alerts that bring others about.
    pub cause: Matchers,
    /// Labels of the alerts that they bring about.
    pub symptom: Matchers,
    /// How much earlier than its cause a symptom may have fired, because what suffers is often looked at first.
    /// Default 2 min.
    #[serde(default = "default_within")]
    pub within: Span,
}

const fn default_within() -> Span {
    Span::seconds(120)
}

/// Labels, each with the words that it may have: `{ check = ["api", "web"], severity = "critical" }`. An alert
/// matches when it has one of the words for every label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Matchers(pub BTreeMap<String, OneOf>);

impl Matchers {
    /// Whether an alert has all of the labels.
    #[must_use]
    pub fn matches(&self, alert: &Alert) -> bool {
        self.0.iter().all(|(name, words)| {
            let found = alert.label(name);
            found.is_some_and(|found| words.0.iter().any(|word| word == found))
        })
    }
}

/// Words of which one is enough; written as one word or as a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOf(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadWords)
    }
}

struct ReadWords;

impl<'de> Visitor<'de> for ReadWords {
    type Value = OneOf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word or a list of words")
    }

    fn visit_str<E>(self, word: &str) -> Result<OneOf, E> {
        Ok(OneOf(vec![word.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<OneOf, A::Error> {
        let mut all = Vec::new();
        while let Some(word) = words.next_element()? {
            all.push(word);
        }
        Ok(OneOf(all))
    }
}
