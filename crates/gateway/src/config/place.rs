//! Places in a TOML document: from a path to its line, and from what the parser points at to a path.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// One step down into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a table.
    Key(String),
    /// Into an array, counted from 0.
    Index(usize),
}

/// A place in a document. Shown without positions in arrays, because the line says which one it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place(Vec<Step>);

impl Place {
    /// The whole document.
    #[must_use]
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The place of `name` in this table.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        self.with(Step::Key(name.to_owned()))
    }

    /// The place of element `index` in this array.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The nearest array element that holds this place, or is it; `None` when no array does.
    #[must_use]
    pub fn element(&self) -> Option<Self> {
        let last = self
            .0
            .iter()
            .rposition(|step| matches!(step, Step::Index(_)))?;
        Some(Self(self.0[..=last].to_vec()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self
            .0
            .iter()
            .filter_map(|step| match step {
                Step::Key(name) => Some(name.as_str()),
                Step::Index(_) => None,
            })
            .collect();
        f.write_str(&keys.join("."))
    }
}

/// Where a place begins in the text, in bytes; for a place that is not there, its nearest ancestor that is.
#[must_use]
pub fn offset_of(root: &Spanned<DeTable<'_>>, place: &Place) -> usize {
    let mut found = root.span().start;
    let mut table = Some(root.get_ref());
    let mut array: Option<&DeArray<'_>> = None;
    for step in &place.0 {
        let next = match step {
            Step::Key(name) => table
                .and_then(|it| it.get_key_value(name.as_str()))
                .map(|(key, value)| (key.span(), value)),
            Step::Index(index) => array
                .and_then(|it| it.get(*index))
                .map(|value| (value.span(), value)),
        };
        let Some((span, value)) = next else { break };
        found = span.start;
        (table, array) = match value.get_ref() {
            DeValue::Table(table) => (Some(table), None),
            DeValue::Array(array) => (None, Some(array)),
            _ => (None, None),
        };
    }
    found
}

/// The line of a byte in the text, counted from 1.
#[must_use]
pub fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|byte| **byte == b'\n').count() + 1
}

/// The deepest place whose key or value the parser points at.
#[must_use]
pub fn place_of(root: &DeTable<'_>, span: &Range<usize>) -> Option<Place> {
    in_table(root, span, &Place::root())
}

fn in_table(table: &DeTable<'_>, span: &Range<usize>, here: &Place) -> Option<Place> {
    table.iter().find_map(|(key, value)| {
        let place = here.key(key.get_ref());
        in_value(value, span, &place).or_else(|| (key.span() == *span).then_some(place))
    })
}

fn in_value(value: &Spanned<DeValue<'_>>, span: &Range<usize>, here: &Place) -> Option<Place> {
    let deeper = match value.get_ref() {
        DeValue::Table(table) => in_table(table, span, here),
        DeValue::Array(array) => array
            .iter()
            .enumerate()
            .find_map(|(index, value)| in_value(value, span, &here.index(index))),
        _ => None,
    };
    deeper.or_else(|| (value.span() == *span).then(|| here.clone()))
}

/// Takes the place out of the document; false when it was not there.
pub fn remove(root: &mut DeTable<'_>, place: &Place) -> bool {
    let Some((last, way)) = place.0.split_last() else {
        return false;
    };
    let Some((Step::Key(first), rest)) = way.split_first() else {
        return match last {
            Step::Key(name) => root.remove(name.as_str()).is_some(),
            Step::Index(_) => false,
        };
    };
    let Some(mut value) = root.get_mut(first.as_str()) else {
        return false;
    };
    for step in rest {
        let next = match (step, value.get_mut()) {
            (Step::Key(name), DeValue::Table(table)) => table.get_mut(name.as_str()),
            (Step::Index(index), DeValue::Array(array)) => array.get_mut(*index),
            _ => None,
        };
        let Some(next) = next else { return false };
        value = next;
    }
    match (last, value.get_mut()) {
        (Step::Key(name), DeValue::Table(table)) => table.remove(name.as_str()).is_some(),
        (Step::Index(index), DeValue::Array(array)) => remove_element(array, *index),
        _ => false,
    }
}

fn remove_element(array: &mut DeArray<'_>, index: usize) -> bool {
    let all = std::mem::replace(array, DeArray::new());
    let before = all.len();
    for (at, value) in all.into_iter().enumerate() {
        if at != index {
            array.push(value);
        }
    }
    array.len() < before
}
