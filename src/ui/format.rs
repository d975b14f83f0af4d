//! Numbers, ages, spans and clocks as people read them. Missing is "no reading", never 0 and never a dash.

use watchfloor_wire::series::{Measurement, Statistic, Unit};
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};

/// What stands where a value is missing.
pub const NO_READING: &str = "no reading";
/// Up to this span in milliseconds a clock shows digits, from it on words.
pub const CLOCK_DIGITS_UNTIL_MS: i64 = HOUR_MS;
/// Ages beyond this many days become a date.
const DATE_FROM_DAYS: i64 = 30;

/// A whole number with its thousands grouped: `1,204`.
#[must_use]
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('\u{2212}');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count for tiles: exact up to 10,000, then `41.9 k`, `1.2 M`. Rounds down, so that it never claims more.
#[must_use]
pub fn short_count(count: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", count / unit, count / (unit / 10) % 10);
    match count {
        0..=10_000 => grouped(i64::try_from(count).unwrap_or(i64::MAX)),
        10_001..=999_999 => format!("{} k", tenths(1_000)),
        _ => format!("{} M", tenths(1_000_000)),
    }
}

/// Decimals, with the whole part grouped.
fn decimal(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let grouped_whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let sign = if value < 0.0 && whole == "-0" {
        "\u{2212}"
    } else {
        ""
    };
    if fraction.is_empty() {
        format!("{sign}{grouped_whole}")
    } else {
        format!("{sign}{grouped_whole}.{fraction}")
    }
}

/// A value's number and its unit's word, apart because they are set in different weights.
fn parts(value: f64, unit: Unit) -> (String, &'static str) {
    let size = value.abs();
    match unit {
        Unit::Ms if size >= 1_000.0 => (decimal(value / 1_000.0, 2), "s"),
        Unit::Ms if size > 0.0 && size < 1.0 => (decimal(value, 1), "ms"),
        Unit::Ms => (decimal(value, 0), "ms"),
        Unit::Ratio if size * 100.0 >= 1.0 => (decimal(value * 100.0, 1), "%"),
        Unit::Ratio => (decimal(value * 100.0, 2), "%"),
        Unit::Bytes => bytes(value),
        Unit::PerS if size > 0.0 && size < 10.0 => (decimal(value, 1), "req/s"),
        Unit::PerS => (decimal(value, 0), "req/s"),
        Unit::Days if size.floor() == 1.0 => (decimal(value.floor(), 0), "day"),
        Unit::Days => (decimal(value.floor(), 0), "days"),
        Unit::Count => (decimal(value, usize::from(value.fract() != 0.0)), ""),
    }
}

fn bytes(value: f64) -> (String, &'static str) {
    const STEPS: [(f64, &str); 3] = [
        (1_073_741_824.0, "GiB"),
        (1_048_576.0, "MiB"),
        (1_024.0, "KiB"),
    ];
    STEPS
        .into_iter()
        .find(|(step, _)| value.abs() >= *step)
        .map_or_else(
            || (decimal(value, 0), "B"),
            |(step, word)| (decimal(value / step, 1), word),
        )
}

/// `5.84 s`, `6.4 %`, `1,204`. What is not a number is [`NO_READING`].
#[must_use]
pub fn value(value: f64, unit: Unit) -> String {
    if !value.is_finite() {
        return NO_READING.to_owned();
    }
    let (number, word) = parts(value, unit);
    join(&number, word)
}

/// A level of a chart: as [`value`], without zeros that say nothing (`critical 5 %`, `target 0.1 %`).
#[must_use]
pub fn level(value: f64, unit: Unit) -> String {
    if !value.is_finite() {
        return NO_READING.to_owned();
    }
    let (number, word) = parts(value, unit);
    // The unit is named in the chart's title already where it is as long as the number.
    let word = if unit == Unit::PerS { "" } else { word };
    join(trimmed(&number), word)
}

/// A tick's number; the unit stands on the top one only.
#[must_use]
pub fn tick(value: f64, unit: Unit, with_unit: bool) -> String {
    let scaled = match unit {
        Unit::Ratio => value * 100.0,
        _ => value,
    };
    let decimals = match scaled.abs() {
        0.0 => 0,
        size if size >= 10.0 => 0,
        size if size >= 1.0 => 1,
        size if size >= 0.1 => 2,
        _ => 3,
    };
    let number = decimal(scaled, decimals);
    let word = match unit {
        Unit::Ratio => "%",
        Unit::Ms => "ms",
        _ => "",
    };
    join(trimmed(&number), if with_unit { word } else { "" })
}

fn trimmed(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

fn join(number: &str, word: &str) -> String {
    if word.is_empty() {
        number.to_owned()
    } else {
        format!("{number} {word}")
    }
}

/// The word of a statistic on a tile; empty for one that says nothing.
#[must_use]
pub const fn statistic(it: Statistic) -> &'static str {
    match it {
        Statistic::Avg => "mean",
        Statistic::P50 => "p50",
        Statistic::P95 => "p95",
        Statistic::P99 => "p99",
        Statistic::Max => "max",
        Statistic::Min => "min",
        Statistic::Ratio | Statistic::Last => "",
    }
}

/// A measurement for a tile: the number with its unit, and the small words after it.
#[must_use]
pub fn measurement(it: &Measurement) -> (String, String) {
    let words = match (&it.label, it.statistic) {
        (Some(label), _) => label.clone(),
        (None, Some(which)) => statistic(which).to_owned(),
        (None, None) => String::new(),
    };
    (value(it.value, it.unit), words)
}

/// Uptime: always two decimals, rounded down, so that 99.999 % is never called 100.
#[must_use]
pub fn uptime(ratio: f64) -> String {
    // The tiny term undoes what binary fractions lose, for example in 0.9971.
    let hundredths = (ratio.clamp(0.0, 1.0) * 10_000.0 + 1e-9).floor();
    format!("{:.2} %", hundredths / 100.0)
}

/// A span in one unit, rounded down: `38 s`, `50 min`, `2 h`, `11 days`.
#[must_use]
pub fn span(ms: i64) -> String {
    let ms = ms.max(0);
    if ms < MINUTE_MS {
        format!("{} s", ms / SECOND_MS)
    } else if ms < HOUR_MS {
        format!("{} min", ms / MINUTE_MS)
    } else if ms < DAY_MS {
        format!("{} h", ms / HOUR_MS)
    } else {
        days(ms / DAY_MS)
    }
}

fn days(count: i64) -> String {
    format!("{count} {}", if count == 1 { "day" } else { "days" })
}

/// A span where a decision hangs on it: `4 min 12 s`, `6 h 12 min`, `11 days`.
#[must_use]
pub fn span_fine(ms: i64) -> String {
    let ms = ms.max(0);
    if ms < MINUTE_MS || ms >= DAY_MS {
        span(ms)
    } else if ms < HOUR_MS {
        format!("{} min {} s", ms / MINUTE_MS, ms / SECOND_MS % 60)
    } else {
        format!("{} h {} min", ms / HOUR_MS, ms / MINUTE_MS % 60)
    }
}

/// `38 s ago`; beyond 30 days the date. An instant in the future is "0 s ago": clocks differ a little.
#[must_use]
pub fn ago(at: UnixMs, now: UnixMs) -> String {
    let age_ms = now.since_ms(at).max(0);
    if age_ms >= DATE_FROM_DAYS * DAY_MS {
        super::date(at)
    } else {
        format!("{} ago", span(age_ms))
    }
}

/// The feed's age: tenths below ten seconds (`0.4 s`), then `14 s`.
#[must_use]
pub fn feed_age(ms: i64) -> String {
    let ms = ms.max(0);
    if ms < 10 * SECOND_MS {
        format!("{}.{} s", ms / SECOND_MS, ms / 100 % 10)
    } else {
        format!("{} s", ms / SECOND_MS)
    }
}

/// A clock: `07:12` under one hour, then `1 h 26 min`, then `2 days 3 h`.
#[must_use]
pub fn clock(ms: i64) -> String {
    let ms = ms.max(0);
    if ms < CLOCK_DIGITS_UNTIL_MS {
        format!("{:02}:{:02}", ms / MINUTE_MS, ms / SECOND_MS % 60)
    } else if ms < DAY_MS {
        format!("{} h {} min", ms / HOUR_MS, ms / MINUTE_MS % 60)
    } else {
        format!("{} {} h", days(ms / DAY_MS), ms / HOUR_MS % 24)
    }
}

/// What an error budget still holds: `21.6 min left`, `82 min over`.
#[must_use]
pub fn budget(left_ms: i64) -> String {
    let minutes = left_ms.unsigned_abs() / 60_000;
    if left_ms < 0 {
        return format!(
            "{} min over",
            grouped(i64::try_from(minutes).unwrap_or(i64::MAX))
        );
    }
    let tenths = left_ms.unsigned_abs() / 6_000 % 10;
    format!("{minutes}.{tenths} min left")
}

/// `1 product`, `3 products`.
#[must_use]
pub fn count_of(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
