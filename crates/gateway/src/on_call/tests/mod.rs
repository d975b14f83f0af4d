#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod demonstration;
mod fetching;
mod histories;
mod orders;
mod rotations;

use chrono::DateTime;

use super::*;
use crate::config::GatewayConfig;

/// Three people and one rotation with these lines.
pub(crate) fn roster(rotation: &str) -> Roster {
    let people: String = [
        ("priya", "Priya Raman"),
        ("omar", "Omar Haddad"),
        ("lena", "Lena Vogt"),
    ]
    .map(|(id, name)| {
        format!("[[person]]\nid = \"{id}\"\nname = \"{name}\"\ncontact = \"{id}@example.com\"\n")
    })
    .concat();
    let gateway = format!(
        "products = []\n{people}[[rotation]]\nid = \"primary\"\nname = \"Primary\"\n{rotation}"
    );
    let gateway: GatewayConfig = toml::from_str(&gateway).unwrap();
    Roster::new(&Config {
        gateway,
        products: Vec::new(),
    })
}

/// Priya, Omar and Lena by turns.
fn turns(turn: &str, from: &str, more: &str) -> Roster {
    roster(&format!(
        "people = [\"priya\", \"omar\", \"lena\"]\nturn = \"{turn}\"\nfrom = \"{from}\"\n{more}"
    ))
}

pub(crate) fn instant(text: &str) -> UnixMs {
    UnixMs(
        DateTime::parse_from_rfc3339(text)
            .unwrap()
            .timestamp_millis(),
    )
}

fn who(roster: &Roster, at: &str) -> String {
    name_at(roster, instant(at))
}

fn name_at(roster: &Roster, at: UnixMs) -> String {
    let person = roster.on_call("primary", at);
    person.map_or_else(|| "nobody".to_owned(), |it| it.id.clone())
}

fn override_of(id: u64, person: &str, starts_at: UnixMs, ends_at: UnixMs) -> Override {
    Override {
        id: OverrideId(id),
        rotation: "primary".to_owned(),
        person: person.to_owned(),
        starts_at,
        ends_at,
        reason: String::new(),
        author: "ada".to_owned(),
        author_name: "Ada".to_owned(),
        created_at: UnixMs(0),
        ended_at: None,
        ended_by_name: None,
    }
}
