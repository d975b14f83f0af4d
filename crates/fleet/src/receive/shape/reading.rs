//! Looking into a body and noting what is wrong there.

use chrono::DateTime;
use serde_json::{Map, Value};

/// A body, and what was found wrong with it.
pub(super) struct Reading<'a> {
    body: &'a Value,
    problems: Vec<String>,
}

impl<'a> Reading<'a> {
    /// Nothing found yet.
    pub(super) const fn of(body: &'a Value) -> Self {
        Self {
            body,
            problems: Vec::new(),
        }
    }

    /// Notes a problem.
    pub(super) fn wrong(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    /// Everything noted.
    pub(super) fn into_problems(self) -> Vec<String> {
        self.problems
    }

    /// The value at a pointer.
    pub(super) fn at(&self, pointer: &str) -> Option<&'a Value> {
        self.body.pointer(pointer)
    }

    /// The text at a pointer; `None` when there is none.
    pub(super) fn text(&self, pointer: &str) -> Option<&'a str> {
        self.at(pointer).and_then(Value::as_str)
    }

    /// The list at a pointer; empty when there is none.
    pub(super) fn list(&self, pointer: &str) -> &'a [Value] {
        let list = self.at(pointer).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    /// There must be a text that is not empty and not too long; its length in characters.
    pub(super) fn need(&mut self, pointer: &str, max_chars: usize) -> usize {
        match self.text(pointer) {
            None | Some("") => {
                self.wrong(format!("{pointer} is missing"));
                0
            }
            Some(_) => self.may(pointer, max_chars),
        }
    }

    /// There may be a text that is not too long; its length in characters.
    pub(super) fn may(&mut self, pointer: &str, max_chars: usize) -> usize {
        let chars = match self.at(pointer) {
            None => 0,
            Some(Value::String(text)) => text.chars().count(),
            Some(_) => {
                self.wrong(format!("{pointer} is no text"));
                0
            }
        };
        if chars > max_chars {
            self.wrong(format!("{pointer} is longer than {max_chars} characters"));
        }
        chars
    }

    /// There must be one of these words.
    pub(super) fn one_of(&mut self, pointer: &str, words: &[&str]) {
        let is_one = self.text(pointer).is_some_and(|it| words.contains(&it));
        if !is_one {
            self.wrong(format!("{pointer} is none of {}", words.join(", ")));
        }
    }

    /// There must be an instant as RFC 3339 has it.
    pub(super) fn instant(&mut self, pointer: &str) {
        let text = self.text(pointer).unwrap_or_default();
        if DateTime::parse_from_rfc3339(text).is_err() {
            self.wrong(format!("{pointer} is no instant of RFC 3339"));
        }
    }

    /// There must be an object whose values are texts.
    pub(super) fn texts(&mut self, pointer: &str) -> Option<&'a Map<String, Value>> {
        let Some(object) = self.at(pointer).and_then(Value::as_object) else {
            self.wrong(format!("{pointer} is no object"));
            return None;
        };
        for (name, value) in object {
            if !value.is_string() {
                self.wrong(format!("{pointer}/{name} is no text"));
            }
        }
        Some(object)
    }
}
