//! Instants as the products write them.

use chrono::{DateTime, SecondsFormat, Utc};

fn utc(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// RFC 3339 with milliseconds and `Z`, as JavaScript's `toISOString`.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    utc(ms).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Without a zone, as Python's `datetime.utcnow().isoformat()`.
#[must_use]
pub fn naive(ms: i64) -> String {
    utc(ms).format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_manners_name_the_same_instant() {
        assert_eq!(
            super::rfc3339(1_763_683_200_123),
            "2025-11-21T00:00:00.123Z"
        );
        assert_eq!(
            super::naive(1_763_683_200_123),
            "2025-11-21T00:00:00.123000"
        );
    }
}
