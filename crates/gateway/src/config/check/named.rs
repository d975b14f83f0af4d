//! What the rest of the configuration names by an id, and people by a name.

use super::Findings;
use super::value::{self, Unique};
use crate::config::place::Place;

/// Checks the ids and names of all things of one kind.
#[derive(Debug)]
pub struct Named<'a> {
    /// What they are called, for example `channel`.
    what: &'static str,
    ids: Unique<'a>,
}

impl<'a> Named<'a> {
    /// None was seen yet.
    #[must_use]
    pub fn new(what: &'static str) -> Self {
        Self {
            what,
            ids: Unique::default(),
        }
    }

    /// Adds what is wrong with one of them, which stands `here`; `unsound` is what is wrong with its id by itself.
    pub fn see(
        &mut self,
        (id, unsound): (&'a str, Option<String>),
        name: &str,
        here: &Place,
        findings: &mut Findings<'_>,
    ) {
        findings.add_some(&here.key("id"), unsound);
        findings.add_some(&here.key("id"), self.ids.see(id, self.what));
        findings.add_some(&here.key("name"), value::for_people(name));
    }
}
