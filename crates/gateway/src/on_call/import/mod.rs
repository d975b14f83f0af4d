//! Reading a calendar: iCalendar text to turns. Bad input is refused as a whole, with the event, the property, the
//! reason and an example, so that half of a calendar never passes for all of it.
//!
//! A calendar of a rotation holds its turns and nothing else. Each event names one person, by an `ATTENDEE` whose
//! address is the person's contact, or by a `SUMMARY` in which the person's name, id or contact stands.

mod event;
#[cfg(test)]
mod tests;

use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarStatus,
};
use calcard::{Entry, Parser};
use chrono_tz::Tz;
use watchfloor_wire::time::{DAY_MS, UnixMs};

use self::event::{Times, Zones};
use super::calendar::CalendarShift;
use crate::config::check::value::listed;
use crate::config::on_call::PersonConfig;
use crate::sources::wording::clean;

/// Turns that ended this long ago are left out, in milliseconds.
const BACK_MS: i64 = DAY_MS;
/// Turns that begin later than this from now are left out, in milliseconds. For so long the last good copy says who is
/// on call.
const AHEAD_MS: i64 = 90 * DAY_MS;
/// The most events of a calendar.
const MAX_EVENTS: usize = 5_000;
/// The most turns within the time that is read.
const MAX_SHIFTS: usize = 1_000;

/// Reads the turns around `now`. Times that name no zone are those of `zone`.
///
/// # Errors
/// What is wrong, and what would be right, in words.
pub fn shifts(
    text: &str,
    people: &[PersonConfig],
    zone: Tz,
    now: UnixMs,
) -> Result<Vec<CalendarShift>, String> {
    let calendar = parse(text)?;
    let zones = Zones::of(&calendar, zone);
    let (from, until) = (now.plus_ms(-BACK_MS), now.plus_ms(AHEAD_MS));
    let is_event = |it: &&ICalendarComponent| it.component_type == ICalendarComponentType::VEvent;
    let events: Vec<&ICalendarComponent> = calendar.components.iter().filter(is_event).collect();
    if events.len() > MAX_EVENTS {
        let found = events.len();
        return Err(format!(
            "it has {found} events, more than {MAX_EVENTS}; give the rotation a calendar of its own"
        ));
    }
    let mut shifts = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let name = name(event, index);
        let at_event = |wrong: String| format!("{name}: {wrong}");
        if event.status() == Some(&ICalendarStatus::Cancelled) {
            continue;
        }
        let times = Times::of(event, &replaced(event, &events), &zones).map_err(&at_event)?;
        let around = times.between(from, until).map_err(&at_event)?;
        if around.is_empty() {
            continue;
        }
        let person = person(event, people).map_err(&at_event)?;
        shifts.extend(
            around
                .into_iter()
                .map(|(starts_at, ends_at)| CalendarShift {
                    person: person.id.clone(),
                    starts_at,
                    ends_at,
                }),
        );
        if shifts.len() > MAX_SHIFTS {
            return Err(at_event(format!(
                "there are more than {MAX_SHIFTS} turns within 90 days; a turn is a day or longer"
            )));
        }
    }
    shifts.sort_by_key(|it| (it.starts_at, it.ends_at));
    Ok(shifts)
}

/// Parts that a repetition's rule may have.
const RULE_PARTS: [&str; 16] = [
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
    "RSCALE",
    "SKIP",
];

/// The parser passes by what it does not understand; what would change whose turn it is, is looked for beforehand.
fn parse(text: &str) -> Result<ICalendar, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it is empty; a calendar begins with BEGIN:VCALENDAR".to_owned());
    }
    let begins = text.trim_start_matches('\u{feff}').get(..15);
    if !begins.is_some_and(|it| it.eq_ignore_ascii_case("BEGIN:VCALENDAR")) {
        let line = text.lines().next().unwrap_or_default();
        return Err(format!(
            "it begins with `{}`; a calendar begins with BEGIN:VCALENDAR",
            short(line)
        ));
    }
    let last = text.lines().next_back().unwrap_or_default();
    if !last.trim().eq_ignore_ascii_case("END:VCALENDAR") {
        return Err(format!(
            "it breaks off after `{}`; a calendar ends with END:VCALENDAR",
            short(last)
        ));
    }
    // Long lines are folded: what begins with a blank belongs to the line before.
    let unfolded = text
        .replace("\r\n", "\n")
        .replace("\n ", "")
        .replace("\n\t", "");
    let rules = unfolded.lines().filter_map(|line| line.split_once(':'));
    let rules = rules.filter(|(name, _)| name.trim().eq_ignore_ascii_case("RRULE"));
    for part in rules.flat_map(|(_, rule)| rule.split(';')) {
        let name = part.split('=').next().unwrap_or_default().trim();
        if !RULE_PARTS.iter().any(|it| it.eq_ignore_ascii_case(name)) {
            return Err(format!(
                "RRULE has no part `{}`; for example RRULE:FREQ=WEEKLY;INTERVAL=3",
                short(name)
            ));
        }
    }
    let mut parser = Parser::new(text);
    match (parser.entry(), parser.entry()) {
        (Entry::ICalendar(calendar), Entry::Eof) => Ok(calendar),
        (Entry::ICalendar(_), _) => Err(
            "there is something behind END:VCALENDAR; give the rotation one calendar".to_owned(),
        ),
        _ => Err("it is no calendar; one begins with BEGIN:VCALENDAR".to_owned()),
    }
}

/// An event for people: its place, and its name among programs.
fn name(event: &ICalendarComponent, index: usize) -> String {
    let place = index + 1;
    match event.uid() {
        Some(uid) => format!("event {place} (UID {})", short(uid)),
        None => format!("event {place}"),
    }
}

/// The events that each take the place of one time of a repeated event: same name, with a `RECURRENCE-ID`.
fn replaced<'c>(
    event: &ICalendarComponent,
    events: &[&'c ICalendarComponent],
) -> Vec<&'c ICalendarComponent> {
    if !event.has_property(&ICalendarProperty::Rrule) || event.uid().is_none() {
        return Vec::new();
    }
    let same = |it: &&&ICalendarComponent| {
        it.uid() == event.uid() && it.has_property(&ICalendarProperty::RecurrenceId)
    };
    events.iter().filter(same).copied().collect()
}

/// Whose turn an event makes it.
fn person<'p>(
    event: &ICalendarComponent,
    people: &'p [PersonConfig],
) -> Result<&'p PersonConfig, String> {
    let attendees = event.properties(&ICalendarProperty::Attendee);
    let addresses: Vec<&str> = attendees.filter_map(|it| it.calendar_address()).collect();
    let attends = |it: &&PersonConfig| {
        let mut addresses = addresses.iter();
        !it.contact.is_empty() && addresses.any(|address| address.eq_ignore_ascii_case(&it.contact))
    };
    let attending: Vec<&PersonConfig> = people.iter().filter(attends).collect();
    let summary = event.property(&ICalendarProperty::Summary);
    let summary = summary.and_then(|it| it.values.first()?.as_text());
    let summary = summary.unwrap_or_default();
    let named = || {
        let is_named = |it: &&PersonConfig| {
            let ways = [&it.name, &it.id, &it.contact];
            ways.into_iter().any(|way| stands_in(way, summary))
        };
        people.iter().filter(is_named).collect()
    };
    let found = if attending.is_empty() {
        named()
    } else {
        attending
    };
    let example = people.first().map_or("Priya Raman", |it| it.name.as_str());
    match found.as_slice() {
        [person] => Ok(person),
        [] => Err(format!(
            "SUMMARY `{}` names nobody that there is a [[person]] for; write a name, an id or an e-mail address, for example SUMMARY:{example}",
            short(summary)
        )),
        several => Err(format!(
            "it names {}; one person has a turn, for example SUMMARY:{example}",
            listed(several.iter().map(|it| it.id.as_str()))
        )),
    }
}

/// Whether the words of `name` stand in `text`, whole and one after another, in whatever case.
fn stands_in(name: &str, text: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let apart = |it: char| !(it.is_alphanumeric() || "@.-_+".contains(it));
        let words = text.split(apart).filter(|it| !it.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let (name, text) = (words(name), words(text));
    !name.is_empty() && text.windows(name.len()).any(|it| it == name)
}

/// Somebody else's words, fit to be shown, and not long.
fn short(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    let text = clean(text);
    if text.chars().count() <= MAX_CHARS {
        return text;
    }
    let kept: String = text.chars().take(MAX_CHARS - 1).collect();
    format!("{kept}…")
}
