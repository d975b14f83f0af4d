//! Redacted first, then sanitised, then cut: a secret that is cut in half is no longer recognised.

use std::collections::BTreeMap;

use serde_json::Value;

use super::redact::{self, Redactions, SecretKeys};
use super::sanitise;

/// A message, a field's value, or a stack.
pub const MAX_TEXT_BYTES: usize = 8 * 1024;
/// A name, a type, a version.
pub const MAX_WORD_BYTES: usize = 200;
/// Fields of one event.
pub const MAX_FIELDS: usize = 64;
/// The field that says how many others were left out.
pub const FIELDS_LEFT_OUT: &str = "fields_left_out";

/// Cleans what one request brought, and counts what it took out.
#[derive(Debug)]
pub struct Cleaner<'a> {
    keys: &'a SecretKeys,
    /// What was taken out so far.
    pub redactions: Redactions,
}

impl<'a> Cleaner<'a> {
    /// A cleaner for a product's keys.
    #[must_use]
    pub fn new(keys: &'a SecretKeys) -> Self {
        Self {
            keys,
            redactions: Redactions::default(),
        }
    }

    /// Text of any number of lines, at most [`MAX_TEXT_BYTES`].
    pub fn text(&mut self, raw: &str) -> String {
        let redacted = redact::text(raw, self.keys, &mut self.redactions);
        sanitise::cut(sanitise::text(&redacted), MAX_TEXT_BYTES)
    }

    /// A word or two on one line, at most [`MAX_WORD_BYTES`].
    pub fn word(&mut self, raw: &str) -> String {
        let redacted = redact::text(raw.trim(), self.keys, &mut self.redactions);
        sanitise::cut(sanitise::line(&redacted), MAX_WORD_BYTES)
    }

    /// At most [`MAX_FIELDS`] fields as text; nested ones as JSON.
    pub fn fields(&mut self, raw: &BTreeMap<String, Value>) -> BTreeMap<String, String> {
        let mut fields: BTreeMap<String, String> = raw
            .iter()
            .take(MAX_FIELDS)
            .map(|(name, value)| {
                let clean = redact::field(name, value, self.keys, &mut self.redactions);
                let shown = match clean {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                let shown = sanitise::cut(sanitise::text(&shown), MAX_TEXT_BYTES);
                (self.word(name), shown)
            })
            .collect();
        if raw.len() > MAX_FIELDS {
            let left_out = raw.len() - MAX_FIELDS;
            fields.insert(FIELDS_LEFT_OUT.to_owned(), left_out.to_string());
        }
        fields
    }
}
