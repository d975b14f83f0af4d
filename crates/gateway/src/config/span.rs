//! Spans of time as people write them: `500ms`, `10s`, `5m`, `2h`, `7d`.

use serde::{Deserialize, Deserializer, de};

/// A span of time, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// Milliseconds, 0 or more.
    pub ms: i64,
}

impl Span {
    /// A span of whole seconds.
    #[must_use]
    pub const fn seconds(count: i64) -> Self {
        Self { ms: count * 1_000 }
    }

    /// Reads a number and one of `ms`, `s`, `m`, `h`, `d`; `None` for anything else or an overflow.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let factor = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        number
            .parse::<i64>()
            .ok()?
            .checked_mul(factor)
            .map(|ms| Self { ms })
    }

    /// The span for the standard library's timers.
    #[must_use]
    pub fn duration(self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.ms).unwrap_or(0))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format!(
                "`{text}` is no span of time; write a whole number and ms, s, m, h or d, for example \"10s\""
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn spans_are_a_number_and_a_unit() {
        let cases = [
            ("500ms", Some(500)),
            ("10s", Some(10_000)),
            ("5m", Some(300_000)),
            ("2h", Some(7_200_000)),
            ("7d", Some(604_800_000)),
            ("10", None),
            ("s", None),
            ("-1s", None),
            ("1.5s", None),
            ("99999999999999d", None),
        ];
        for (text, ms) in cases {
            assert_eq!(Span::parse(text).map(|span| span.ms), ms, "{text}");
        }
    }
}
