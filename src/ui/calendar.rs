//! Dates and times of day, in UTC: a watch that spans time zones needs one that all can name.

use chrono::{DateTime, Days, NaiveDate, Utc};
use watchfloor_wire::time::UnixMs;

fn utc(at: UnixMs) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(at.0)
}

fn with(at: UnixMs, pattern: &str) -> String {
    // Only instants more than 200,000 years away have no date.
    utc(at).map_or_else(|| "no date".to_owned(), |it| it.format(pattern).to_string())
}

/// `17 Nov 2026`.
#[must_use]
pub fn date(at: UnixMs) -> String {
    with(at, "%-d %b %Y")
}

/// `Tue 17 Nov`, for boards.
#[must_use]
pub fn day_and_month(at: UnixMs) -> String {
    with(at, "%a %-d %b")
}

/// `14:32`.
#[must_use]
pub fn minute_of_day(at: UnixMs) -> String {
    with(at, "%H:%M")
}

/// `14:32:08`.
#[must_use]
pub fn second_of_day(at: UnixMs) -> String {
    with(at, "%H:%M:%S")
}

/// `17 Nov 2026` of a day counted from 1970-01-01.
#[must_use]
pub fn date_of_day(day: i32) -> String {
    let epoch = NaiveDate::default();
    let span = Days::new(u64::from(day.unsigned_abs()));
    let date = if day < 0 {
        epoch.checked_sub_days(span)
    } else {
        epoch.checked_add_days(span)
    };
    date.map_or_else(
        || "no date".to_owned(),
        |it| it.format("%-d %b %Y").to_string(),
    )
}

/// The instant of `2026-11-28T15:00`, in UTC; `None` for anything else.
#[must_use]
pub fn instant_of(text: &str) -> Option<UnixMs> {
    let (day, time) = text.trim().split_once('T')?;
    let numbers: Vec<u32> = day
        .splitn(3, '-')
        .chain(time.splitn(3, ':'))
        .map(|it| it.parse().ok())
        .collect::<Option<_>>()?;
    let [year, month, day, hour, minute, ..] = numbers.as_slice() else {
        return None;
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, *month, *day)?;
    let at = date.and_hms_opt(*hour, *minute, 0)?;
    Some(UnixMs(at.and_utc().timestamp_millis()))
}

/// An instant as the browser's field wants it.
#[must_use]
pub fn field_text(at: UnixMs) -> String {
    let day = utc(at);
    let day = day.map_or_else(String::new, |it| it.format("%Y-%m-%d").to_string());
    format!("{day}T{}", minute_of_day(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tue 17 Nov 2026, 14:32:08 UTC.
    const AT: UnixMs = UnixMs(1_794_925_928_000);

    #[test]
    fn instants_are_written_in_utc() {
        assert_eq!(date(AT), "17 Nov 2026");
        assert_eq!(day_and_month(AT), "Tue 17 Nov");
        assert_eq!(minute_of_day(AT), "14:32");
        assert_eq!(second_of_day(AT), "14:32:08");
    }

    #[test]
    fn days_count_from_1970_in_both_directions() {
        assert_eq!(date_of_day(0), "1 Jan 1970");
        assert_eq!(date_of_day(-1), "31 Dec 1969");
        assert_eq!(date_of_day(20_774), "17 Nov 2026");
    }

    #[test]
    fn an_instant_beyond_the_calendar_is_said_to_have_no_date() {
        assert_eq!(date(UnixMs(i64::MAX)), "no date");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026-11-28",
            "2026-13-01T10:00",
            "2026-02-30T10:00",
            "T10:00",
            "2026-11-28T25:00",
        ] {
            assert_eq!(instant_of(text), None, "{text}");
        }
        assert_eq!(
            instant_of("2026-11-27T06:30:00"),
            Some(UnixMs(1_795_761_000_000))
        );
    }
}
