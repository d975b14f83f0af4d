//! Instants as sources write them.

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;
use watchfloor_wire::time::UnixMs;

/// Above this a plain number is milliseconds, below it seconds: the year 5138 in the one, 1973 in the other.
const LARGEST_SECONDS: f64 = 1e11;

/// Reads an instant: RFC 3339, the same without a zone (which is UTC), or a number of seconds or milliseconds
/// since 1970. `None` for anything else.
#[must_use]
pub(super) fn read(value: &Value) -> Option<UnixMs> {
    match value {
        Value::String(text) => read_text(text.trim()),
        Value::Number(number) => {
            let number = number.as_f64().filter(|it| it.is_finite())?;
            let ms = if number.abs() < LARGEST_SECONDS {
                number * 1_000.0
            } else {
                number
            };
            #[expect(
                clippy::cast_possible_truncation,
                reason = "fractions of a millisecond are dropped, and `as` saturates"
            )]
            Some(UnixMs(ms as i64))
        }
        _ => None,
    }
}

fn read_text(text: &str) -> Option<UnixMs> {
    if let Ok(zoned) = DateTime::parse_from_rfc3339(text) {
        return Some(UnixMs(zoned.timestamp_millis()));
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|naive| UnixMs(naive.and_utc().timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use watchfloor_wire::time::UnixMs;

    #[test]
    fn instants_without_a_zone_are_utc() {
        let noon = Some(UnixMs(1_763_726_400_000));
        let cases = [
            (json!("2025-11-21T12:00:00Z"), noon),
            (json!("2025-11-21T12:00:00"), noon),
            (json!("2025-11-21T12:00:00.000000"), noon),
            (json!("2025-11-21 12:00:00"), noon),
            (json!("2025-11-21T13:00:00+01:00"), noon),
            (json!(1_763_726_400), noon),
            (json!(1_763_726_400.0), noon),
            (json!(1_763_726_400_000_i64), noon),
            (json!("noon"), None),
            (json!(null), None),
            (json!(""), None),
        ];
        for (value, expected) in cases {
            assert_eq!(super::read(&value), expected, "{value}");
        }
    }
}
