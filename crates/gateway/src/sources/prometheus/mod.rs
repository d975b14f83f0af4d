//! Prometheus text: reading it ([`parse`]), choosing samples of it ([`Selector`]), and what counters grew by
//! ([`Growth`]).
//!
//! Written by hand because the libraries at hand either lose samples silently or take seconds for a page.

mod growth;
mod label;
mod page;
mod selector;
#[cfg(test)]
mod tests;

pub use growth::Growth;
pub use page::{Limits, Malformed, Page, PageError, Point, parse};
pub use selector::Selector;
