//! What notifications say. Whatever comes from outside is cleaned and cut before it goes anywhere.

use watchfloor_wire::notification::{NotificationKind, NotificationState};
use watchfloor_wire::time::UnixMs;

use super::outbox::{Facts, Notification};
use super::template::Placeholder;
use crate::ingest::sanitise;
use crate::instant::utc;
use crate::sources::wording::span;

/// The longest value of one line, in characters.
const MAX_VALUE_CHARS: usize = 500;

/// Text from outside as one plain line: no control or direction characters, and not too long.
#[must_use]
pub fn plain(text: &str, max_chars: usize) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    cut(&sanitise::line(&words.join(" ")), max_chars)
}

/// At most so many characters, the last of which says that something is missing.
#[must_use]
pub fn cut(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max_chars.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// An instant for people, in UTC.
#[must_use]
pub fn instant(at: UnixMs) -> String {
    utc(at).format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What happened.
#[must_use]
pub fn what(kind: NotificationKind, facts: &Facts) -> String {
    let step = facts.step.as_deref().unwrap_or("the next step");
    match (kind, &facts.by_name) {
        (NotificationKind::Escalated, None) => format!("Escalated to {step}"),
        (NotificationKind::Escalated, Some(by)) => format!("Escalated to {step} by {by}"),
        (NotificationKind::Raised, _) => format!("Severity rose to {}", facts.severity.word()),
        (NotificationKind::TriggeredAgain, _) => "Nobody has it any more".to_owned(),
        (NotificationKind::Acknowledged, Some(by)) => format!("Acknowledged by {by}"),
        (NotificationKind::Resolved, Some(by)) => format!("Resolved by {by}"),
        (NotificationKind::Resolved, None) => "Resolved by itself".to_owned(),
        _ => kind.word().to_owned(),
    }
}

/// A placeholder's value, cleaned and cut, but for no channel in particular yet. `console` is the incident's address.
#[must_use]
pub fn value(
    placeholder: Placeholder,
    kind: NotificationKind,
    facts: &Facts,
    console: Option<&str>,
) -> String {
    let text = match placeholder {
        Placeholder::What => what(kind, facts),
        Placeholder::Incident => facts.incident.to_string(),
        Placeholder::Product => facts.product_name.clone(),
        Placeholder::Title => facts.title.clone(),
        Placeholder::Priority => facts.priority.to_string(),
        Placeholder::Severity => facts.severity.word().to_owned(),
        Placeholder::Step => facts.step.clone().unwrap_or_default(),
        Placeholder::Contact => facts.contact.clone(),
        Placeholder::By => facts.by_name.clone().unwrap_or_default(),
        Placeholder::Note => facts.note.clone(),
        Placeholder::Opened => instant(facts.opened_at),
        Placeholder::RespondBy => instant(facts.respond_by),
        Placeholder::Url => console.unwrap_or_default().to_owned(),
        Placeholder::Runbook => facts.runbook_url.clone().unwrap_or_default(),
    };
    plain(&text, MAX_VALUE_CHARS)
}

/// A notification in one line, for lists.
#[must_use]
pub fn line(row: &Notification) -> String {
    match (&row.facts, row.kind, &row.by_name) {
        (Some(facts), kind, _) => {
            let happened = what(kind, facts);
            plain(
                &format!("{happened}: {} {}", facts.priority, facts.title),
                300,
            )
        }
        (None, NotificationKind::Digest, _) => "Several notifications in one".to_owned(),
        (None, _, Some(by)) => plain(&format!("Test by {by}"), 300),
        (None, ..) => "Test".to_owned(),
    }
}

/// What the timeline says about a notification that has come to its end, or that failed for the first time; `None`
/// for what nobody needs to read there. `others` is how many went into the same digest.
#[must_use]
pub fn outcome(row: &Notification, channel: &str, others: Option<usize>) -> Option<String> {
    let facts = row.facts.as_ref()?;
    let what = what(row.kind, facts);
    let reason = &row.reason;
    let text = match row.state {
        NotificationState::Delivered => {
            let took = span(row.took_ms.unwrap_or_default());
            format!("{channel} delivered after {took}: {what}")
        }
        NotificationState::Digested => {
            let took = row
                .took_ms
                .map_or_else(String::new, |ms| format!(" after {}", span(ms)));
            let count = others.unwrap_or_default();
            match row.reason.as_str() {
                "" => format!("{channel} delivered{took} in a digest of {count}: {what}"),
                why => format!("{channel} given up in a digest of {count}, {why}: {what}"),
            }
        }
        NotificationState::Withdrawn => format!("{channel} not told, {reason}: {what}"),
        NotificationState::Muted => format!("{channel} not told, {reason}: {what}"),
        NotificationState::Dead if row.attempts == 0 => {
            format!("{channel} not told, {reason}: {what}")
        }
        NotificationState::Dead => {
            let tries = if row.attempts == 1 { "try" } else { "tries" };
            format!(
                "{channel} given up after {} {tries}, {reason}: {what}",
                row.attempts
            )
        }
        NotificationState::Waiting if row.attempts == 1 => {
            format!("{channel} failed and is tried again, {reason}: {what}")
        }
        NotificationState::Waiting | NotificationState::Sending => return None,
    };
    Some(plain(&text, 600))
}
