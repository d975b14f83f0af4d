//! Single values: names, origins, addresses for people, numbers by unit. Each answers what is wrong, if
//! anything is.

use std::collections::BTreeSet;

use url::Url;
use watchfloor_wire::id::is_name;
use watchfloor_wire::series::Unit;

use crate::config::interpolate::is_variable;

/// An id of a product or channel, which stands in addresses: lower-case letters, digits and `-`, a letter first. `what`
/// it is the id of, for example `product`.
#[must_use]
pub fn id(text: &str, what: &str) -> Option<String> {
    let sound = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (!sound).then(|| {
        format!("`{text}` is no {what} id; use lower-case letters, digits and `-`, a letter first")
    })
}

/// The name of a check, metric or label: lower-case letters, digits, `_` and `-`, a letter first.
#[must_use]
pub fn name(text: &str) -> Option<String> {
    (!is_name(text)).then(|| {
        format!("`{text}` is no name; use lower-case letters, digits, `_` and `-`, a letter first")
    })
}

/// The name of an environment variable.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    (!is_variable(name)).then(|| format!("`{name}` names no environment variable"))
}

/// Text that people read: not empty.
#[must_use]
pub fn for_people(text: &str) -> Option<&'static str> {
    text.trim()
        .is_empty()
        .then_some("it is empty; people read it")
}

/// An origin as browsers send it.
#[must_use]
pub fn origin(text: &str) -> Option<String> {
    let sound = Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    });
    (!sound).then(|| {
        format!(
            "`{text}` is no origin; write scheme and host in lower case, the port unless it is the usual one, and no path, for example \"https://admin.example.com\""
        )
    })
}

/// An address that people open.
#[must_use]
pub fn link(text: &str) -> Option<String> {
    let sound = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    (!sound).then(|| format!("`{text}` is no http or https address"))
}

/// A JSON pointer: empty for the whole answer, or parts that each begin with `/`.
#[must_use]
pub fn pointer(text: &str) -> Option<String> {
    let sound = text.is_empty() || text.starts_with('/');
    (!sound)
        .then(|| format!("`{text}` is no JSON pointer; write for example \"/services/database\""))
}

/// A limit that values of this unit are compared with.
#[must_use]
pub fn limit(value: f64, unit: Unit) -> Option<String> {
    if !value.is_finite() {
        return Some(format!("{value} is no number to compare with"));
    }
    match unit {
        Unit::Ratio if value > 1.0 => Some(format!(
            "{value} is no ratio from 0 to 1; for {value} % write {}",
            value / 100.0
        )),
        Unit::Ratio if value < 0.0 => Some(format!("{value} is no ratio from 0 to 1")),
        Unit::Days | Unit::Count => None,
        _ if value < 0.0 => Some(format!("{value} is below 0, which this unit never is")),
        _ => None,
    }
}

/// Finds what was named before.
#[derive(Debug, Default)]
pub struct Unique<'a> {
    seen: BTreeSet<&'a str>,
}

impl<'a> Unique<'a> {
    /// What is wrong when `name` was seen before; `what` it is called, for example `check`.
    pub fn see(&mut self, name: &'a str, what: &str) -> Option<String> {
        (!self.seen.insert(name))
            .then(|| format!("another {what} is called `{name}` already; names are unique"))
    }
}

/// The names that there are, for a message about one that there is not.
#[must_use]
pub fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
