//! What a JSON answer says of each check.

use serde_json::Value;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::{Reading, instant};
use crate::config::probe::ProbeCheckConfig;
use crate::observation::Outcome;
use crate::sources::plan::{MetricSource, Probe};
use crate::sources::wording::{clean, span};

/// What words mean when the configuration says nothing of them.
const WORDS: &[(&str, Status)] = &[
    ("healthy", Status::Ok),
    ("ok", Status::Ok),
    ("up", Status::Ok),
    ("connected", Status::Ok),
    ("operational", Status::Ok),
    ("true", Status::Ok),
    ("degraded", Status::Degraded),
    ("warning", Status::Degraded),
    ("unhealthy", Status::Down),
    ("down", Status::Down),
    ("error", Status::Down),
    ("critical", Status::Down),
    ("disconnected", Status::Down),
    ("false", Status::Down),
    ("maintenance", Status::Maintenance),
];

/// The body as JSON, or why it is none.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text)
        .map_err(|error| format!("the answer is no JSON: {}", clean(&error.to_string())))
}

/// What an answer with the right status says.
pub(super) fn read(probe: &Probe, said: &Value, now: UnixMs) -> Reading {
    let age = age(probe, said, now);
    if let Err(Age::Stale(reason)) = &age {
        return Reading::unknown(probe, reason);
    }
    let checks = probe.config.checks.iter();
    let outcomes = checks.map(|check| {
        let outcome = outcome(check, said);
        match &age {
            Err(Age::Unreadable(reason)) => at_best_unknown(outcome, reason.clone()),
            _ => outcome,
        }
    });
    Reading {
        outcomes: outcomes.collect(),
        values: values(probe, said),
    }
}

/// What an answer with the wrong status says nevertheless. The probe's own check is down; the others are as
/// they are said to be.
pub(super) fn failed(probe: &Probe, reason: &str, said: &Value, now: UnixMs) -> Reading {
    if age(probe, said, now).is_err() {
        return Reading::down(probe, reason);
    }
    let mut reading = Reading::down(probe, reason);
    let checks = probe.config.checks.iter().zip(&mut reading.outcomes);
    for (at, (check, outcome)) in checks.enumerate() {
        let told = check.status.as_deref().and_then(|it| said.pointer(it));
        let Some(told) = told else { continue };
        let told = by_word(check, told, said);
        if at > 0 {
            *outcome = told;
        } else if let Outcome::Down(why) | Outcome::Degraded(why) = told {
            *outcome = Outcome::Down(format!("{reason}, {why}"));
        }
    }
    reading.values = values(probe, said);
    reading
}

/// What is wrong with an answer's own time.
enum Age {
    /// It was made too long ago, or in the future.
    Stale(String),
    /// It cannot be told.
    Unreadable(String),
}

fn age(probe: &Probe, said: &Value, now: UnixMs) -> Result<(), Age> {
    let Some(pointer) = probe.config.timestamp.as_deref() else {
        return Ok(());
    };
    let Some(value) = said.pointer(pointer) else {
        return Err(Age::Unreadable(format!(
            "the answer has no time at `{pointer}`"
        )));
    };
    let Some(made_at) = instant::read(value) else {
        let found = clean(&value.to_string());
        return Err(Age::Unreadable(format!("`{pointer}` is no time: {found}")));
    };
    let age_ms = now.since_ms(made_at);
    let max_ms = probe.config.max_age.ms;
    if age_ms > max_ms {
        return Err(Age::Stale(format!("the answer is {} old", span(age_ms))));
    }
    if age_ms < -max_ms {
        let ahead = span(age_ms.saturating_neg());
        return Err(Age::Stale(format!("the answer is dated {ahead} ahead")));
    }
    Ok(())
}

fn outcome(check: &ProbeCheckConfig, said: &Value) -> Outcome {
    let outcome = match check.status.as_deref() {
        None => Outcome::Ok,
        Some(pointer) => match said.pointer(pointer) {
            Some(value) => by_word(check, value, said),
            None => Outcome::Unknown(format!("`{pointer}` is missing in the answer")),
        },
    };
    let mut required = check.required.iter();
    match required.find(|pointer| said.pointer(pointer).is_none()) {
        Some(missing) => at_best_unknown(outcome, format!("`{missing}` is missing in the answer")),
        None => outcome,
    }
}

/// An outcome that part of the answer puts in doubt. What is said to be down stays so, and its own reason is
/// the better one.
fn at_best_unknown(outcome: Outcome, reason: String) -> Outcome {
    match outcome {
        Outcome::Down(_) | Outcome::Unknown(_) | Outcome::Maintenance(_) => outcome,
        Outcome::Ok | Outcome::Degraded(_) => Outcome::Unknown(reason),
    }
}

fn by_word(check: &ProbeCheckConfig, value: &Value, said: &Value) -> Outcome {
    let word = match value {
        Value::String(word) => word.trim().to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            return Outcome::Unknown(format!("its status is {}, not a word", kind(value)));
        }
    };
    let shown = clean(&word);
    let Some(status) = meaning(check, &word) else {
        return Outcome::Unknown(format!("says `{shown}`, which is no known status"));
    };
    let why = || match why(check, said) {
        Some(why) => format!("says {shown}: {why}"),
        None => format!("says {shown}"),
    };
    match status {
        Status::Ok => Outcome::Ok,
        Status::Degraded => Outcome::Degraded(why()),
        Status::Down => Outcome::Down(why()),
        Status::Maintenance => Outcome::Maintenance(why()),
        Status::Unknown => Outcome::Unknown(why()),
    }
}

fn meaning(check: &ProbeCheckConfig, word: &str) -> Option<Status> {
    let mut own = check.status_words.iter();
    let same = |known: &str| known.eq_ignore_ascii_case(word);
    if let Some((_, status)) = own.find(|(known, _)| same(known)) {
        return Some(*status);
    }
    WORDS
        .iter()
        .find(|(known, _)| same(known))
        .map(|(_, status)| *status)
}

fn why(check: &ProbeCheckConfig, said: &Value) -> Option<String> {
    let why = match said.pointer(check.reason.as_deref()?)? {
        Value::String(text) => clean(text),
        Value::Null => return None,
        other => clean(&other.to_string()),
    };
    (!why.is_empty()).then_some(why)
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
    }
}

fn values(probe: &Probe, said: &Value) -> Vec<(usize, Option<f64>)> {
    let metrics = probe.metrics.iter().enumerate();
    metrics
        .filter_map(|(at, metric)| match &metric.source {
            MetricSource::Pointer(pointer) => Some((at, said.pointer(pointer).and_then(number))),
            _ => None,
        })
        .collect()
}

/// A number, also one that is written as text, as some frameworks do with decimals.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
