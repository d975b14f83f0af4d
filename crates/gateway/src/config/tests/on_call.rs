//! People, rotations, and steps that name one.

use super::{GATEWAY, PRODUCT, lint_of, messages};

const ON_CALL: &str = r#"[[person]]
id = "priya"
name = "Priya Raman"
contact = "priya@example.com"
[[rotation]]
id = "primary"
name = "Primary"
people = ["priya"]
turn = "7d"
from = "2026-01-05T09:00"
zone = "Europe/Berlin"
"#;
const CALENDAR: &str = "calendar_url = \"http://127.0.0.1:9000/a.ics\"\n";

/// The one message that this gives, without the file; the line is counted within what is behind [`GATEWAY`].
fn only(found: &[String]) -> String {
    assert_eq!(found.len(), 1, "{found:#?}");
    let place = found[0]
        .strip_prefix("watchfloor.toml:")
        .unwrap_or_default();
    let (line, text) = place.split_once(": ").unwrap_or_default();
    let line: usize = line.parse().unwrap_or_default();
    format!("{}: {text}", line - GATEWAY.lines().count())
}

fn step(step: &str) -> String {
    format!(
        "{PRODUCT}[response.P1]\nrespond_within = \"1h\"\nescalation = [{{ after = \"0s\", name = \"On call\", {step} }}]\n"
    )
}

#[test]
fn rotations_by_turns_and_by_calendar_are_right() {
    let none = Vec::<String>::new();
    assert_eq!(messages(&format!("{GATEWAY}{ON_CALL}"), PRODUCT), none);
    let (people, _) = ON_CALL.split_once("people = ").unwrap_or_default();
    let by_calendar = format!("{GATEWAY}{people}{CALENDAR}");
    assert_eq!(messages(&by_calendar, PRODUCT), none);
    let secret = by_calendar.replace(
        "calendar_url = \"http://127.0.0.1:9000/a.ics\"",
        "calendar_url_env = \"ON_CALL_ICS\"",
    );
    assert_eq!(messages(&secret, PRODUCT), none);
}

#[test]
fn each_mistake_of_a_rotation_is_told_at_its_line() {
    for (right, wrong, expected) in [
        (
            "[\"priya\"]",
            "[\"omar\"]",
            "8: rotation.people: there is no [[person]] `omar`; there are `priya`",
        ),
        (
            "[\"priya\"]",
            "[]",
            "8: rotation.people: nobody takes turns; name at least one [[person]], or a `calendar_url`",
        ),
        (
            "7d",
            "12h",
            "9: rotation.turn: a turn is from 1 to 366 whole days; write for example \"7d\"",
        ),
        (
            "turn = \"7d\"\n",
            "",
            "5: rotation: it does not say how long a turn is; write for example turn = \"7d\"",
        ),
        (
            "from = \"2026-01-05T09:00\"\n",
            "",
            "5: rotation: it does not say when the first turn begins; write for example from",
        ),
        (
            "T09:00",
            " 9am",
            "10: rotation.from: `2026-01-05 9am` is no day and time; write for example \"2026-01-05T09:00\"",
        ),
        (
            "Europe/Berlin",
            "CEST",
            "11: rotation.zone: `CEST` is no time zone; write UTC, or a name of the IANA database",
        ),
        (
            "zone =",
            "hours = \"9-5\"\nzone =",
            "11: rotation.hours: `9-5` are no hours; write for example \"08:00-20:00\"",
        ),
        (
            "zone =",
            "days = [\"friday\"]\nzone =",
            "11: rotation.days: unknown word `friday`, expected one of `mon`",
        ),
        (
            "zone =",
            "days = [\"fri\", \"fri\"]\nzone =",
            "11: rotation.days: it names a day twice",
        ),
        (
            "\"primary\"",
            "\"Primary!\"",
            "6: rotation.id: `Primary!` is no name",
        ),
        (
            "\"Priya Raman\"",
            "\" \"",
            "3: person.name: it is empty; people read it",
        ),
    ] {
        let gateway = format!("{GATEWAY}{}", ON_CALL.replace(right, wrong));
        let told = only(&messages(&gateway, PRODUCT));
        assert!(told.starts_with(expected), "{told}\nnot\n{expected}");
    }
}

#[test]
fn a_calendar_stands_alone_and_may_be_reached() {
    let (people, _) = ON_CALL.split_once("people = ").unwrap_or_default();
    for (lines, expected) in [
        (
            format!("{CALENDAR}turn = \"7d\"\n"),
            "9: rotation.turn: the calendar says whose turn it is; leave this out",
        ),
        (
            CALENDAR.replace("127.0.0.1", "169.254.169.254"),
            "8: rotation.calendar_url: this address may not be reached: 169.254.169.254 is in 169.254.0.0/16, which is never reached",
        ),
        (
            CALENDAR.replace("http:", "webcal:"),
            "8: rotation.calendar_url: it is not http or https",
        ),
        (
            format!("{CALENDAR}calendar_url_env = \"ICS\"\n"),
            "8: rotation.calendar_url: `calendar_url_env` is set as well; one of the two",
        ),
        (
            "calendar_url_env = \"not a name\"\n".to_owned(),
            "8: rotation.calendar_url_env: `not a name` names no environment variable",
        ),
    ] {
        let told = only(&messages(&format!("{GATEWAY}{people}{lines}"), PRODUCT));
        assert!(told.starts_with(expected), "{told}\nnot\n{expected}");
    }
}

#[test]
fn names_are_unique() {
    let (person, rotation) = ON_CALL.split_at(ON_CALL.find("[[rotation]]").unwrap_or_default());
    let people = only(&messages(&format!("{GATEWAY}{person}{ON_CALL}"), PRODUCT));
    assert!(
        people.contains("person.id: another person is called `priya` already"),
        "{people}"
    );
    let rotations = only(&messages(&format!("{GATEWAY}{ON_CALL}{rotation}"), PRODUCT));
    assert!(
        rotations.contains("rotation.id: another rotation is called `primary` already"),
        "{rotations}"
    );
}

#[test]
fn a_step_names_a_contact_or_a_rotation_that_there_is() {
    let gateway = format!("{GATEWAY}{ON_CALL}");
    let found = |text: &str| messages(&gateway, &step(text)).join("\n");
    assert_eq!(found("on_call = \"primary\""), "");
    let both = found("on_call = \"primary\", contact = \"Priya\"");
    assert!(both.contains("response.P1.escalation.contact: whoever is on call is told; leave out `contact` or `on_call`"), "{both}");
    let unknown = found("on_call = \"night\"");
    assert!(unknown.contains("response.P1.escalation.on_call: the gateway's file has no rotation `night`; it has `primary`"), "{unknown}");
}

#[test]
fn mail_reaches_a_rotation_when_each_of_its_people_has_an_address() {
    let mail = "[[channel]]\nid = \"mail\"\nname = \"Mail\"\nkind = \"email\"\nserver = \"127.0.0.1:2525\"\ntls = \"none\"\nfrom = \"a@example.com\"\nto_contact = true\n";
    let told = step("on_call = \"primary\", channels = [\"mail\"]");
    let gateway = format!("{GATEWAY}{mail}{ON_CALL}");
    assert_eq!(messages(&gateway, &told), Vec::<String>::new());
    let number = gateway.replace("priya@example.com", "+49 30 1234567");
    let found = messages(&number, &told).join("\n");
    assert!(
        found.contains("nobody is reached by the step `On call`"),
        "{found}"
    );
}

#[test]
fn times_at_which_nobody_is_on_call_are_warned_of_unless_they_are_meant() {
    let lint = |more: &str| lint_of(&format!("{GATEWAY}{ON_CALL}{more}"), PRODUCT);
    let none = Vec::<String>::new();
    assert_eq!(lint(""), none);
    assert_eq!(lint("hours = \"00:00-00:00\"\n"), none);
    let holes = "hours = \"08:00-20:00\"\n";
    let told = only(&lint(holes));
    assert!(
        told.starts_with("12: rotation.hours: at other times nobody is on call in `primary`"),
        "{told}"
    );
    let told = only(&lint("days = [\"sat\"]\n"));
    assert!(
        told.starts_with("12: rotation.days: at other times nobody is on call"),
        "{told}"
    );
    assert_eq!(
        lint(&format!("{holes}uncovered = \"office hours\"\n")),
        none
    );
    let told = only(&lint("uncovered = \"office hours\"\n"));
    assert!(
        told.starts_with("12: rotation.uncovered: somebody is on call at all times"),
        "{told}"
    );
}
