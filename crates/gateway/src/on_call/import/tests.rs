#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;

use super::*;
use crate::on_call::tests::instant;

fn people() -> Vec<PersonConfig> {
    let person = |id: &str, name: &str| PersonConfig {
        id: id.to_owned(),
        name: name.to_owned(),
        contact: format!("{id}@example.com"),
    };
    vec![
        person("priya", "Priya Raman"),
        person("omar", "Omar Haddad"),
    ]
}

/// A calendar of events, each of these lines.
fn calendar(events: &[&str]) -> String {
    let mut text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n".to_owned();
    for event in events {
        text += &format!("BEGIN:VEVENT\nUID:e\n{event}\nEND:VEVENT\n");
    }
    text + "END:VCALENDAR\n"
}

fn read(text: &str) -> Result<Vec<CalendarShift>, String> {
    let berlin = Tz::Europe__Berlin;
    shifts(text, &people(), berlin, instant("2026-03-23T12:00:00Z"))
}

/// The turns of these events: who, from when, until when.
fn turns_of(events: &[&str]) -> Vec<String> {
    let told = |it: CalendarShift| {
        let time = |at| crate::instant::rfc3339(at).replace(":00.000Z", "");
        format!("{} {} {}", it.person, time(it.starts_at), time(it.ends_at))
    };
    read(&calendar(events))
        .unwrap()
        .into_iter()
        .map(told)
        .collect()
}

const ONE: &str = "SUMMARY:Priya Raman\nDTSTART:20260324T080000Z\nDTEND:20260325T080000Z";

#[test]
fn an_event_is_a_turn_of_whom_it_names() {
    let expected = ["priya 2026-03-24T08:00 2026-03-25T08:00"];
    assert_eq!(turns_of(&[ONE]), expected);
    for who in [
        "SUMMARY:On call: priya raman (Platform)",
        "SUMMARY:priya",
        "SUMMARY:PRIYA@example.com",
        "SUMMARY:On-call shift\nATTENDEE;CN=P:mailto:Priya@Example.com",
        // Whoever attends has the turn, whatever the title says.
        "SUMMARY:Omar Haddad\nATTENDEE:mailto:priya@example.com",
    ] {
        let event = ONE.replace("SUMMARY:Priya Raman", who);
        assert_eq!(turns_of(&[&event]), expected, "{who}");
    }
}

#[test]
fn a_repeated_turn_keeps_its_local_time_when_the_clocks_change() {
    let weekly = "SUMMARY:Omar Haddad\nDTSTART;TZID=Europe/Berlin:20260316T090000\nDTEND;TZID=Europe/Berlin:20260323T090000\nRRULE:FREQ=WEEKLY;UNTIL=20260330T070000Z";
    assert_eq!(
        turns_of(&[weekly]),
        [
            "omar 2026-03-16T08:00 2026-03-23T08:00",
            "omar 2026-03-23T08:00 2026-03-30T07:00",
            "omar 2026-03-30T07:00 2026-04-06T07:00",
        ]
    );
    // Times without a zone are those of the rotation, and what goes past midnight of that day.
    let floating =
        "SUMMARY:omar\nDTSTART:20260328T200000\nDURATION:PT12H\nRRULE:FREQ=DAILY;COUNT=2";
    assert_eq!(
        turns_of(&[floating]),
        [
            "omar 2026-03-28T19:00 2026-03-29T06:00",
            "omar 2026-03-29T18:00 2026-03-30T06:00",
        ]
    );
}

#[test]
fn times_are_taken_out_added_and_replaced() {
    let daily = "SUMMARY:omar\nDTSTART;TZID=Europe/Berlin:20260323T090000\nDTEND;TZID=Europe/Berlin:20260324T090000\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Europe/Berlin:20260324T090000\nSEQUENCE:1";
    let instead = "SUMMARY:priya\nRECURRENCE-ID:20260325T080000Z\nDTSTART;TZID=Europe/Berlin:20260325T120000\nDTEND;TZID=Europe/Berlin:20260326T090000\nSEQUENCE:7";
    let dropped = "SUMMARY:omar\nSTATUS:CANCELLED\nRECURRENCE-ID;TZID=Europe/Berlin:20260326T090000\nDTSTART;TZID=Europe/Berlin:20260326T090000\nDTEND;TZID=Europe/Berlin:20260327T090000";
    assert_eq!(
        turns_of(&[daily, instead, dropped]),
        [
            "omar 2026-03-23T08:00 2026-03-24T08:00",
            "priya 2026-03-25T11:00 2026-03-26T08:00",
        ]
    );
    let also = format!("{ONE}\nRDATE:20260401T080000Z");
    assert_eq!(
        turns_of(&[&also]),
        [
            "priya 2026-03-24T08:00 2026-03-25T08:00",
            "priya 2026-04-01T08:00 2026-04-02T08:00"
        ]
    );
}

#[test]
fn whole_days_are_those_of_the_rotations_zone() {
    let day = "SUMMARY:priya\nDTSTART;VALUE=DATE:20260329\nDTEND;VALUE=DATE:20260330";
    assert_eq!(
        turns_of(&[day]),
        ["priya 2026-03-28T23:00 2026-03-29T22:00"]
    );
    let day = "SUMMARY:priya\nDTSTART;VALUE=DATE:20260324";
    assert_eq!(
        turns_of(&[day]),
        ["priya 2026-03-23T23:00 2026-03-24T23:00"]
    );
}

#[test]
fn zones_are_known_by_other_programs_names_too() {
    let begins = |zone: &str, definition: &str| {
        let event = format!(
            "SUMMARY:priya\nDTSTART;TZID={zone}:20260324T090000\nDTEND;TZID={zone}:20260324T190000"
        );
        let definition = format!("BEGIN:VTIMEZONE\nTZID:{zone}\n{definition}END:VTIMEZONE\n");
        let text =
            calendar(&[&event]).replace("BEGIN:VEVENT", &format!("{definition}BEGIN:VEVENT"));
        read(&text).map(|it| it[0].starts_at)
    };
    let berlin = Ok(instant("2026-03-24T08:00:00Z"));
    assert_eq!(begins("W. Europe Standard Time", ""), berlin);
    assert_eq!(begins("Ours", "X-LIC-LOCATION:Europe/Berlin\n"), berlin);
    assert!(begins("Ours", "").is_err());
}

#[test]
fn an_endless_series_is_read_as_far_as_it_is_needed() {
    let endless = "SUMMARY:priya\nDTSTART:20200106T090000Z\nDTEND:20200113T090000Z\nRRULE:FREQ=WEEKLY;INTERVAL=2";
    let other = endless
        .replace("priya", "omar")
        .replace("20200106", "20200113")
        .replace("20200113T090000Z\nR", "20200120T090000Z\nR");
    let found = read(&calendar(&[endless, &other])).unwrap();
    let now = instant("2026-03-23T12:00:00Z");
    assert!(found.len() >= 12 && found.len() <= 15, "{}", found.len());
    assert!(found.iter().all(|it| it.starts_at < now.plus_ms(AHEAD_MS)));
    assert!(
        found
            .windows(2)
            .all(|it| it[0].ends_at == it[1].starts_at && it[0].person != it[1].person)
    );
}

#[test]
fn what_is_far_away_may_name_strangers() {
    let old = "SUMMARY:Zoe\nDTSTART:20200324T080000Z\nDTEND:20200325T080000Z";
    assert_eq!(turns_of(&[old, ONE]).len(), 1);
    assert_eq!(turns_of(&[]).len(), 0);
}

/// What is no calendar, or not one.
fn no_calendars() -> Vec<(String, &'static str)> {
    vec![
        (
            String::new(),
            "it is empty; a calendar begins with BEGIN:VCALENDAR",
        ),
        (
            "<html><body>Sign in</body></html>".to_owned(),
            "it begins with `<html><body>Sign in</body></html>`; a calendar begins with BEGIN:VCALENDAR",
        ),
        (
            "BEGIN:VCARD\nFN:x\nEND:VCARD\n".to_owned(),
            "it begins with `BEGIN:VCARD`; a calendar begins with BEGIN:VCALENDAR",
        ),
        (
            calendar(&[ONE]).replace("END:VCALENDAR\n", ""),
            "it breaks off after `END:VEVENT`; a calendar ends with END:VCALENDAR",
        ),
        (
            calendar(&[ONE]).repeat(2),
            "there is something behind END:VCALENDAR",
        ),
    ]
}

/// Events that are wrong.
fn wrong_events() -> Vec<(String, &'static str)> {
    let with = |from: &str, to: &str| calendar(&[&ONE.replace(from, to)]);
    vec![
        (
            with("Priya Raman", "Zoe Doe"),
            "event 1 (UID e): SUMMARY `Zoe Doe` names nobody that there is a [[person]] for; write a name, an id or an e-mail address, for example SUMMARY:Priya Raman",
        ),
        (
            with("Priya Raman", "Priya Raman and Omar Haddad"),
            "event 1 (UID e): it names `priya`, `omar`; one person has a turn, for example SUMMARY:Priya Raman",
        ),
        (
            with("DTSTART:20260324T080000Z\n", ""),
            "event 1 (UID e): it has no DTSTART; for example DTSTART;TZID=Europe/Berlin:20260105T090000",
        ),
        (
            with("DTSTART:20260324T080000Z", "DTSTART:tomorrow"),
            "event 1 (UID e): DTSTART is no day and time; for example",
        ),
        (
            with("\nDTEND:20260325T080000Z", ""),
            "event 1 (UID e): it has no DTEND, so nobody knows when the turn ends; for example",
        ),
        (
            with("DTEND:20260325", "DTEND:20260324"),
            "event 1 (UID e): DTEND is not after DTSTART; for example",
        ),
        (
            with(
                "DTSTART:20260324T080000Z",
                "DTSTART;TZID=Mars/Olympus:20260324T080000",
            ),
            "event 1 (UID e): TZID `Mars/Olympus` is no time zone that is known; write a name of the IANA database",
        ),
        (
            calendar(&[&format!("{ONE}\nRRULE:FREQ=EVERY TUESDAY")]),
            "event 1 (UID e): RRULE is not understood; for example RRULE:FREQ=WEEKLY;INTERVAL=3",
        ),
        (
            calendar(&[&format!("{ONE}\nRRULE:FREQ=WEEKLY;INTER\n VALL=3")]),
            "RRULE has no part `INTERVALL`; for example RRULE:FREQ=WEEKLY;INTERVAL=3",
        ),
        (
            calendar(&[&format!("{ONE}\nRRULE:FREQ=MINUTELY")]),
            "event 1 (UID e): RRULE repeats it more often than each day; for example RRULE:FREQ=DAILY",
        ),
        (
            calendar(&[&format!("{ONE}\nRRULE:FREQ=WEEKLY;BYMONTHDAY=40")]),
            "event 1 (UID e): RRULE",
        ),
    ]
}

#[test]
fn bad_input_is_refused_with_the_property_the_reason_and_an_example() {
    for (text, wanted) in no_calendars().into_iter().chain(wrong_events()) {
        let refused = read(&text);
        let told = refused.as_ref().err().map_or("", String::as_str);
        assert!(
            told.starts_with(wanted),
            "{text}\ngave\n{refused:?}\nnot\n{wanted}"
        );
    }
}

#[test]
fn what_is_too_much_is_refused_in_time() {
    let often = format!("{ONE}\nRRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7,8,9,10,11,12,13")
        .replace("20260325", "20260324")
        .replace("T080000Z\nRRULE", "T090000Z\nRRULE");
    let told = read(&calendar(&[&often])).unwrap_err();
    assert!(told.contains("there are more than 1000 turns"), "{told}");
    let old = "SUMMARY:priya\nDTSTART:19800101T080000Z\nDTEND:19800102T080000Z\nRRULE:FREQ=DAILY";
    let told = read(&calendar(&[old])).unwrap_err();
    assert!(told.contains("more than 10000 times"), "{told}");
}

proptest! {
    /// Whatever comes is turns in order, or words.
    #[test]
    fn nothing_that_comes_makes_it_stop(
        lines in prop::collection::vec(
            prop::sample::select(vec![
                "BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE", "END:VTIMEZONE",
                "SUMMARY:priya", "UID:e", "DTSTART:20260324T080000Z", "DTSTART;TZID=Europe/Berlin:20260329T023000",
                "DTEND:20260325T080000Z", "DTEND;VALUE=DATE:20260326", "DURATION:P1W", "DURATION:-P1D",
                "RRULE:FREQ=WEEKLY;BYDAY=MO", "RRULE:FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2", "RRULE:FREQ=DAILY;UNTIL=19990101",
                "EXDATE:20260331T080000Z", "RDATE;VALUE=PERIOD:20260401T080000Z/P1D", "RECURRENCE-ID:20260324T080000Z",
                "TZID:Ours", "TZOFFSETTO:+2500", "DTSTART:99991231T235959", "\u{feff}BEGIN:VCALENDAR", " folded", ":", ";=:",
            ]),
            0..24,
        ),
        tail in ".{0,20}",
    ) {
        let text = format!("{}\n{tail}", lines.join("\n"));
        if let Ok(found) = read(&text) {
            prop_assert!(found.windows(2).all(|it| it[0].starts_at <= it[1].starts_at));
            prop_assert!(found.iter().all(|it| it.starts_at < it.ends_at));
        }
    }
}
