//! Values that look like secrets wherever they stand.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{FILTERED, Redactions};

/// A way secrets look. The groups `pre` and `post`, where they exist, stay.
struct Pattern {
    rule: &'static str,
    regex: Regex,
    /// Says no to what only looks alike.
    is_secret: fn(&str) -> bool,
}

/// A rule, its pattern, and what says no to what only looks alike.
type Rule = (&'static str, &'static str, fn(&str) -> bool);

const RULES: [Rule; 9] = [
    (
        "private_key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)",
        always,
    ),
    (
        "url_credentials",
        r#"(?i)(?P<pre>[a-z][a-z0-9+.\-]{1,20}://)[^\s/:@"'<>]*:[^\s/"'<>]+(?P<post>@)"#,
        always,
    ),
    (
        "authorization",
        r"(?i)(?P<pre>\b(?:bearer|basic)\s{1,4})[a-z0-9+/=._~\-]{8,}",
        is_random,
    ),
    (
        "jwt",
        r"\beyJ[A-Za-z0-9_\-]{5,}\.[A-Za-z0-9_\-]{5,}(?:\.[A-Za-z0-9_\-]*)?",
        always,
    ),
    ("aws_key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", always),
    (
        "github_token",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
        always,
    ),
    (
        "vendor_token",
        r"\b(?:xox[abeprs]-[A-Za-z0-9\-]{10,}|[rs]k_(?:live|test)_[A-Za-z0-9]{10,}|AIza[0-9A-Za-z_\-]{35}|sk-[A-Za-z0-9_\-]{20,}|npm_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_\-]{20,}|whsec_[A-Za-z0-9+/=]{20,}|SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,})",
        always,
    ),
    (
        "webhook_url",
        r"(?P<pre>https://(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks)/)[^\s]+",
        always,
    ),
    ("card_number", r"\b[2-6]\d(?:[ \-]?\d){11,17}\b", is_card),
];

#[expect(
    clippy::expect_used,
    reason = "the patterns are literals, compiled by every test of this file"
)]
static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    RULES
        .into_iter()
        .map(|(rule, pattern, is_secret)| Pattern {
            rule,
            regex: Regex::new(pattern).expect("a literal pattern"),
            is_secret,
        })
        .collect()
});

/// Text without what looks like a secret.
#[must_use]
pub fn redact<'a>(raw: &'a str, redactions: &mut Redactions) -> Cow<'a, str> {
    PATTERNS.iter().fold(Cow::Borrowed(raw), |text, pattern| {
        match pattern.redact(&text, redactions) {
            Some(clean) => Cow::Owned(clean),
            None => text,
        }
    })
}

impl Pattern {
    fn redact(&self, text: &str, redactions: &mut Redactions) -> Option<String> {
        let replace = |found: &Captures<'_>| {
            let group = |name| found.name(name).map_or("", |it| it.as_str());
            let secret = found[0].strip_prefix(group("pre")).unwrap_or(&found[0]);
            if !(self.is_secret)(secret) {
                return found[0].to_owned();
            }
            redactions.count(self.rule);
            format!("{}{FILTERED}{}", group("pre"), group("post"))
        };
        match self.regex.replace_all(text, replace) {
            Cow::Borrowed(_) => None,
            Cow::Owned(clean) => Some(clean),
        }
    }
}

const fn always(_: &str) -> bool {
    true
}

/// Not a word, as in `basic authentication`: it has a digit or a mark, or mixes cases.
fn is_random(value: &str) -> bool {
    let value = value.trim_end_matches(['.', '-']);
    let marked = value
        .chars()
        .any(|c| c.is_ascii_digit() || matches!(c, '+' | '/' | '=' | '.' | '_'));
    let mixed = value
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    marked || mixed
}

/// 13 to 19 digits whose check digit is right (Luhn), of a length that its issuer uses. Times in milliseconds
/// begin with 1 and never get here.
fn is_card(value: &str) -> bool {
    let digits: Vec<u32> = value.chars().filter_map(|c| c.to_digit(10)).collect();
    if !(13..=19).contains(&digits.len()) || (digits.len() == 13 && digits[0] != 4) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => *digit,
            _ if *digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}
