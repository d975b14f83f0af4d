//! What goes over the wire: a row, filled into the channel's templates and escaped as the channel needs it. Pure.

pub mod alertmanager;
pub mod discord;
pub mod mail;
pub mod slack;
#[cfg(test)]
mod tests;
pub mod webhook;

use std::collections::BTreeMap;

use watchfloor_wire::id::IncidentId;
use watchfloor_wire::notification::NotificationKind;
use watchfloor_wire::time::UnixMs;

use super::outbox::{Facts, Notification};
use super::template::Template;
use super::words;

/// The gateway's own title.
const TITLE: &str = "[{priority}] {what}: {title}";
/// The gateway's own text.
const TEXT: &str = "{product} · {incident} · {severity}\nOpened {opened}, answer by {respond_by}\n“{note}”\n{url}\nRunbook: {runbook}";

/// Incidents that a digest names; the rest is counted.
const NAMED_IN_DIGEST: usize = 20;

/// How a channel words what it tells.
#[derive(Clone, Debug)]
pub struct Wording {
    title: Template,
    text: Template,
}

impl Wording {
    /// With the channel's templates, or the gateway's own.
    ///
    /// # Errors
    /// What is wrong with one; checked configurations have sound ones.
    pub fn new(title: Option<&str>, text: Option<&str>) -> Result<Self, String> {
        Ok(Self {
            title: Template::parse(title.unwrap_or(TITLE))?,
            text: Template::parse(text.unwrap_or(TEXT))?,
        })
    }
}

/// What is told, and when.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// The row.
    pub row: &'a Notification,
    /// What a digest holds; empty otherwise.
    pub members: &'a [Notification],
    /// The console's address for people, with the base path; `None` when it has none.
    pub site: Option<&'a str>,
    /// The channel's id.
    pub channel: &'a str,
    /// Now, by the gateway's clock.
    pub now: UnixMs,
}

/// Title and text, escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub title: String,
    /// Some lines; may be empty.
    pub text: String,
}

impl Telling<'_> {
    /// The incident in the console.
    #[must_use]
    pub fn console(&self, incident: IncidentId) -> Option<String> {
        self.site.map(|site| format!("{site}/incidents/{incident}"))
    }

    /// The page that this is about: the incident, or all of them.
    #[must_use]
    pub fn link(&self) -> Option<String> {
        match &self.row.facts {
            Some(facts) => self.console(facts.incident),
            None => self.site.map(|site| format!("{site}/incidents")),
        }
    }

    /// Title and text, with every value from outside passed through `escape`.
    pub fn letter(&self, wording: &Wording, escape: impl Fn(&str) -> String) -> Letter {
        let row = self.row;
        match (&row.facts, row.kind) {
            (Some(facts), kind) => {
                let console = self.console(facts.incident);
                let value = |placeholder| {
                    escape(&words::value(placeholder, kind, facts, console.as_deref()))
                };
                Letter {
                    title: wording.title.fill(value),
                    text: wording.text.fill(value),
                }
            }
            (None, NotificationKind::Digest) => self.digest(escape),
            (None, _) => {
                let by = row.by_name.as_deref().unwrap_or("Somebody");
                let by = escape(&words::plain(by, 100));
                Letter {
                    title: "Test from Watchfloor".to_owned(),
                    text: format!("{by} pressed the test button. This channel works."),
                }
            }
        }
    }

    fn digest(&self, escape: impl Fn(&str) -> String) -> Letter {
        let facts = || {
            self.members
                .iter()
                .filter_map(|it| Some((it, it.facts.as_ref()?)))
        };
        let mut lines: Vec<String> = facts()
            .take(NAMED_IN_DIGEST)
            .map(|(row, it)| {
                let text = format!(
                    "{} {} {}: {} ({})",
                    it.priority,
                    it.incident,
                    it.product_name,
                    words::plain(&it.title, 120),
                    words::what(row.kind, it),
                );
                escape(&words::plain(&text, 300))
            })
            .collect();
        let left = facts().skip(NAMED_IN_DIGEST);
        if left.clone().next().is_some() {
            lines.push(format!("and {}", counted(left.map(|(_, it)| it))));
        }
        let incidents: std::collections::BTreeSet<_> = facts().map(|(_, it)| it.incident).collect();
        Letter {
            title: format!(
                "{} notifications about {} incidents",
                self.members.len(),
                incidents.len()
            ),
            text: lines.join("\n"),
        }
    }
}

/// How many by product and priority: `12 more: 3 P0 of ChatPDD, …`.
fn counted<'a>(facts: impl Iterator<Item = &'a Facts>) -> String {
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut all = 0;
    for it in facts {
        all += 1;
        *counts
            .entry((it.priority.to_string(), it.product.as_str()))
            .or_default() += 1;
    }
    let each: Vec<String> = counts
        .iter()
        .map(|((priority, product), count)| format!("{count} {priority} of {product}"))
        .collect();
    format!("{all} more: {}", each.join(", "))
}
