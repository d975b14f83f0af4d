//! Turns by the calendar on the wall: a rotation of the configuration and an instant give a place in its order.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use watchfloor_wire::silence::Weekday;
use watchfloor_wire::time::{DAY_MS, UnixMs};

use crate::config::on_call::{Hours, RotationConfig};
use crate::local_time::{instant, shown};
use crate::silences::recurrence::weekday;

/// The week comes round in seven days, so this many hold the next beginning and end of somebody's hours.
const DAYS_AHEAD: i64 = 8;

/// People who take turns, from a first one on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turns {
    people: Vec<String>,
    turn_days: i64,
    first: NaiveDateTime,
    zone: Tz,
    /// Outside of these hours nobody's turn is; `None`: there is no outside.
    hours: Option<DaysAndHours>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct DaysAndHours {
    /// Empty: every day.
    days: Vec<Weekday>,
    hours: Hours,
}

impl Turns {
    /// Those of a checked rotation; `None` when it lacks what turns need.
    #[must_use]
    pub fn new(rotation: &RotationConfig) -> Option<Self> {
        let hours = rotation.has_holes().then(|| DaysAndHours {
            days: rotation.days.clone(),
            hours: rotation.hours.unwrap_or(Hours::WHOLE_DAY),
        });
        let turn_days = rotation.turn?.ms / DAY_MS;
        (turn_days > 0 && !rotation.people.is_empty()).then_some(Self {
            people: rotation.people.clone(),
            turn_days,
            first: rotation.from?.0,
            zone: rotation.zone.0,
            hours,
        })
    }

    /// Whose turn it is, by id; `None` before the first turn and outside of the hours.
    #[must_use]
    pub fn person_at(&self, at: UnixMs) -> Option<&str> {
        let turn = self.turn_at(at)?;
        if !self.is_within_hours(at) {
            return None;
        }
        let place = usize::try_from(turn).ok()? % self.people.len();
        self.people.get(place).map(String::as_str)
    }

    /// The first instant after `at` at which it may be somebody else's turn; `None` when there is none any more.
    #[must_use]
    pub fn change_after(&self, at: UnixMs) -> Option<UnixMs> {
        let handover = match self.turn_at(at) {
            None => self.begin_of(0),
            Some(_) if self.people.len() == 1 => None,
            Some(turn) => self.begin_of(turn.checked_add(1)?),
        };
        let edges = self.edges(at).into_iter().flatten();
        edges.chain(handover).filter(|it| *it > at).min()
    }

    /// The number of the turn, the first one 0; `None` before that.
    fn turn_at(&self, at: UnixMs) -> Option<i64> {
        let days = (shown(self.zone, at)? - self.first).num_days();
        // Where the clocks are changed, what they show is off by as much; the instants decide.
        let mut turn = days.div_euclid(self.turn_days).max(0);
        while self.begin_of(turn)? > at {
            turn = turn.checked_sub(1).filter(|turn| *turn >= 0)?;
        }
        while self.begin_of(turn.checked_add(1)?)? <= at {
            turn += 1;
        }
        Some(turn)
    }

    fn begin_of(&self, turn: i64) -> Option<UnixMs> {
        let days = TimeDelta::try_days(turn.checked_mul(self.turn_days)?)?;
        instant(self.zone, self.first.checked_add_signed(days)?)
    }

    fn is_within_hours(&self, at: UnixMs) -> bool {
        let Some(hours) = &self.hours else {
            return true;
        };
        // Hours past midnight belong to the day on which they began.
        let mut days = self.days_around(at, 1);
        days.any(|day| {
            hours
                .of(day, self.zone)
                .is_some_and(|(begin, end)| begin <= at && at < end)
        })
    }

    /// When hours begin and end around an instant.
    fn edges(&self, at: UnixMs) -> Option<Vec<UnixMs>> {
        let hours = self.hours.as_ref()?;
        let days = self.days_around(at, DAYS_AHEAD);
        let edges = days.filter_map(|day| hours.of(day, self.zone));
        Some(edges.flat_map(|(begin, end)| [begin, end]).collect())
    }

    /// The days from two before that of an instant to so many after it: a zone may once leave a whole day out.
    fn days_around(&self, at: UnixMs, ahead: i64) -> impl Iterator<Item = NaiveDate> + use<> {
        let first = shown(self.zone, at).and_then(|it| it.date().checked_sub_days(Days::new(2)));
        let days = first.into_iter().flat_map(|it| it.iter_days());
        days.take(usize::try_from(ahead + 3).unwrap_or(0))
    }
}

impl DaysAndHours {
    /// When the hours of a day begin and end; `None` when it has none.
    fn of(&self, day: NaiveDate, zone: Tz) -> Option<(UnixMs, UnixMs)> {
        if !self.days.is_empty() && !self.days.contains(&weekday(day)) {
            return None;
        }
        let Hours { begins, ends } = self.hours;
        let last_day = if ends <= begins { day.succ_opt()? } else { day };
        Some((
            instant(zone, day.and_time(begins))?,
            instant(zone, last_day.and_time(ends))?,
        ))
    }
}
