//! Secrets are taken out before anything is stored or sent on.
//!
//! Three rules: a field whose name says that it holds a secret ([`keys`]), `name=value` and `name: value` in
//! text with such a name ([`assignments`]), and values that look like secrets wherever they stand ([`values`]).

pub mod assignments;
pub mod keys;
pub mod values;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::keys::SecretKeys;

/// What stands where a secret was.
pub const FILTERED: &str = "[Filtered]";

/// How many values were redacted, by rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redactions(BTreeMap<&'static str, u64>);

impl Redactions {
    /// One more by this rule.
    pub fn count(&mut self, rule: &'static str) {
        *self.0.entry(rule).or_insert(0) += 1;
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Rule by rule.
    pub fn by_rule(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(rule, count)| (*rule, *count))
    }
}

/// Text without its secrets.
#[must_use]
pub fn text(raw: &str, keys: &SecretKeys, redactions: &mut Redactions) -> String {
    let without = assignments::redact(raw, keys, redactions);
    values::redact(&without, redactions).into_owned()
}

/// A field's value without its secrets, inner fields included.
#[must_use]
pub fn field(name: &str, value: &Value, keys: &SecretKeys, redactions: &mut Redactions) -> Value {
    if keys.hides_field(name, value) {
        redactions.count("key");
        return Value::String(FILTERED.to_owned());
    }
    match value {
        Value::String(raw) => Value::String(text(raw, keys, redactions)),
        Value::Array(items) => items
            .iter()
            .map(|item| field("", item, keys, redactions))
            .collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let clean = field(name, value, keys, redactions);
                (text(name, keys, redactions), clean)
            })
            .collect(),
        Value::Number(number) => {
            // A card's number is a secret without quotes too.
            let digits = number.to_string();
            let clean = values::redact(&digits, redactions);
            if clean == digits {
                value.clone()
            } else {
                Value::String(clean.into_owned())
            }
        }
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
