//! People and rotations: each name once, nobody who is not there, turns that say all they must.

use watchfloor_wire::time::DAY_MS;

use super::Findings;
use super::channel::reachable;
use super::named::Named;
use super::value::{self, listed};
use crate::config::gateway::GatewayConfig;
use crate::config::on_call::RotationConfig;
use crate::config::place::Place;
use crate::config::product::ProductConfig;

/// The longest turn, in days.
const MAX_TURN_DAYS: i64 = 366;

/// Adds everything that is wrong with people and rotations.
pub fn check(gateway: &GatewayConfig, findings: &mut Findings<'_>) {
    let mut people = Named::new("person");
    for (index, person) in gateway.people.iter().enumerate() {
        let here = Place::root().key("person").index(index);
        let id = (person.id.as_str(), value::name(&person.id));
        people.see(id, &person.name, &here, findings);
    }
    let mut rotations = Named::new("rotation");
    for (index, rotation) in gateway.rotations.iter().enumerate() {
        let here = Place::root().key("rotation").index(index);
        let id = (rotation.id.as_str(), value::name(&rotation.id));
        rotations.see(id, &rotation.name, &here, findings);
        if rotation.is_by_calendar() {
            calendar(rotation, gateway, &here, findings);
        } else {
            turns(rotation, gateway, &here, findings);
        }
    }
}

fn turns(
    rotation: &RotationConfig,
    gateway: &GatewayConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    if rotation.people.is_empty() {
        findings.add(
            &here.key("people"),
            "nobody takes turns; name at least one [[person]], or a `calendar_url`",
        );
    }
    for (place, id) in rotation.people.iter().enumerate() {
        if !gateway.people.iter().any(|it| it.id == *id) {
            let known = listed(gateway.people.iter().map(|it| it.id.as_str()));
            findings.add(
                &here.key("people").index(place),
                format!("there is no [[person]] `{id}`; there are {known}"),
            );
        }
    }
    match rotation.turn {
        None => findings.add(
            here,
            "it does not say how long a turn is; write for example turn = \"7d\"",
        ),
        Some(turn)
            if turn.ms % DAY_MS != 0 || !(1..=MAX_TURN_DAYS).contains(&(turn.ms / DAY_MS)) =>
        {
            findings.add(
                &here.key("turn"),
                format!("a turn is from 1 to {MAX_TURN_DAYS} whole days; write for example \"7d\""),
            );
        }
        Some(_) => {}
    }
    if rotation.from.is_none() {
        findings.add(
            here,
            "it does not say when the first turn begins; write for example from = \"2026-01-05T09:00\"",
        );
    }
    let twice = |at: usize| rotation.days[..at].contains(&rotation.days[at]);
    if (0..rotation.days.len()).any(twice) {
        findings.add(&here.key("days"), "it names a day twice");
    }
}

fn calendar(
    rotation: &RotationConfig,
    gateway: &GatewayConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    for (key, is_there) in [
        ("people", !rotation.people.is_empty()),
        ("turn", rotation.turn.is_some()),
        ("from", rotation.from.is_some()),
        ("days", !rotation.days.is_empty()),
        ("hours", rotation.hours.is_some()),
    ] {
        if is_there {
            findings.add(
                &here.key(key),
                "the calendar says whose turn it is; leave this out, or leave the calendar out",
            );
        }
    }
    if gateway.people.is_empty() {
        findings.add(here, "its events name people, and there is no [[person]]");
    }
    match (&rotation.calendar_url, &rotation.calendar_url_env) {
        (Some(_), Some(_)) => findings.add(
            &here.key("calendar_url"),
            "`calendar_url_env` is set as well; one of the two",
        ),
        (Some(url), None) => {
            findings.add_some(&here.key("calendar_url"), reachable(url, &gateway.probing));
        }
        (None, Some(name)) => {
            findings.add_some(&here.key("calendar_url_env"), value::variable(name));
        }
        (None, None) => {}
    }
}

/// Adds what is wrong with a product's escalation steps that name a rotation.
pub fn product(product: &ProductConfig, gateway: &GatewayConfig, findings: &mut Findings<'_>) {
    for (priority, response) in &product.response {
        let steps = Place::root().key("response").key(priority);
        let steps = steps.key("escalation");
        for (index, step) in response.escalation.iter().enumerate() {
            let Some(rotation) = &step.on_call else {
                continue;
            };
            let here = steps.index(index);
            if !step.contact.is_empty() {
                findings.add(
                    &here.key("contact"),
                    "whoever is on call is told; leave out `contact` or `on_call`",
                );
            }
            if !gateway.rotations.iter().any(|it| it.id == *rotation) {
                let known = listed(gateway.rotations.iter().map(|it| it.id.as_str()));
                findings.add(
                    &here.key("on_call"),
                    format!("the gateway's file has no rotation `{rotation}`; it has {known}"),
                );
            }
        }
    }
}
