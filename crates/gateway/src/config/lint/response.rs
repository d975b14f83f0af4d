//! Escalation steps that reach nobody.

use crate::config::check::Findings;
use crate::config::place::Place;
use crate::config::product::ProductConfig;

/// Adds a warning for each step without anybody.
pub fn lint(product: &ProductConfig, findings: &mut Findings<'_>) {
    for (priority, response) in &product.response {
        let steps = Place::root()
            .key("response")
            .key(priority)
            .key("escalation");
        for (index, step) in response.escalation.iter().enumerate() {
            if step.contact.trim().is_empty() && step.on_call.is_none() {
                findings.add(
                    &steps.index(index),
                    format!(
                        "the step `{}` names nobody; say with `contact` or `on_call` who is told",
                        step.name
                    ),
                );
            }
        }
    }
}
