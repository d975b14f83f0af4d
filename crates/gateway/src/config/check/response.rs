//! Priorities, and what they ask of people.

use std::collections::BTreeSet;

use super::Findings;
use super::value;
use crate::config::place::Place;
use crate::config::product::{ProductConfig, ResponseConfig};

/// Adds everything that is wrong with priorities and responses. Their words are checked with the document.
pub fn check(product: &ProductConfig, findings: &mut Findings<'_>) {
    let mut missing = BTreeSet::new();
    for (severity, priority) in &product.priority {
        // Several severities may share a priority; its missing response is one mistake.
        if product.response_to(*priority).is_none() && missing.insert(priority) {
            findings.add(
                &Place::root().key("priority").key(severity),
                format!("{priority} has no [response.{priority}]; say what it asks of people"),
            );
        }
    }
    for (priority, response) in &product.response {
        let here = Place::root().key("response").key(priority);
        one(response, &here, findings);
    }
}

fn one(response: &ResponseConfig, here: &Place, findings: &mut Findings<'_>) {
    if response.respond_within.ms == 0 {
        findings.add(
            &here.key("respond_within"),
            "nobody can respond within no time",
        );
    }
    let steps = here.key("escalation");
    let mut before = None;
    for (index, step) in response.escalation.iter().enumerate() {
        let here = steps.index(index);
        findings.add_some(&here.key("name"), value::for_people(&step.name));
        if before.is_some_and(|before| step.after <= before) {
            findings.add(
                &here.key("after"),
                "it is not later than the step before; steps are in the order in which they are due",
            );
        }
        before = Some(step.after);
    }
}
