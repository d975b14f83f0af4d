//! Days and times of a place as instants. Two days a year have an hour too few or too many; this is the only file that
//! has to know.

use chrono::{DateTime, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _};
use chrono_tz::Tz;
use watchfloor_wire::time::UnixMs;

/// The time zone of this name.
#[must_use]
pub fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// What to say of a name that is none.
#[must_use]
pub fn no_such_zone(name: &str) -> String {
    format!(
        "`{name}` is no time zone; write UTC, or a name of the IANA database like Europe/Berlin"
    )
}

/// A local time as an instant. One that comes twice is meant the first time. One that is left out is meant as if the
/// clocks had not been put forward, so that 02:30 becomes 03:30. `None` beyond the calendar's end.
#[must_use]
pub fn instant(zone: Tz, local: NaiveDateTime) -> Option<UnixMs> {
    let found = zone.from_local_datetime(&local).earliest();
    let utc_ms = match found {
        Some(it) => it.timestamp_millis(),
        None => {
            let day_before = local.checked_sub_signed(TimeDelta::days(1))?;
            let offset = zone.offset_from_utc_datetime(&day_before).fix();
            let utc = local.checked_sub_offset(offset)?;
            utc.and_utc().timestamp_millis()
        }
    };
    Some(UnixMs(utc_ms))
}

/// What the clocks of the place show at an instant. `None` beyond the calendar's end.
#[must_use]
pub fn shown(zone: Tz, at: UnixMs) -> Option<NaiveDateTime> {
    let utc = DateTime::from_timestamp_millis(at.0)?;
    Some(utc.with_timezone(&zone).naive_local())
}
