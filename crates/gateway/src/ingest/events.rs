//! From JSON text to events, with the place of the first one that is wrong.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use watchfloor_wire::ingest::When;
use watchfloor_wire::time::UnixMs;

use super::refusal::Refusal;
use super::{body, sanitise, when};

/// A complaint is at most this long; it may quote what was sent.
const MAX_COMPLAINT_BYTES: usize = 300;

/// The events in the list `name` of the root object.
///
/// # Errors
/// 422 with the place, for example `lines[17]`; 413 for more than 10,000.
pub fn list<T: DeserializeOwned>(json: &str, name: &str) -> Result<Vec<T>, Refusal> {
    let root: BTreeMap<String, &RawValue> =
        serde_json::from_str(json).map_err(|error| complain("body", &error))?;
    let list = root
        .get(name)
        .ok_or_else(|| Refusal::invalid(name, &format!("is missing; send {{\"{name}\": […]}}")))?;
    let events: Vec<&RawValue> =
        serde_json::from_str(list.get()).map_err(|error| complain(name, &error))?;
    if events.len() > body::MAX_EVENTS {
        return Err(Refusal::too_large("Send at most 10,000 events at once."));
    }
    events
        .iter()
        .enumerate()
        .map(|(n, event)| one(event.get(), &format!("{name}[{n}]")))
        .collect()
}

/// One event.
///
/// # Errors
/// 422 at `place`.
pub fn one<T: DeserializeOwned>(json: &str, place: &str) -> Result<T, Refusal> {
    serde_json::from_str(json).map_err(|error| complain(place, &error))
}

/// When an event happened; missing: `now`.
///
/// # Errors
/// 422 when it cannot be read.
pub fn instant(at: Option<&When>, now: UnixMs, place: &str) -> Result<UnixMs, Refusal> {
    let Some(at) = at else { return Ok(now) };
    when::read(at).ok_or_else(|| Refusal::invalid(&format!("{place}.at"), when::HELP))
}

fn complain(place: &str, error: &serde_json::Error) -> Refusal {
    let text = error.to_string();
    if text.contains("untagged enum When") {
        return Refusal::invalid(&format!("{place}.at"), when::HELP);
    }
    let text = sanitise::cut(sanitise::line(&text), MAX_COMPLAINT_BYTES);
    Refusal::invalid(place, &text)
}
