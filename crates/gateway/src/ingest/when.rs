//! Instants as sources write them.

use chrono::{DateTime, NaiveDateTime};
use watchfloor_wire::ingest::When;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};

/// Further ahead than this, and the source's clock is wrong.
pub const MAX_AHEAD_MS: i64 = 5 * MINUTE_MS;
/// Older than this, and a metric says nothing of now.
pub const MAX_METRIC_AGE_MS: i64 = HOUR_MS;
/// Older than this, and a log line would be past its time on arrival.
pub const MAX_LOG_AGE_MS: i64 = 7 * DAY_MS;

/// What to do about an instant that cannot be read.
pub const HELP: &str =
    "write RFC 3339, for example 2026-03-01T12:00:00Z, or milliseconds since 1970";

/// Reads an instant; without a zone it is UTC. `None` when it cannot be read.
#[must_use]
pub fn read(when: &When) -> Option<UnixMs> {
    match when {
        When::Ms(ms) => Some(UnixMs(*ms)),
        When::Text(text) => read_text(text.trim()),
    }
}

fn read_text(text: &str) -> Option<UnixMs> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(UnixMs(at.timestamp_millis()));
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .into_iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|at| UnixMs(at.and_utc().timestamp_millis()))
}

/// The instant of a log line or error, by its source's clock if that can be right; else its arrival, and
/// what the source wrote.
#[must_use]
pub fn plausible(at: UnixMs, now: UnixMs) -> (UnixMs, Option<UnixMs>) {
    let ahead_ms = at.since_ms(now);
    if (-MAX_LOG_AGE_MS..=MAX_AHEAD_MS).contains(&ahead_ms) {
        (at, None)
    } else {
        (now, Some(at))
    }
}

#[cfg(test)]
mod tests {
    use super::{plausible, read};
    use watchfloor_wire::ingest::When;
    use watchfloor_wire::time::UnixMs;

    #[test]
    fn instants_are_read_as_sources_write_them() {
        let cases = [
            ("2026-03-01T12:00:00Z", Some(1_772_366_400_000)),
            ("2026-03-01T12:00:00.250+02:00", Some(1_772_359_200_250)),
            ("2026-03-01T12:00:00.123456", Some(1_772_366_400_123)),
            ("2026-03-01 12:00:00", Some(1_772_366_400_000)),
            ("yesterday", None),
            ("", None),
        ];
        for (text, ms) in cases {
            let found = read(&When::Text(text.to_owned())).map(|at| at.0);
            assert_eq!(found, ms, "{text}");
        }
        assert_eq!(read(&When::Ms(-5)), Some(UnixMs(-5)));
    }

    #[test]
    fn a_clock_that_cannot_be_right_is_not_believed_but_kept() {
        let now = UnixMs(1_772_366_400_000);
        for (ahead_ms, believed) in [
            (5 * 60_000, true),
            (5 * 60_000 + 1, false),
            (-7 * 86_400_000, true),
            (-7 * 86_400_000 - 1, false),
        ] {
            let at = now.plus_ms(ahead_ms);
            let expected = if believed {
                (at, None)
            } else {
                (now, Some(at))
            };
            assert_eq!(plausible(at, now), expected, "{ahead_ms}");
        }
    }
}
