//! From text to events, with the place of each one that is wrong.
//!
//! A body is one JSON document, which is taken or refused as a whole, or one event a line (NDJSON), where a line that
//! is wrong is refused by its number and the others are taken.

use std::collections::BTreeMap;

use http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use watchfloor_wire::ingest::{RefusedLine, When};
use watchfloor_wire::time::UnixMs;

use super::refusal::Refusal;
use super::{body, sanitise, when};

/// A complaint is at most this long; it may quote what was sent.
const MAX_COMPLAINT_BYTES: usize = 300;
/// At most this many refused lines are named; the others are only counted.
const MAX_NAMED_LINES: usize = 100;
/// The reason under which lines are counted that are no events.
const MALFORMED: &str = "malformed";
/// What an event is called within its own line.
const IN_LINE: &str = "event";

/// How the events of a body are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON document.
    Document,
    /// One JSON object a line.
    Lines,
}

impl Form {
    /// As the content type says; anything but lines is a document.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let content_type = headers.get(header::CONTENT_TYPE);
        let text = content_type.and_then(|it| it.to_str().ok());
        let essence = text.and_then(|it| it.split(';').next()).unwrap_or_default();
        let names = [
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
        ];
        if names
            .iter()
            .any(|it| it.eq_ignore_ascii_case(essence.trim()))
        {
            Self::Lines
        } else {
            Self::Document
        }
    }
}

/// Why a single event is not taken.
#[derive(Debug)]
pub enum Unfit {
    /// It is not as events are. Refuses a document, or its line.
    Wrong(Refusal),
    /// It is an event, but one that cannot be used, for this reason. The others are taken.
    Unusable(&'static str),
}

impl From<Refusal> for Unfit {
    fn from(refusal: Refusal) -> Self {
        Self::Wrong(refusal)
    }
}

/// The events that were not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// How many, by reason.
    pub by_reason: BTreeMap<String, u64>,
    /// The first of them, where events have lines.
    pub lines: Vec<RefusedLine>,
}

impl Refused {
    fn add(&mut self, reason: &str, line: Option<usize>, text: impl FnOnce() -> String) {
        *self.by_reason.entry(reason.to_owned()).or_insert(0) += 1;
        if let Some(line) = line.filter(|_| self.lines.len() < MAX_NAMED_LINES) {
            let line = u64::try_from(line).unwrap_or(u64::MAX);
            self.lines.push(RefusedLine { line, text: text() });
        }
    }

    /// Whether a line was no event at all.
    #[must_use]
    pub fn has_malformed(&self) -> bool {
        self.by_reason.contains_key(MALFORMED)
    }
}

/// The events of one body, each with its place.
#[derive(Debug)]
pub struct Batch<T> {
    form: Form,
    name: &'static str,
    /// With the place in the list, from 0, or the number of the line, from 1.
    events: Vec<(usize, T)>,
    refused: Refused,
}

impl<T: DeserializeOwned> Batch<T> {
    /// The events of a document's list `name`, or of lines.
    ///
    /// # Errors
    /// 413 for more than 10,000 events; for a document, 422 with the place of the first event that is wrong, for
    /// example `lines[17]`.
    pub fn read(text: &str, form: Form, name: &'static str) -> Result<Self, Refusal> {
        match form {
            Form::Document => Ok(Self {
                form,
                name,
                events: list(text, name)?,
                refused: Refused::default(),
            }),
            Form::Lines => Ok(Self::of_lines(text)),
        }
    }

    /// The same where a document is a single event.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_one(text: &str, form: Form) -> Result<Self, Refusal> {
        match form {
            Form::Document => Ok(Self {
                form,
                name: "",
                events: vec![(0, one(text, "body")?)],
                refused: Refused::default(),
            }),
            Form::Lines => Ok(Self::of_lines(text)),
        }
    }

    fn of_lines(text: &str) -> Self {
        let mut batch = Self {
            form: Form::Lines,
            name: IN_LINE,
            events: Vec::new(),
            refused: Refused::default(),
        };
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            match one(line, IN_LINE) {
                Ok(event) => batch.events.push((number, event)),
                Err(refusal) => {
                    batch
                        .refused
                        .add(MALFORMED, Some(number), || in_line(&refusal));
                }
            }
        }
        batch
    }
}

impl<T> Batch<T> {
    /// How many events were sent, readable or not.
    #[must_use]
    pub fn count(&self) -> usize {
        let refused: u64 = self.refused.by_reason.values().sum();
        self.events.len() + usize::try_from(refused).unwrap_or(usize::MAX)
    }

    /// Hands out each event with its place.
    ///
    /// # Errors
    /// The refusal of the first event of a document that is wrong.
    pub fn each(
        self,
        mut take: impl FnMut(&T, &str) -> Result<(), Unfit>,
    ) -> Result<Refused, Refusal> {
        let (form, name, mut refused) = (self.form, self.name, self.refused);
        for (number, event) in &self.events {
            let (place, line) = match form {
                Form::Document if name.is_empty() => ("body".to_owned(), None),
                Form::Document => (format!("{name}[{number}]"), None),
                Form::Lines => (name.to_owned(), Some(*number)),
            };
            match (take(event, &place), form) {
                (Ok(()), _) => {}
                (Err(Unfit::Wrong(refusal)), Form::Document) => return Err(refusal),
                (Err(Unfit::Wrong(refusal)), Form::Lines) => {
                    refused.add(MALFORMED, line, || in_line(&refusal));
                }
                (Err(Unfit::Unusable(reason)), _) => {
                    refused.add(reason, line, || reason.to_owned());
                }
            }
        }
        refused.lines.sort_by_key(|it| it.line);
        Ok(refused)
    }
}

/// What was wrong with a line. Within a line everything is on line 1, so only the column says something.
fn in_line(refusal: &Refusal) -> String {
    let mut texts = refusal.problem.errors.iter();
    let text = texts.next().map_or_else(
        || refusal.problem.detail.clone(),
        |it| format!("{}: {}", it.field, it.text),
    );
    text.replace(" at line 1 column ", " at column ")
}

fn list<T: DeserializeOwned>(json: &str, name: &str) -> Result<Vec<(usize, T)>, Refusal> {
    let root: BTreeMap<String, &RawValue> =
        serde_json::from_str(json).map_err(|error| complain("body", &error))?;
    let list = root
        .get(name)
        .ok_or_else(|| Refusal::invalid(name, &format!("is missing; send {{\"{name}\": […]}}")))?;
    let events: Vec<&RawValue> =
        serde_json::from_str(list.get()).map_err(|error| complain(name, &error))?;
    if events.len() > body::MAX_EVENTS {
        return Err(body::too_many_events());
    }
    let events = events.iter().enumerate();
    events
        .map(|(n, event)| Ok((n, one(event.get(), &format!("{name}[{n}]"))?)))
        .collect()
}

fn one<T: DeserializeOwned>(json: &str, place: &str) -> Result<T, Refusal> {
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
