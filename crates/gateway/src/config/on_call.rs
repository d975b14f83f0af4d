//! Who is on call: people, and the rotations in which they take turns.

use chrono::{NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, de};
use watchfloor_wire::silence::{Weekday, minute_of_day};

use super::channel::PlainUrl;
use super::span::Span;
use crate::local_time;

/// Somebody who can be on call; `[[person]]` in the gateway's file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonConfig {
    /// By which rotations name them, unique.
    pub id: String,
    /// For people.
    pub name: String,
    /// How they are reached: an e-mail address, which mail then goes to, or whatever people understand.
    #[serde(default)]
    pub contact: String,
}

/// People who take turns; `[[rotation]]` in the gateway's file. The turns stand here, or in a calendar.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotationConfig {
    /// By which escalation steps name it, unique.
    pub id: String,
    /// For people.
    pub name: String,
    /// Ids of people, in the order of their turns. Not with a calendar.
    #[serde(default)]
    pub people: Vec<String>,
    /// How long a turn is, in whole days by the calendar: a day on which the clocks change has 23 or 25 hours. Not with
    /// a calendar.
    #[serde(default)]
    pub turn: Option<Span>,
    /// When the first turn begins, and at what time of the day each one does, as the clocks of `zone` show it. Not with
    /// a calendar.
    #[serde(default)]
    pub from: Option<LocalTime>,
    /// Whose clocks are meant; with a calendar, those of its times that name none. Default `UTC`.
    #[serde(default = "utc")]
    pub zone: Zone,
    /// The days on which somebody is on call: `mon` to `sun`. Left out: every day. Not with a calendar.
    #[serde(default)]
    pub days: Vec<Weekday>,
    /// The hours of these days. Left out: all of them. Not with a calendar.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// Why nobody is on call at other times, where that is meant. None: somebody always is.
    #[serde(default)]
    pub uncovered: Option<String>,
    /// The calendar that says whose turn it is, for an address that is no secret.
    #[serde(default)]
    pub calendar_url: Option<PlainUrl>,
    /// The environment variable that holds the calendar's address, for one that is: those of most services are.
    #[serde(default)]
    pub calendar_url_env: Option<String>,
}

impl RotationConfig {
    /// Whether a calendar says whose turn it is.
    #[must_use]
    pub const fn is_by_calendar(&self) -> bool {
        self.calendar_url.is_some() || self.calendar_url_env.is_some()
    }

    /// Whether there are days or hours at which nobody's turn is.
    #[must_use]
    pub fn has_holes(&self) -> bool {
        let every_day =
            self.days.is_empty() || Weekday::ALL.iter().all(|it| self.days.contains(it));
        let all_day = self.hours.is_none_or(Hours::is_whole_day);
        !(every_day && all_day)
    }

    /// Who may come to have a turn: those that it names, or everybody with a calendar.
    pub fn people_of<'c>(
        &'c self,
        people: &'c [PersonConfig],
    ) -> impl Iterator<Item = &'c PersonConfig> {
        people
            .iter()
            .filter(|it| self.is_by_calendar() || self.people.contains(&it.id))
    }
}

const fn utc() -> Zone {
    Zone(Tz::UTC)
}

/// A day and time as the clocks of a place show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime(pub NaiveDateTime);

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M")
            .map(Self)
            .map_err(|_| {
                de::Error::custom(format!(
                    "`{text}` is no day and time; write for example \"2026-01-05T09:00\""
                ))
            })
    }
}

/// A time zone of the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(pub Tz);

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let zone = local_time::zone(&text).map(Self);
        zone.ok_or_else(|| de::Error::custom(local_time::no_such_zone(&text)))
    }
}

/// Hours of a day, from a time to a time; past midnight when the end is not later than the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// When they begin.
    pub begins: NaiveTime,
    /// When they end, on the same day or the next.
    pub ends: NaiveTime,
}

impl Hours {
    /// All of a day.
    pub const WHOLE_DAY: Self = Self {
        begins: NaiveTime::MIN,
        ends: NaiveTime::MIN,
    };

    fn is_whole_day(self) -> bool {
        self.begins == self.ends
    }

    /// Reads `08:00-20:00`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let time = |text: &str| {
            let minute = u32::try_from(minute_of_day(text.trim())?).ok()?;
            NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0)
        };
        let (begins, ends) = text.split_once('-')?;
        Some(Self {
            begins: time(begins)?,
            ends: time(ends)?,
        })
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format!(
                "`{text}` are no hours; write for example \"08:00-20:00\", or \"20:00-08:00\" for a night"
            ))
        })
    }
}
