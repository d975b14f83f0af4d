//! The times of one event. Repetition is worked out in local times, as its rule means them, and only then do they become
//! instants: what begins at 09:00 goes on beginning at 09:00 when the clocks change, and ends when its clocks say so.

use calcard::common::timezone::Tz as CalendarTz;
use calcard::common::{DateTimeResult, PartialDateTime};
use calcard::icalendar::timezone::TzResolver;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarFrequency,
    ICalendarParameterName, ICalendarProperty, ICalendarRecurrenceRule, ICalendarValue,
};
use chrono::{DateTime, Datelike as _, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};
use chrono_tz::Tz;
use watchfloor_wire::time::UnixMs;

use super::short;
use crate::local_time;

/// The most times that one rule is followed, from its beginning on.
const MAX_TIMES: usize = 10_000;
/// What a beginning and an end look like.
const EXAMPLE: &str = "for example DTSTART;TZID=Europe/Berlin:20260105T090000";

/// The zones of a calendar.
pub(super) struct Zones<'c> {
    named: TzResolver<&'c str>,
    default: Tz,
}

impl<'c> Zones<'c> {
    /// Those that the calendar brings, and the one that is meant where none is named.
    pub(super) fn of(calendar: &'c ICalendar, default: Tz) -> Self {
        Self {
            named: calendar.build_tz_resolver(),
            default,
        }
    }

    /// The zone that a property names; `None` when it names none.
    fn named_by(&self, entry: &ICalendarEntry) -> Result<Option<CalendarTz>, String> {
        let Some(name) = entry.tz_id() else {
            return Ok(None);
        };
        self.named.resolve(name).map(Some).ok_or_else(|| {
            format!(
                "TZID `{}` is no time zone that is known; write a name of the IANA database, {EXAMPLE}",
                short(name)
            )
        })
    }
}

/// When an event is, in the local time of its zone.
pub(super) struct Times {
    zone: CalendarTz,
    starts: NaiveDateTime,
    lasts: TimeDelta,
    rule: Option<ICalendarRecurrenceRule>,
    more: Vec<NaiveDateTime>,
    except: Vec<NaiveDateTime>,
}

impl Times {
    /// Those of an event. `replaced` are the events that take the place of one of its times each.
    pub(super) fn of(
        event: &ICalendarComponent,
        replaced: &[&ICalendarComponent],
        zones: &Zones<'_>,
    ) -> Result<Self, String> {
        let start = event
            .property(&ICalendarProperty::Dtstart)
            .ok_or_else(|| format!("it has no DTSTART; {EXAMPLE}"))?;
        let has_offset = moments(start)?.iter().any(|it| it.offset.is_some());
        let zone = match zones.named_by(start)? {
            _ if has_offset => CalendarTz::UTC,
            Some(zone) => zone,
            None => CalendarTz::Tz(zones.default),
        };
        let local = |entry: &ICalendarEntry| locals(entry, zone, zones);
        let starts = local(start)?.first().copied();
        let mut except = Vec::new();
        for it in event.properties(&ICalendarProperty::Exdate) {
            except.extend(local(it)?);
        }
        for it in replaced {
            for entry in it.properties(&ICalendarProperty::RecurrenceId) {
                if entry.has_parameter(&ICalendarParameterName::Range) {
                    let text = "RECURRENCE-ID with RANGE is not understood; end the series with UNTIL and begin another";
                    return Err(text.to_owned());
                }
                except.extend(local(entry)?);
            }
        }
        let mut more = Vec::new();
        for it in event.properties(&ICalendarProperty::Rdate) {
            more.extend(local(it)?);
        }
        let is_replacing = event.has_property(&ICalendarProperty::RecurrenceId);
        Ok(Self {
            zone,
            starts: starts.ok_or_else(|| format!("DTSTART holds no time; {EXAMPLE}"))?,
            lasts: lasts(event, starts, local)?,
            rule: if is_replacing { None } else { rule(event)? },
            more,
            except,
        })
    }

    /// The times that lie between two instants or reach into there, as instants.
    pub(super) fn between(
        &self,
        from: UnixMs,
        until: UnixMs,
    ) -> Result<Vec<(UnixMs, UnixMs)>, String> {
        let ends_local = shown(self.zone, until).ok_or("it lies beyond the calendar")?;
        let mut starts = self.more.clone();
        match &self.rule {
            Some(rule) if self.starts < ends_local => starts.extend(self.follow(rule, ends_local)?),
            Some(_) => {}
            None => starts.push(self.starts),
        }
        let spans = starts.into_iter().filter(|it| !self.except.contains(it));
        let spans = spans.filter_map(|it| {
            let end = it.checked_add_signed(self.lasts)?;
            Some((instant(self.zone, it)?, instant(self.zone, end)?))
        });
        Ok(spans
            .filter(|(start, end)| *start < until && *end > from && start < end)
            .collect())
    }

    /// The local times that a rule gives, up to `until`.
    fn follow(
        &self,
        rule: &ICalendarRecurrenceRule,
        until: NaiveDateTime,
    ) -> Result<Vec<NaiveDateTime>, String> {
        let mut rule = rule.clone();
        // A rule's end is an instant, its times are local ones: both must be local to be compared.
        let own = rule.until.as_ref().and_then(|it| self.end_of_rule(it));
        rule.until = Some(partial(own.map_or(until, |own| own.min(until))));
        let event = ICalendarComponent {
            component_type: ICalendarComponentType::VEvent,
            entries: vec![
                property(
                    ICalendarProperty::Dtstart,
                    ICalendarValue::PartialDateTime(Box::new(partial(self.starts))),
                ),
                property(
                    ICalendarProperty::Rrule,
                    ICalendarValue::RecurrenceRule(Box::new(rule)),
                ),
            ],
            component_ids: Vec::new(),
        };
        let alone = ICalendar {
            components: vec![event],
        };
        let expanded = alone.expand_dates(CalendarTz::Floating, MAX_TIMES);
        if let Some(wrong) = expanded.errors.first() {
            return Err(format!(
                "RRULE: {}; for example RRULE:FREQ=WEEKLY;INTERVAL=3",
                short(&wrong.error.to_string())
            ));
        }
        if expanded.events.len() >= MAX_TIMES {
            return Err(format!(
                "RRULE repeats it more than {MAX_TIMES} times until now; begin the series later"
            ));
        }
        Ok(expanded
            .events
            .iter()
            .map(|it| it.start.naive_local())
            .collect())
    }

    /// A rule's `UNTIL` in the event's local time. One without a time of the day means all of that day.
    fn end_of_rule(&self, until: &PartialDateTime) -> Option<NaiveDateTime> {
        let moment = until.to_date_time()?;
        if until.hour.is_none() {
            return moment.date_time.date().and_hms_opt(23, 59, 59);
        }
        match moment.offset {
            Some(offset) => {
                let utc = moment.date_time.checked_sub_offset(offset)?;
                shown(self.zone, UnixMs(utc.and_utc().timestamp_millis()))
            }
            None => Some(moment.date_time),
        }
    }
}

fn rule(event: &ICalendarComponent) -> Result<Option<ICalendarRecurrenceRule>, String> {
    let mut rules = event.properties(&ICalendarProperty::Rrule);
    let Some(entry) = rules.next() else {
        return Ok(None);
    };
    if rules.next().is_some() {
        return Err("it has two RRULEs; make two events of it".to_owned());
    }
    let Some(ICalendarValue::RecurrenceRule(rule)) = entry.values.first() else {
        return Err("RRULE is not understood; for example RRULE:FREQ=WEEKLY;INTERVAL=3".to_owned());
    };
    if rule.freq > ICalendarFrequency::Daily {
        let text = "RRULE repeats it more often than each day; for example RRULE:FREQ=DAILY";
        return Err(text.to_owned());
    }
    Ok(Some((**rule).clone()))
}

/// How long each time of an event lasts, on its own clocks.
fn lasts(
    event: &ICalendarComponent,
    starts: Option<NaiveDateTime>,
    local: impl Fn(&ICalendarEntry) -> Result<Vec<NaiveDateTime>, String>,
) -> Result<TimeDelta, String> {
    let example = "for example DTEND;TZID=Europe/Berlin:20260112T090000";
    let span = if let Some(end) = event.property(&ICalendarProperty::Dtend) {
        let ends = local(end)?.first().copied();
        starts.zip(ends).map(|(start, end)| end - start)
    } else if let Some(entry) = event.property(&ICalendarProperty::Duration) {
        match entry.values.first() {
            Some(ICalendarValue::Duration(duration)) => duration.to_time_delta(),
            _ => None,
        }
    } else if starts.is_some_and(|it| it.time() == NaiveTime::MIN) {
        // A whole day, as calendars write it.
        Some(TimeDelta::days(1))
    } else {
        return Err(format!(
            "it has no DTEND, so nobody knows when the turn ends; {example}"
        ));
    };
    let span = span.ok_or_else(|| format!("its end is not understood; {example}"))?;
    if span <= TimeDelta::zero() {
        return Err(format!("DTEND is not after DTSTART; {example}"));
    }
    Ok(span)
}

/// The times that a property holds.
fn moments(entry: &ICalendarEntry) -> Result<Vec<DateTimeResult>, String> {
    let moment = |value: &ICalendarValue| match value {
        ICalendarValue::PartialDateTime(time) => time.to_date_time(),
        _ => None,
    };
    let moments: Option<Vec<DateTimeResult>> = entry.values.iter().map(moment).collect();
    moments.filter(|it| !it.is_empty()).ok_or_else(|| {
        let name = entry.name.as_str();
        format!("{name} is no day and time; {EXAMPLE}")
    })
}

/// The times that a property holds, as the clocks of `zone` show them.
fn locals(
    entry: &ICalendarEntry,
    zone: CalendarTz,
    zones: &Zones<'_>,
) -> Result<Vec<NaiveDateTime>, String> {
    let own = zones.named_by(entry)?.unwrap_or(zone);
    let local = |moment: DateTimeResult| match moment.offset {
        Some(offset) => {
            let utc = moment.date_time.checked_sub_offset(offset)?;
            shown(zone, UnixMs(utc.and_utc().timestamp_millis()))
        }
        None if own == zone => Some(moment.date_time),
        None => shown(zone, instant(own, moment.date_time)?),
    };
    let locals: Option<Vec<NaiveDateTime>> = moments(entry)?.into_iter().map(local).collect();
    locals.ok_or_else(|| format!("{} lies beyond the calendar", entry.name.as_str()))
}

/// A local time of a calendar's zone as an instant.
fn instant(zone: CalendarTz, local: NaiveDateTime) -> Option<UnixMs> {
    match zone {
        CalendarTz::Tz(zone) => local_time::instant(zone, local),
        CalendarTz::Fixed(offset) => {
            let utc = local.checked_sub_offset(offset)?;
            Some(UnixMs(utc.and_utc().timestamp_millis()))
        }
        CalendarTz::Floating => local_time::instant(Tz::UTC, local),
    }
}

/// What the clocks of a calendar's zone show at an instant.
fn shown(zone: CalendarTz, at: UnixMs) -> Option<NaiveDateTime> {
    match zone {
        CalendarTz::Tz(zone) => local_time::shown(zone, at),
        CalendarTz::Fixed(offset) => {
            let utc = DateTime::from_timestamp_millis(at.0)?;
            utc.naive_utc().checked_add_offset(offset)
        }
        CalendarTz::Floating => local_time::shown(Tz::UTC, at),
    }
}

/// A local time as calendars hold it. Their years end with 65,535, ours before that.
fn partial(local: NaiveDateTime) -> PartialDateTime {
    let small = |number: u32| u8::try_from(number).ok();
    PartialDateTime {
        year: u16::try_from(local.year()).ok(),
        month: small(local.month()),
        day: small(local.day()),
        hour: small(local.hour()),
        minute: small(local.minute()),
        second: small(local.second()),
        ..PartialDateTime::default()
    }
}

fn property(name: ICalendarProperty, value: ICalendarValue) -> ICalendarEntry {
    ICalendarEntry {
        name,
        params: Vec::new(),
        values: vec![value],
    }
}
