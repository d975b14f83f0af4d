//! The calendar of the demonstration, as the simulated products serve it and the demonstration's configuration reads it.

use std::path::Path;

use watchfloor_wire::time::DAY_MS;

use super::calendar::{CalendarCopy, CalendarReading};
use super::*;
use crate::config::load;

const TEXT: &str = include_str!("../../../../fleet/src/calendar/deedpro-secondary.ics");
const ROTATION: &str = "deedpro-secondary";

/// The demonstration's roster once its calendar was read at this instant.
fn read_at(now: UnixMs) -> Roster {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/demo.toml");
    let config = load(&path).unwrap_or_else(|error| panic!("{error}"));
    let mut rotations = config.gateway.rotations.iter();
    let rotation = rotations.find(|it| it.is_by_calendar()).unwrap();
    assert_eq!(rotation.id, ROTATION);
    let people = &config.gateway.people;
    let reading = CalendarReading {
        rotation: rotation.id.clone(),
        at: now,
        result: import::shifts(TEXT, people, rotation.zone.0, now),
    };
    assert!(reading.result.is_ok(), "{:?}", reading.result);
    let mut roster = Roster::new(&config);
    roster.adopt_calendar(CalendarCopy::after(None, &reading));
    roster
}

#[test]
fn the_demonstrations_calendar_says_who_is_on_call() {
    for (at, person) in [
        // Weeks by turns, handed over on Mondays at 08:00 in Chicago.
        ("2026-11-16T13:59:59Z", "omar"),
        ("2026-11-16T14:00:00Z", "tomas"),
        // A week that is not its owner's, and the next one by turns again.
        ("2026-11-23T13:59:59Z", "tomas"),
        ("2026-11-23T14:00:00Z", "mei"),
        ("2026-11-30T14:00:00Z", "tomas"),
        ("2026-07-13T13:00:00Z", "lena"),
        ("2026-07-20T13:00:00Z", "omar"),
        // Each Christmas lies on top of whose week it is.
        ("2026-12-24T13:59:59Z", "omar"),
        ("2026-12-24T14:00:00Z", "lena"),
        ("2026-12-27T14:00:00Z", "omar"),
        ("2027-12-25T00:00:00Z", "lena"),
        // The clocks have changed: 08:00 is an hour earlier.
        ("2027-03-15T12:59:59Z", "tomas"),
        ("2027-03-15T13:00:00Z", "omar"),
    ] {
        let at = instant(at);
        let roster = read_at(at);
        let found = roster.on_call(ROTATION, at).map(|it| it.id.as_str());
        assert_eq!(found, Some(person), "{at:?}");
    }
}

#[test]
fn the_demonstrations_calendar_leaves_no_hour_to_nobody() {
    let begins = instant("2026-01-01T00:00:00Z");
    for season in 0..9 {
        let read = begins.plus_ms(season * 60 * DAY_MS);
        let roster = read_at(read);
        for hour in 0..60 * 24 {
            let at = read.plus_ms(hour * 3_600_000);
            assert!(roster.on_call(ROTATION, at).is_some(), "{at:?}");
        }
    }
}
