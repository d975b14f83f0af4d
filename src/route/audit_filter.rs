//! What the page of the audit shows, as it stands in the address.

use super::{encode, pairs};

/// A part of an [`AuditFilter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditPart {
    /// The account.
    Actor,
    /// The action, or a family of them.
    Action,
    /// What it was done to.
    Subject,
    /// From when on: a day and a time in UTC, `2026-11-28T15:00`.
    From,
    /// Until when, likewise.
    To,
}

/// Their names in the address, in the order of [`AuditPart`].
const NAMES: [&str; 5] = ["actor", "action", "subject", "from", "to"];

/// What the page of the audit shows, as it was written; the default is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter([String; 5]);

impl AuditFilter {
    /// What was written for a part; empty for all.
    #[must_use]
    pub fn part(&self, part: AuditPart) -> &str {
        &self.0[part as usize]
    }

    /// The same with another value of a part.
    #[must_use]
    pub fn with(mut self, part: AuditPart, value: &str) -> Self {
        value.trim().clone_into(&mut self.0[part as usize]);
        self
    }

    /// The parts that say something, by their names.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = NAMES.into_iter().zip(self.0.iter().map(String::as_str));
        all.filter(|(_, value)| !value.is_empty())
    }

    pub(super) fn query(&self) -> String {
        let mut query = String::new();
        for (name, value) in self.named() {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(name);
            query.push('=');
            query.push_str(&encode(value));
        }
        query
    }

    pub(super) fn parse(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs(query) {
            if let Some(at) = NAMES.iter().position(|it| *it == name) {
                filter.0[at] = value;
            }
        }
        filter
    }
}
