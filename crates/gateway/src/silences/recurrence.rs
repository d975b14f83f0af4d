//! When a maintenance window comes back: from days and times of a place to instants.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime};
use watchfloor_wire::silence::{Recurrence, Weekday, minute_of_day};
use watchfloor_wire::time::UnixMs;

use crate::local_time::{instant, shown, zone};

/// A window lasts a day at most and the week comes round in seven, so this many days hold the next one.
const DAYS_AHEAD: u64 = 9;

/// The window that is going on at `now`, or the next one: when it begins and ends. `None` when there is none any
/// more, or the recurrence cannot be understood.
#[must_use]
pub fn window(recurrence: &Recurrence, now: UnixMs) -> Option<(UnixMs, UnixMs)> {
    let zone = zone(&recurrence.zone)?;
    let minute = u32::try_from(minute_of_day(&recurrence.at)?).ok()?;
    let at = NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0)?;
    let today = shown(zone, now)?.date();
    // One that began yesterday may still go on; across a change of the clocks it may have begun a day earlier still.
    let first = today.checked_sub_days(Days::new(2))?;
    let days = (0..=DAYS_AHEAD + 2).filter_map(|days| first.checked_add_days(Days::new(days)));
    let begins = days
        .filter(|day| recurrence.days.contains(&weekday(*day)))
        .filter_map(|day| instant(zone, day.and_time(at)));
    begins
        .filter(|begin| recurrence.until.is_none_or(|until| *begin < until))
        .map(|begin| {
            let end = begin.plus_ms(recurrence.duration_ms);
            (begin, recurrence.until.map_or(end, |until| end.min(until)))
        })
        .find(|(_, end)| *end > now)
}

/// The day of the week.
#[must_use]
pub fn weekday(day: NaiveDate) -> Weekday {
    Weekday::ALL[day.weekday().num_days_from_monday() as usize % 7]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS};

    use super::*;

    fn at(text: &str) -> UnixMs {
        UnixMs(
            DateTime::parse_from_rfc3339(text)
                .unwrap()
                .timestamp_millis(),
        )
    }

    fn weekly(days: &[Weekday], at: &str, zone: &str, duration_ms: i64) -> Recurrence {
        Recurrence {
            days: days.to_vec(),
            at: at.to_owned(),
            duration_ms,
            zone: zone.to_owned(),
            until: None,
        }
    }

    #[test]
    fn a_window_is_the_one_going_on_or_the_next() {
        let it = weekly(&[Weekday::Sun], "02:00", "UTC", HOUR_MS);
        for (now, begins) in [
            ("2026-11-27T12:00:00Z", "2026-11-29T02:00:00Z"),
            ("2026-11-29T02:00:00Z", "2026-11-29T02:00:00Z"),
            ("2026-11-29T02:59:59Z", "2026-11-29T02:00:00Z"),
            ("2026-11-29T03:00:00Z", "2026-12-06T02:00:00Z"),
        ] {
            let begins = at(begins);
            assert_eq!(
                window(&it, at(now)),
                Some((begins, begins.plus_ms(HOUR_MS))),
                "{now}"
            );
        }
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
        let it = weekly(&[Weekday::Tue], "23:00", "America/New_York", 2 * HOUR_MS);
        // Tuesday 23:00 in New York is Wednesday 04:00 UTC in winter.
        let begins = at("2026-12-02T04:00:00Z");
        assert_eq!(window(&it, at("2026-12-02T05:59:00Z")).unwrap().0, begins);
    }

    #[test]
    fn the_local_time_stays_when_the_clocks_change() {
        let it = weekly(
            &[Weekday::Sat, Weekday::Mon],
            "04:00",
            "Europe/Berlin",
            HOUR_MS,
        );
        for (now, begins) in [
            ("2026-03-27T12:00:00Z", "2026-03-28T03:00:00Z"),
            ("2026-03-28T12:00:00Z", "2026-03-30T02:00:00Z"),
            ("2026-10-23T12:00:00Z", "2026-10-24T02:00:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-26T03:00:00Z"),
        ] {
            assert_eq!(window(&it, at(now)).unwrap().0, at(begins), "{now}");
        }
    }

    #[test]
    fn a_time_that_is_left_out_is_meant_as_if_the_clocks_had_stayed() {
        let it = weekly(&[Weekday::Sun], "02:30", "Europe/Berlin", HOUR_MS);
        // 02:30 does not exist on 29 March 2026: 03:30 summer time is 01:30 UTC.
        let (begins, ends) = window(&it, at("2026-03-28T12:00:00Z")).unwrap();
        assert_eq!(
            (begins, ends),
            (at("2026-03-29T01:30:00Z"), at("2026-03-29T02:30:00Z"))
        );
    }

    #[test]
    fn a_time_that_comes_twice_is_meant_once_and_the_first_time() {
        let it = weekly(&[Weekday::Sun], "02:30", "Europe/Berlin", HOUR_MS);
        let (begins, ends) = window(&it, at("2026-10-24T12:00:00Z")).unwrap();
        assert_eq!(
            (begins, ends),
            (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"))
        );
        let next = window(&it, ends).unwrap().0;
        assert_eq!(next, at("2026-11-01T01:30:00Z"));
    }

    #[test]
    fn a_series_ends_and_cuts_its_last_window_short() {
        let mut it = weekly(&[Weekday::Sun], "02:00", "UTC", HOUR_MS);
        it.until = Some(at("2026-11-29T02:30:00Z"));
        let (_, ends) = window(&it, at("2026-11-27T00:00:00Z")).unwrap();
        assert_eq!(ends, at("2026-11-29T02:30:00Z"));
        assert_eq!(window(&it, ends), None);
    }

    #[test]
    fn what_cannot_be_understood_never_begins() {
        let now = at("2026-11-27T00:00:00Z");
        assert_eq!(
            window(&weekly(&[Weekday::Sun], "02:00", "Mars/Olympus", 1), now),
            None
        );
        assert_eq!(
            window(&weekly(&[Weekday::Sun], "25:00", "UTC", 1), now),
            None
        );
        assert_eq!(window(&weekly(&[], "02:00", "UTC", 1), now), None);
    }

    proptest! {
        #[test]
        fn a_window_is_never_over_and_the_next_one_is_within_eight_days(
            now in 0_i64..4_000_000_000_000,
            day in 0_usize..7,
            minute in 0_i64..1440,
            zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"]),
            duration_ms in MINUTE_MS..=DAY_MS,
        ) {
            let time = format!("{:02}:{:02}", minute / 60, minute % 60);
            let it = weekly(&[Weekday::ALL[day]], &time, zone, duration_ms);
            let (begins, ends) = window(&it, UnixMs(now)).unwrap();
            prop_assert!(ends.0 > now);
            prop_assert_eq!(ends.since_ms(begins), duration_ms);
            // Apia once left a whole day out.
            prop_assert!(begins.0 - now <= 9 * DAY_MS, "{begins:?}");
            let (next, _) = window(&it, ends).unwrap();
            prop_assert!(next >= ends || next == begins, "{next:?}");
            prop_assert!(next > begins);
        }
    }
}
