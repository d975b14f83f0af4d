//! `password=…`, `token: …` and `"apiKey":"…"` inside text.

use std::sync::LazyLock;

use regex::Regex;

use super::keys::{SecretKeys, Strength};
use super::{FILTERED, Redactions};

/// A name and what separates it from its value. Quotes may be escaped, as in JSON within JSON.
#[expect(
    clippy::expect_used,
    reason = "the pattern is a literal, compiled by every test of this file"
)]
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"([A-Za-z0-9_.\-]{2,64})\\*["']?[ \t]{0,2}(?::=|=>|[:=]|%3[dD])[ \t]{0,2}"#)
        .expect("a literal pattern")
});

/// Words before the secret itself.
const SCHEMES: [&str; 4] = ["bearer", "basic", "digest", "token"];

/// Text without the values that follow names of secrets.
#[must_use]
pub fn redact(raw: &str, keys: &SecretKeys, redactions: &mut Redactions) -> String {
    let mut clean = String::with_capacity(raw.len());
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = NAME.captures_at(raw, at) {
        let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else {
            break;
        };
        at = whole.end();
        let Some(strength) = keys.strength(name.as_str()) else {
            continue;
        };
        let (start, end, quoted) = value(raw, at, SecretKeys::hides_line(name.as_str()));
        let is_word = whole.as_str().ends_with([' ', '\t']) && !quoted;
        let harmless = strength == Strength::Weak && is_word && is_plain_word(&raw[start..end]);
        if start == end || harmless {
            continue;
        }
        clean.push_str(&raw[copied..start]);
        clean.push_str(FILTERED);
        redactions.count("assignment");
        copied = end;
        at = end;
    }
    clean.push_str(&raw[copied..]);
    clean
}

/// Where the value that begins at `from` begins and ends without its quotes, and whether it has quotes.
fn value(raw: &str, from: usize, whole_line: bool) -> (usize, usize, bool) {
    let rest = &raw[from..];
    let escapes = rest.len() - rest.trim_start_matches('\\').len();
    if let Some(quote @ ('"' | '\'')) = rest[escapes..].chars().next() {
        let start = from + escapes + 1;
        let end = closing_quote(&raw[start..], quote, escapes);
        return (start, start + end, true);
    }
    let line_end = rest.find(['\n', '\r']).unwrap_or(rest.len());
    if whole_line {
        return (from, from + line_end, false);
    }
    let mut end = word_end(rest);
    if SCHEMES
        .iter()
        .any(|it| rest[..end].eq_ignore_ascii_case(it))
    {
        let spaces = rest[end..].len() - rest[end..].trim_start_matches([' ', '\t']).len();
        if spaces > 0 {
            end += spaces + word_end(&rest[end + spaces..]);
        }
    }
    (from, from + end, false)
}

/// The closing quote, which has as many backslashes before it as the opening one (`escapes`); without one,
/// the end of the text, because a line cut in the middle of a secret holds the first half of it.
fn closing_quote(rest: &str, quote: char, escapes: usize) -> usize {
    let mut backslashes = 0;
    for (at, c) in rest.char_indices() {
        if c == '\\' {
            backslashes += 1;
            continue;
        }
        if c == quote && backslashes <= escapes && (escapes == 0) == (backslashes == 0) {
            return at - backslashes;
        }
        backslashes = 0;
    }
    rest.len()
}

/// Up to white space, the next parameter of a query, or a quote. Secrets may hold every other mark.
fn word_end(rest: &str) -> usize {
    rest.find(|c: char| c.is_whitespace() || matches!(c, '&' | '"' | '\'' | '<' | '\\'))
        .unwrap_or(rest.len())
}

/// `started` or `expired,`: a word of lower-case letters, or a short number.
fn is_plain_word(value: &str) -> bool {
    let word = value.trim_end_matches([',', '.', ';', ')']);
    word.chars().all(|c| c.is_ascii_lowercase())
        || (word.len() <= 6 && word.chars().all(|c| c.is_ascii_digit()))
}
