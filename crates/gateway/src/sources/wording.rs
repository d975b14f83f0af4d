//! Words for reasons. What a source says is hostile until it is cleaned.

use std::sync::LazyLock;

use crate::ingest::redact::keys::SecretKeys;
use crate::ingest::redact::{self, Redactions};

/// How much of a source's own words is repeated.
const MAX_CHARS: usize = 160;

/// The names of secrets that are built in.
static SECRET_KEYS: LazyLock<SecretKeys> = LazyLock::new(|| SecretKeys::new(&[]));

/// A source's words, fit to be shown and kept: without secrets (error texts of databases love to repeat the
/// address that they were given, password included), without control and direction characters, on one line,
/// and not too long.
#[must_use]
pub fn clean(text: &str) -> String {
    // Secrets go first: half of one would no longer be known for what it is.
    let text = redact::text(text, &SECRET_KEYS, &mut Redactions::default());
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c)) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.chars().count() <= MAX_CHARS {
        return line;
    }
    let kept: String = line.chars().take(MAX_CHARS).collect();
    format!("{}…", kept.trim_end())
}

const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{061c}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A span of time in words: `500 ms`, `5 s`, `2.5 s`, `3 min`, `2 h`, `3 days`.
#[must_use]
pub fn span(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..10_000 if ms % 1_000 != 0 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        1_000..120_000 => format!("{} s", ms / 1_000),
        120_000..7_200_000 => format!("{} min", ms / 60_000),
        7_200_000..172_800_000 => format!("{} h", ms / 3_600_000),
        _ => format!("{} days", ms / 86_400_000),
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, span};

    #[test]
    fn hostile_words_become_one_plain_line() {
        let cases = [
            ("name 'time' is not defined", "name 'time' is not defined"),
            ("a\r\nb\u{1b}[31mc", "a b [31mc"),
            ("\u{202e}evil\u{200b}word", "evil word"),
            (
                "cannot reach postgres://app:s3cr3t@db:5432/app",
                "cannot reach postgres://[Filtered]@db:5432/app",
            ),
            (
                "redis://:p@ss@r/0 and http://x/",
                "redis://[Filtered]@r/0 and http://x/",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text), expected, "{text:?}");
        }
        assert_eq!(clean(&"x".repeat(200)), format!("{}…", "x".repeat(160)));
    }

    #[test]
    fn spans_have_the_unit_that_reads_best() {
        let cases = [
            (500, "500 ms"),
            (5_000, "5 s"),
            (2_500, "2.5 s"),
            (61_500, "61 s"),
            (300_000, "5 min"),
            (7_200_000, "2 h"),
            (259_200_000, "3 days"),
        ];
        for (ms, words) in cases {
            assert_eq!(span(ms), words);
        }
    }
}
