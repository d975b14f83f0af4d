//! Priorities, and what they ask of people.

use std::collections::BTreeSet;

use watchfloor_wire::lease::{MAX_LEASE_MS, MIN_LEASE_MS};

use super::Findings;
use super::value;
use crate::config::place::Place;
use crate::config::product::{ProductConfig, ResponseConfig};
use crate::config::span::Span;

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
    leases(response, here, findings);
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

/// The most spans that the form can offer beside each other.
const MAX_CHOICES: usize = 4;

fn leases(response: &ResponseConfig, here: &Place, findings: &mut Findings<'_>) {
    let wrong = "hold it for one minute at least and seven days at most, for example \"60m\"";
    let fits = |span: &Span| (MIN_LEASE_MS..=MAX_LEASE_MS).contains(&span.ms);
    if response.lease.is_some_and(|it| !fits(&it)) {
        findings.add(&here.key("lease"), wrong);
    }
    let choices = here.key("lease_choices");
    for (index, span) in response.lease_choices.iter().enumerate() {
        if !fits(span) {
            findings.add(&choices.index(index), wrong);
        }
    }
    if response.lease_choices.len() > MAX_CHOICES {
        findings.add(
            &choices,
            format!("the form has room for {MAX_CHOICES} spans; leave some out"),
        );
    }
}
