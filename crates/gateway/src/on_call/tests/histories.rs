//! Whatever the rotation, its overrides and its calendar: at each instant one person at most, and another one at stated
//! instants only.

use proptest::prelude::*;
use watchfloor_wire::time::{DAY_MS, HOUR_MS};

use super::calendar::CalendarShift;
use super::*;

const PEOPLE: [&str; 3] = ["priya", "omar", "lena"];

fn zones() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
    ])
}

/// From 2026 on, for two years.
fn moments() -> impl Strategy<Value = i64> {
    0_i64..(2 * 365 * DAY_MS)
}

fn spans() -> impl Strategy<Value = Vec<(usize, i64, i64)>> {
    prop::collection::vec((0_usize..3, moments(), HOUR_MS..(20 * DAY_MS)), 0..6)
}

fn start() -> UnixMs {
    instant("2026-01-07T00:00:00Z")
}

fn with_overrides(mut roster: Roster, spans: &[(usize, i64, i64)]) -> Roster {
    for (id, (person, after_ms, span_ms)) in (1_u64..).zip(spans) {
        let begins = start().plus_ms(*after_ms);
        let ends = begins.plus_ms(*span_ms);
        roster.adopt(override_of(id, PEOPLE[*person], begins, ends));
    }
    roster
}

/// Nobody else has a turn between an instant and the first change after it, and what is told is what is so.
fn holds(roster: &Roster, at: UnixMs, within: &[i64]) -> Result<(), TestCaseError> {
    let known = roster.known("primary").unwrap();
    let now = name_at(roster, at);
    let change = roster.change_after(known, at);
    let reach_ms = change.map_or(30 * DAY_MS, |it| it.since_ms(at));
    prop_assert!(reach_ms > 0);
    for share in within {
        let later = at.plus_ms(reach_ms.saturating_sub(1) * share / 1_000);
        prop_assert_eq!(name_at(roster, later), now.as_str(), "at {:?}", later);
    }
    let shifts = roster.shifts("primary", at);
    let told = shifts.first().filter(|it| it.covers(at));
    prop_assert_eq!(told.map_or("nobody", |it| it.person.as_str()), now);
    for pair in shifts.windows(2) {
        prop_assert!(pair[0].ends_at.unwrap() <= pair[1].starts_at);
    }
    for shift in &shifts {
        prop_assert_eq!(name_at(roster, shift.starts_at), shift.person.as_str());
        if let Some(end) = shift.ends_at {
            prop_assert!(shift.starts_at < end);
            prop_assert_eq!(name_at(roster, UnixMs(end.0 - 1)), shift.person.as_str());
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn by_turns_and_overrides(
        zone in zones(),
        days in 1_i64..9,
        (hour, minute) in (0_u32..24, 0_u32..60),
        hours in prop::option::of((0_u32..24, 0_u32..24)),
        overrides in spans(),
        after_ms in moments(),
        within in prop::collection::vec(0_i64..=1_000, 8),
    ) {
        let hours = hours.map_or_else(String::new, |(a, b)| {
            format!("days = [\"mon\", \"wed\", \"sat\"]\nhours = \"{a:02}:30-{b:02}:00\"\n")
        });
        let more = format!("zone = \"{zone}\"\n{hours}");
        let it = turns(&format!("{days}d"), &format!("2026-01-05T{hour:02}:{minute:02}"), &more);
        let it = with_overrides(it, &overrides);
        holds(&it, start().plus_ms(after_ms), &within)?;
    }

    #[test]
    fn by_calendar_and_overrides(
        events in spans(),
        overrides in spans(),
        after_ms in moments(),
        within in prop::collection::vec(0_i64..=1_000, 8),
    ) {
        let mut it = roster("calendar_url = \"https://calendar.example.com/a.ics\"\n");
        let shifts = events.iter().map(|(person, after_ms, span_ms)| CalendarShift {
            person: PEOPLE[*person].to_owned(),
            starts_at: start().plus_ms(*after_ms),
            ends_at: start().plus_ms(after_ms + span_ms),
        });
        it.adopt_calendar(CalendarCopy {
            rotation: "primary".to_owned(),
            read_at: Some(start()),
            tried_at: start(),
            problem: String::new(),
            shifts: shifts.collect(),
        });
        let it = with_overrides(it, &overrides);
        holds(&it, start().plus_ms(after_ms), &within)?;
    }

    /// Without hours and overrides somebody is on call at each instant from the first turn on, and no turn is shorter
    /// than the shortest day.
    #[test]
    fn turns_cover_time_without_gap_or_overlap(
        zone in zones(),
        days in prop::sample::select(vec![1_i64, 7]),
        (hour, minute) in (0_u32..24, 0_u32..60),
        after_ms in moments(),
    ) {
        let more = format!("zone = \"{zone}\"\n");
        let it = turns(&format!("{days}d"), &format!("2026-01-05T{hour:02}:{minute:02}"), &more);
        let shifts = it.shifts("primary", start().plus_ms(after_ms));
        prop_assert_eq!(shifts.len(), SHIFTS_TOLD);
        for pair in shifts.windows(2) {
            prop_assert_eq!(pair[0].ends_at, Some(pair[1].starts_at));
            prop_assert_ne!(&pair[0].person, &pair[1].person);
        }
        for shift in &shifts[1..] {
            let length_ms = shift.ends_at.unwrap().since_ms(shift.starts_at);
            prop_assert!(length_ms >= days * DAY_MS - HOUR_MS, "{}", length_ms);
            prop_assert!(length_ms <= days * DAY_MS + HOUR_MS, "{}", length_ms);
        }
    }
}
