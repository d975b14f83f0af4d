//! Numbers as people read them in reasons and summaries.

use watchfloor_wire::series::Unit;

/// A value with its unit: `6.4 %`, `0.42 %`, `412 ms`, `5.84 s`, `1.5 MiB`, `12 /s`, `3 days`, `1,204`.
#[must_use]
pub fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Ratio => percent(value * 100.0),
        Unit::Ms => duration(value),
        Unit::Bytes => bytes(value),
        Unit::PerS => format!("{} /s", plain(value)),
        Unit::Days if plain(value) == "1" => "1 day".to_owned(),
        Unit::Days => format!("{} days", plain(value)),
        Unit::Count => plain(value),
    }
}

/// A limit with its unit: as [`value`], without zeros that say nothing (`5 %`, not `5.0 %`).
#[must_use]
pub fn limit(limit: f64, unit: Unit) -> String {
    let text = value(limit, unit);
    let Some((number, word)) = text.split_once(' ') else {
        return trim_zeros(&text).to_owned();
    };
    format!("{} {word}", trim_zeros(number))
}

/// A span as people read ages, rounded down: `38 s`, `4 min`, `2 h`, `11 days`.
#[must_use]
pub fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1_000;
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{} min", seconds / 60),
        3_600..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn percent(percent: f64) -> String {
    // Decided after rounding, so that 0.999 does not become "1.00 %".
    if (percent.abs() * 100.0).round() >= 100.0 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.2} %")
    }
}

fn duration(ms: f64) -> String {
    if ms.abs().round() < 1_000.0 {
        format!("{} ms", ms.round())
    } else {
        format!("{:.2} s", ms / 1_000.0)
    }
}

fn bytes(bytes: f64) -> String {
    const STEP: f64 = 1_024.0;
    let mut scaled = bytes;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if scaled.abs() < STEP {
            return format!("{} {unit}", trim_zeros(&format!("{scaled:.1}")));
        }
        scaled /= STEP;
    }
    format!("{scaled:.1} TiB")
}

/// Whole numbers grouped by thousands; others with up to two decimals.
fn plain(value: f64) -> String {
    let text = if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        trim_zeros(&format!("{value:.2}")).to_owned()
    };
    grouped(&text)
}

fn grouped(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    let mut out = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn trim_zeros(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_the_look_says() {
        let cases = [
            (0.064, Unit::Ratio, "6.4 %"),
            (0.0042, Unit::Ratio, "0.42 %"),
            (0.009_999, Unit::Ratio, "1.0 %"),
            (1.0, Unit::Ratio, "100.0 %"),
            (412.4, Unit::Ms, "412 ms"),
            (999.6, Unit::Ms, "1.00 s"),
            (5_840.0, Unit::Ms, "5.84 s"),
            (1_572_864.0, Unit::Bytes, "1.5 MiB"),
            (512.0, Unit::Bytes, "512 B"),
            (12.0, Unit::PerS, "12 /s"),
            (1.0, Unit::Days, "1 day"),
            (3.0, Unit::Days, "3 days"),
            (1_204.0, Unit::Count, "1,204"),
            (1_234_567.0, Unit::Count, "1,234,567"),
            (-1_234.0, Unit::Count, "-1,234"),
            (0.25, Unit::Count, "0.25"),
        ];
        for (number, unit, text) in cases {
            assert_eq!(value(number, unit), text);
        }
    }

    #[test]
    fn limits_lose_zeros_that_say_nothing() {
        let cases = [
            (0.05, Unit::Ratio, "5 %"),
            (0.001, Unit::Ratio, "0.1 %"),
            (2_000.0, Unit::Ms, "2 s"),
            (2_500.0, Unit::Ms, "2.5 s"),
            (500.0, Unit::Ms, "500 ms"),
            (1_000.0, Unit::Count, "1,000"),
        ];
        for (number, unit, text) in cases {
            assert_eq!(limit(number, unit), text);
        }
    }

    #[test]
    fn spans_round_down() {
        let cases = [
            (-5, "0 s"),
            (59_999, "59 s"),
            (60_000, "1 min"),
            (3_600_000, "1 h"),
            (172_799_999, "47 h"),
            (172_800_000, "2 days"),
        ];
        for (ms, text) in cases {
            assert_eq!(span(ms), text);
        }
    }
}
