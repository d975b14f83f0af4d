//! Whose turn it is, at the boundaries.

use super::*;

const BERLIN: &str = "zone = \"Europe/Berlin\"\n";

#[test]
fn people_take_turns_from_handover_to_handover() {
    let it = turns("7d", "2026-01-05T09:00", "");
    for (at, person) in [
        ("2026-01-05T08:59:59Z", "nobody"),
        ("2026-01-05T09:00:00Z", "priya"),
        ("2026-01-12T08:59:59Z", "priya"),
        ("2026-01-12T09:00:00Z", "omar"),
        ("2026-01-19T09:00:00Z", "lena"),
        ("2026-01-26T09:00:00Z", "priya"),
        ("2036-01-07T08:59:59Z", "lena"),
        ("2036-01-07T09:00:00Z", "priya"),
    ] {
        assert_eq!(who(&it, at), person, "{at}");
    }
    assert_eq!(
        it.on_call("secondary", instant("2026-01-12T09:00:00Z")),
        None
    );
}

#[test]
fn the_handover_follows_the_clocks_of_its_zone() {
    let it = turns("1d", "2026-03-27T09:00", BERLIN);
    for (at, person) in [
        ("2026-03-28T07:59:59Z", "priya"),
        ("2026-03-28T08:00:00Z", "omar"),
        // From the 29th on Berlin is two hours ahead.
        ("2026-03-29T06:59:59Z", "omar"),
        ("2026-03-29T07:00:00Z", "lena"),
    ] {
        assert_eq!(who(&it, at), person, "{at}");
    }
    let autumn = turns("1d", "2026-10-23T09:00", BERLIN);
    assert_eq!(who(&autumn, "2026-10-25T07:59:59Z"), "omar");
    assert_eq!(who(&autumn, "2026-10-25T08:00:00Z"), "lena");
}

#[test]
fn a_time_that_the_clocks_leave_out_or_show_twice_is_one_handover() {
    let spring = turns("1d", "2026-03-27T02:30", BERLIN);
    assert_eq!(who(&spring, "2026-03-29T01:29:59Z"), "omar");
    assert_eq!(who(&spring, "2026-03-29T01:30:00Z"), "lena");
    let autumn = turns("1d", "2026-10-23T02:30", BERLIN);
    assert_eq!(who(&autumn, "2026-10-25T00:29:59Z"), "omar");
    assert_eq!(who(&autumn, "2026-10-25T00:30:00Z"), "lena");
    assert_eq!(who(&autumn, "2026-10-25T01:15:00Z"), "lena");
}

#[test]
fn outside_of_its_days_and_hours_nobody_is_on_call() {
    let office = format!("{BERLIN}days = [\"mon\", \"fri\"]\nhours = \"08:00-20:00\"\n");
    let it = turns("7d", "2026-03-23T00:00", &office);
    for (at, person) in [
        ("2026-03-27T06:59:59Z", "nobody"),
        ("2026-03-27T07:00:00Z", "priya"),
        ("2026-03-27T18:59:59Z", "priya"),
        ("2026-03-27T19:00:00Z", "nobody"),
        ("2026-03-28T12:00:00Z", "nobody"),
        // Summer time, and Omar's week.
        ("2026-03-30T05:59:59Z", "nobody"),
        ("2026-03-30T06:00:00Z", "omar"),
    ] {
        assert_eq!(who(&it, at), person, "{at}");
    }
    let told = it.shifts("primary", instant("2026-03-27T12:00:00Z"));
    let told: Vec<_> = told
        .iter()
        .map(|it| (it.person.as_str(), it.starts_at, it.ends_at))
        .take(2)
        .collect();
    assert_eq!(
        told,
        [
            (
                "priya",
                instant("2026-03-27T12:00:00Z"),
                Some(instant("2026-03-27T19:00:00Z"))
            ),
            (
                "omar",
                instant("2026-03-30T06:00:00Z"),
                Some(instant("2026-03-30T18:00:00Z"))
            ),
        ]
    );
}

#[test]
fn hours_over_midnight_belong_to_the_day_on_which_they_begin() {
    let night = "days = [\"fri\"]\nhours = \"20:00-08:00\"\n";
    let it = turns("7d", "2026-01-05T00:00", night);
    for (at, person) in [
        ("2026-01-09T07:00:00Z", "nobody"),
        ("2026-01-09T20:00:00Z", "priya"),
        ("2026-01-10T07:59:59Z", "priya"),
        ("2026-01-10T08:00:00Z", "nobody"),
        ("2026-01-10T21:00:00Z", "nobody"),
    ] {
        assert_eq!(who(&it, at), person, "{at}");
    }
}

#[test]
fn whoever_is_alone_in_a_rotation_has_no_end_in_sight() {
    let it = roster("people = [\"lena\"]\nturn = \"7d\"\nfrom = \"2026-01-05T09:00\"\n");
    let shifts = it.shifts("primary", instant("2026-06-01T00:00:00Z"));
    assert_eq!(shifts.len(), 1);
    assert_eq!(
        (shifts[0].person.as_str(), shifts[0].ends_at),
        ("lena", None)
    );
    let before = it.shifts("primary", instant("2026-01-01T00:00:00Z"));
    assert_eq!(before[0].starts_at, instant("2026-01-05T09:00:00Z"));
}

#[test]
fn the_newest_override_counts_and_what_is_below_comes_back() {
    let mut it = turns("7d", "2026-01-05T09:00", "");
    let day = |text: &str| instant(&format!("2026-01-{text}:00Z"));
    it.adopt(override_of(1, "omar", day("06T00:00"), day("07T00:00")));
    it.adopt(override_of(2, "lena", day("06T12:00"), day("06T18:00")));
    for (at, person) in [
        ("05T23:59", "priya"),
        ("06T00:00", "omar"),
        ("06T12:00", "lena"),
        ("06T17:59", "lena"),
        ("06T18:00", "omar"),
        ("07T00:00", "priya"),
    ] {
        assert_eq!(name_at(&it, day(at)), person, "{at}");
    }
    let told = it.shifts("primary", day("05T12:00"));
    let told: Vec<_> = told
        .iter()
        .map(|it| (it.person.as_str(), it.by_override.map(|it| it.0)))
        .take(5)
        .collect();
    assert_eq!(
        told,
        [
            ("priya", None),
            ("omar", Some(1)),
            ("lena", Some(2)),
            ("omar", Some(1)),
            ("priya", None)
        ]
    );
    let mut ended = override_of(2, "lena", day("06T12:00"), day("06T18:00"));
    ended.ended_at = Some(day("06T13:00"));
    it.adopt(ended);
    assert_eq!(name_at(&it, day("06T13:00")), "omar");
}

#[test]
fn an_override_covers_hours_that_are_nobodys_and_a_stranger_counts_for_nothing() {
    let mut it = turns("7d", "2026-01-05T00:00", "hours = \"08:00-20:00\"\n");
    let (start, end) = (
        instant("2026-01-06T20:00:00Z"),
        instant("2026-01-07T08:00:00Z"),
    );
    it.adopt(override_of(1, "gone", start, end));
    assert_eq!(name_at(&it, start), "nobody");
    it.adopt(override_of(2, "lena", start, end));
    assert_eq!(name_at(&it, start), "lena");
}

#[test]
fn the_board_says_who_is_on_call_for_which_product() {
    let mut it = turns("7d", "2026-01-05T09:00", "");
    let now = instant("2026-01-06T00:00:00Z");
    it.adopt(override_of(1, "omar", now.plus_ms(5), now.plus_ms(9)));
    it.adopt(override_of(2, "omar", UnixMs(now.0 - 9), now));
    let board = it.board(now);
    let primary = &board.rotations[0];
    assert_eq!(primary.shift_at(now).unwrap().name, "Priya Raman");
    assert_eq!(primary.next_after(now).unwrap().name, "Omar Haddad");
    assert_eq!(primary.shift_at(UnixMs(now.0 - 1)), None);
    // What is over is not told any more.
    let numbers: Vec<u64> = primary.overrides.iter().map(|it| it.id.0).collect();
    assert_eq!(numbers, [1]);
    assert_eq!(board.people.len(), 3);
    assert_eq!(primary.calendar, None);
}
