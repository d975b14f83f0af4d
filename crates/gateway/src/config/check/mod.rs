//! What the types cannot say: names that must exist, numbers that must make sense together, addresses that
//! may be reached. A folder's file for each part of the configuration; each collects everything it finds.

pub mod alert_labels;
pub mod channel;
pub mod chart;
pub mod gateway;
pub mod inhibit;
pub mod limits;
pub mod maintenance;
pub mod metric;
pub mod named;
pub mod on_call;
pub mod probe;
pub mod product;
pub mod response;
pub mod rule;
pub mod value;

use super::document::Document;
use super::place::Place;
use super::problem::Problem;

/// Collects what is wrong with one file.
#[derive(Debug)]
pub struct Findings<'d> {
    document: &'d Document<'d>,
    problems: Vec<Problem>,
}

impl<'d> Findings<'d> {
    /// Nothing found yet.
    #[must_use]
    pub const fn new(document: &'d Document<'d>) -> Self {
        Self {
            document,
            problems: Vec::new(),
        }
    }

    /// Adds a problem at a place.
    pub fn add(&mut self, place: &Place, text: impl Into<String>) {
        self.problems.push(self.document.problem(place, text));
    }

    /// Adds a problem when there is one.
    pub fn add_some(&mut self, place: &Place, text: Option<impl Into<String>>) {
        if let Some(text) = text {
            self.add(place, text);
        }
    }

    /// What was found, in the order of lines.
    #[must_use]
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.line);
        self.problems
    }
}
