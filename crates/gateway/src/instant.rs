//! Instants as people and other programs read them.

use chrono::{DateTime, SecondsFormat, Utc};
use watchfloor_wire::time::UnixMs;

/// 0000-01-01T00:00:00.000Z, the first instant that RFC 3339 can write.
const FIRST_MS: i64 = -62_167_219_200_000;
/// 9999-12-31T23:59:59.999Z, the last one.
const LAST_MS: i64 = 253_402_300_799_999;

/// An instant by the calendar. What lies outside the years 0 to 9999 is no instant that anything happened at, and no other
/// program reads it; it becomes the nearest one inside, which everybody reads and nobody takes for true.
#[must_use]
pub fn utc(at: UnixMs) -> DateTime<Utc> {
    // Between the two there is always a date.
    DateTime::from_timestamp_millis(at.0.clamp(FIRST_MS, LAST_MS)).unwrap_or_default()
}

/// An instant as RFC 3339 with milliseconds, UTC.
#[must_use]
pub fn rfc3339(at: UnixMs) -> String {
    utc(at).to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instant_is_one_that_other_programs_read() {
        for (at, written) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_763_735_060_007, "2025-11-21T14:24:20.007Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (FIRST_MS, "0000-01-01T00:00:00.000Z"),
            (FIRST_MS - 1, "0000-01-01T00:00:00.000Z"),
            (i64::MIN, "0000-01-01T00:00:00.000Z"),
            (LAST_MS, "9999-12-31T23:59:59.999Z"),
            (LAST_MS + 1, "9999-12-31T23:59:59.999Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            let text = rfc3339(UnixMs(at));
            assert_eq!(text, written, "{at}");
            assert!(DateTime::parse_from_rfc3339(&text).is_ok(), "{text}");
        }
    }
}
