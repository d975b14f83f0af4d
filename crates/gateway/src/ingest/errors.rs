//! Errors: a log line each, and one sighting a group.

use std::collections::BTreeMap;

use watchfloor_wire::id::ErrorGroupId;
use watchfloor_wire::ingest::ErrorEvent;
use watchfloor_wire::log::Level;
use watchfloor_wire::time::UnixMs;

use super::clean::Cleaner;
use super::events::{Batch, Form};
use super::logs::SOURCE_AT;
use super::refusal::Refusal;
use super::source::Source;
use super::{Taken, events, grouping, when};
use crate::observation::{ErrorSighting, Observation};
use crate::records::NewLogLine;

/// Innermost frames that are kept.
const MAX_FRAMES: usize = 64;

/// Takes `{"errors": […]}`, or one of these a line.
///
/// # Errors
/// [`Refusal`] for the whole batch.
pub fn take(source: &Source, text: &str, form: Form, now: UnixMs) -> Result<Taken, Refusal> {
    let batch: Batch<ErrorEvent> = Batch::read(text, form, "errors")?;
    source.admit_events(batch.count())?;
    let mut cleaner = Cleaner::new(&source.keys);
    let mut groups: BTreeMap<ErrorGroupId, ErrorSighting> = BTreeMap::new();
    let mut lines = Vec::with_capacity(batch.count());
    let refused = batch.each(|event, place| {
        let said = events::instant(event.at.as_ref(), now, place)?;
        let (at, doubted) = when::plausible(said, now);
        let sighting = sighting(source, event, at, &mut cleaner);
        let mut line = line(event, &sighting, &mut cleaner);
        if let Some(said) = doubted {
            line.fields.insert(SOURCE_AT.to_owned(), said.0.to_string());
        }
        lines.push(line);
        groups
            .entry(sighting.group.clone())
            .and_modify(|seen| join(seen, &sighting))
            .or_insert(sighting);
        Ok(())
    })?;
    Ok(Taken {
        accepted: lines.len(),
        refused,
        lines,
        observations: groups.into_values().map(Observation::Errors).collect(),
        redactions: cleaner.redactions,
        ..Taken::default()
    })
}

/// One event as the sighting of its group. Its group is made from clean text, so that a secret in a message
/// cannot be found again by its hash.
fn sighting(
    source: &Source,
    event: &ErrorEvent,
    at: UnixMs,
    cleaner: &mut Cleaner<'_>,
) -> ErrorSighting {
    let error_type = match cleaner.word(&event.error_type) {
        empty if empty.is_empty() => "error".to_owned(),
        named => named,
    };
    // Cleaned for the group alone; the line counts what was redacted.
    let mut uncounted = Cleaner::new(&source.keys);
    let message = uncounted.text(&event.message);
    let frames = event.stack.iter().take(MAX_FRAMES);
    let stack: Vec<String> = frames.map(|frame| uncounted.word(frame)).collect();
    ErrorSighting {
        group: grouping::group(&source.product, &error_type, &message, &stack),
        product: source.product.clone(),
        service: cleaner.word(&event.service),
        title: grouping::title(&error_type, &message),
        error_type,
        category: cleaner.word(&event.category),
        boundary: cleaner.word(&event.boundary),
        version: event.version.as_deref().map(|it| cleaner.word(it)),
        at,
        count: 1,
    }
}

fn line(event: &ErrorEvent, seen: &ErrorSighting, cleaner: &mut Cleaner<'_>) -> NewLogLine {
    let mut fields = cleaner.fields(&event.fields);
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            fields.insert(name.to_owned(), value);
        }
    };
    add("error_group", seen.group.0.clone());
    add("error_type", seen.error_type.clone());
    add("category", seen.category.clone());
    add("boundary", seen.boundary.clone());
    add("version", seen.version.clone().unwrap_or_default());
    let frames: Vec<&str> = event
        .stack
        .iter()
        .take(MAX_FRAMES)
        .map(String::as_str)
        .collect();
    add("stack", cleaner.text(&frames.join("\n")));
    let message = cleaner.text(&event.message);
    NewLogLine {
        at: seen.at,
        product: seen.product.clone(),
        service: seen.service.clone(),
        level: Level::Error,
        message: if event.error_type.trim().is_empty() {
            message
        } else {
            format!("{}: {message}", seen.error_type)
        },
        fields,
    }
}

/// Adds another event of the same group; the newest one says how it is called.
fn join(seen: &mut ErrorSighting, other: &ErrorSighting) {
    let count = seen.count + other.count;
    if other.at >= seen.at {
        *seen = other.clone();
    }
    seen.count = count;
}
