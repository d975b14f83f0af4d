//! Words that the wire types would take for their documented fallback. On the wire that is right, because a
//! newer gateway may say more; in a configuration it would turn a slip of the pen into another meaning.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::Place;

const UNITS: &[&str] = &["ms", "ratio", "bytes", "per_s", "days", "count"];
const STATISTICS: &[&str] = &["avg", "p50", "p95", "p99", "max", "min", "ratio", "last"];
const STATUSES: &[&str] = &["ok", "degraded", "down", "unknown", "maintenance"];
/// The severities as they are written.
pub const SEVERITIES: &[&str] = &["critical", "high", "warning", "info"];
/// The priorities as they are written.
pub const PRIORITIES: &[&str] = &["P0", "P1", "P2", "P3"];
const CHARTS: &[&str] = &["error_ratio", "latency", "throughput", "other"];
const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const TOLD: &[&str] = &[
    "opened",
    "escalated",
    "raised",
    "triggered_again",
    "acknowledged",
    "resolved",
];
const LEVELS: &[&str] = &["target", "warning", "critical", "lower_is_worse"];

/// Keys whose value must be one of these words; `*` is any key.
const VALUES: &[(&[&str], &[&str])] = &[
    (&["probe", "metric", "unit"], UNITS),
    (&["probe", "metric", "statistic"], STATISTICS),
    (&["probe", "check", "status_words", "*"], STATUSES),
    (&["pushed", "unit"], UNITS),
    (&["pushed", "statistic"], STATISTICS),
    (&["rule", "severity"], SEVERITIES),
    (&["rule", "status"], STATUSES),
    (&["target", "statistic"], STATISTICS),
    (&["chart", "kind"], CHARTS),
    (&["priority", "*"], PRIORITIES),
    (&["maintenance", "days"], DAYS),
    (&["rotation", "days"], DAYS),
    (&["response", "*", "tell"], TOLD),
];

/// Tables whose keys must be among these words.
const KEYS: &[(&[&str], &[&str])] = &[
    (&["chart", "levels"], LEVELS),
    (&["rule", "above"], SEVERITIES),
    (&["rule", "below"], SEVERITIES),
    (&["rule", "clear"], SEVERITIES),
    (&["priority"], SEVERITIES),
    (&["response"], PRIORITIES),
];

/// Words that are not among those allowed at their place.
#[must_use]
pub fn unknown_words(root: &DeTable<'_>) -> Vec<(Place, String)> {
    let mut found = Vec::new();
    table(root, &Place::root(), &mut Vec::new(), &mut found);
    found
}

fn table<'a>(
    it: &'a DeTable<'_>,
    here: &Place,
    way: &mut Vec<&'a str>,
    found: &mut Vec<(Place, String)>,
) {
    for (key, child) in it {
        let name: &str = key.get_ref();
        let place = here.key(name);
        if let Some(allowed) = allowed(KEYS, way).filter(|allowed| !allowed.contains(&name)) {
            found.push((place.clone(), complaint(name, allowed)));
        }
        way.push(name);
        value(child, &place, way, found);
        way.pop();
    }
}

fn value<'a>(
    it: &'a Spanned<DeValue<'_>>,
    here: &Place,
    way: &mut Vec<&'a str>,
    found: &mut Vec<(Place, String)>,
) {
    match it.get_ref() {
        DeValue::Table(child) => table(child, here, way, found),
        DeValue::Array(children) => {
            for (index, child) in children.iter().enumerate() {
                value(child, &here.index(index), way, found);
            }
        }
        DeValue::String(word) => {
            let word: &str = word;
            if let Some(allowed) = allowed(VALUES, way).filter(|allowed| !allowed.contains(&word)) {
                found.push((here.clone(), complaint(word, allowed)));
            }
        }
        _ => {}
    }
}

fn allowed(
    table: &[(&[&str], &'static [&'static str])],
    way: &[&str],
) -> Option<&'static [&'static str]> {
    let fits = |pattern: &[&str]| {
        pattern.len() == way.len()
            && pattern
                .iter()
                .zip(way)
                .all(|(wanted, found)| *wanted == "*" || wanted == found)
    };
    table
        .iter()
        .find(|(pattern, _)| fits(pattern))
        .map(|(_, allowed)| *allowed)
}

/// What to say of a word that is not among the allowed ones.
#[must_use]
pub fn complaint(word: &str, allowed: &[&str]) -> String {
    format!(
        "unknown word `{word}`, expected one of `{}`",
        allowed.join("`, `")
    )
}
