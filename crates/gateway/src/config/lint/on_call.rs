//! Times at which nobody is on call.

use crate::config::check::Findings;
use crate::config::gateway::GatewayConfig;
use crate::config::place::Place;

/// Adds a warning for each rotation with times that are nobody's turn, unless it says why that is meant.
pub fn lint(gateway: &GatewayConfig, findings: &mut Findings<'_>) {
    for (index, rotation) in gateway.rotations.iter().enumerate() {
        let here = Place::root().key("rotation").index(index);
        // What a calendar leaves out only the calendar knows; the console shows it.
        match (&rotation.uncovered, rotation.has_holes()) {
            (None, true) => {
                let key = if rotation.hours.is_some() {
                    "hours"
                } else {
                    "days"
                };
                findings.add(
                    &here.key(key),
                    format!(
                        "at other times nobody is on call in `{}`; cover them by another rotation, or say with `uncovered = \"why\"` that it is meant",
                        rotation.id
                    ),
                );
            }
            (Some(_), false) if !rotation.is_by_calendar() => findings.add(
                &here.key("uncovered"),
                "somebody is on call at all times; leave this out",
            ),
            _ => {}
        }
    }
}
