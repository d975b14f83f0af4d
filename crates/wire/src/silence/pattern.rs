//! Patterns of a matcher: `*`, `?`, `|` and `\`. Each text either is one or is told why not, and comparing is
//! bounded by the product of two lengths.

use std::fmt;

/// One part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// `*`
    Any,
    /// `?`
    One,
    /// The character, in lower case.
    Letter(char),
}

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PatternError {
    /// The character, counted from 1.
    at: usize,
    what: &'static str,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "At character {}: {}", self.at, self.what)
    }
}

/// The alternatives of a pattern.
fn parse(pattern: &str) -> Result<Vec<Vec<Part>>, PatternError> {
    let wrong = |at, what| Err(PatternError { at, what });
    let (mut alternatives, mut parts) = (Vec::new(), Vec::new());
    let mut letters = (1_usize..).zip(pattern.chars());
    let mut last = 0;
    while let Some((at, letter)) = letters.next() {
        last = at;
        parts.push(match letter {
            '*' => Part::Any,
            '?' => Part::One,
            '|' if parts.is_empty() => return wrong(at, "nothing stands before this `|`."),
            '|' => {
                alternatives.push(std::mem::take(&mut parts));
                continue;
            }
            '\\' => match letters.next() {
                Some((next, it @ ('*' | '?' | '|' | '\\'))) => {
                    last = next;
                    Part::Letter(it)
                }
                _ => {
                    return wrong(
                        at,
                        "`\\` goes before `*`, `?`, `|` or `\\`; write `\\\\` for itself.",
                    );
                }
            },
            it => Part::Letter(it.to_ascii_lowercase()),
        });
    }
    if parts.is_empty() {
        return wrong(last.max(1), "nothing stands behind this.");
    }
    alternatives.push(parts);
    Ok(alternatives)
}

/// The pattern that fits these words alone, whatever they are made of. A word that is empty cannot be written as one
/// and makes it no pattern, which nothing fits.
pub(super) fn any_of(words: &[&str]) -> String {
    let mut pattern = String::new();
    for (place, word) in words.iter().enumerate() {
        if place > 0 {
            pattern.push('|');
        }
        for letter in word.chars() {
            if matches!(letter, '*' | '?' | '|' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
    }
    pattern
}

/// What is wrong with a pattern, with its place; `None` when nothing is.
pub(super) fn problem(pattern: &str) -> Option<String> {
    parse(pattern).err().map(|wrong| wrong.to_string())
}

/// Whether one of the alternatives is of stars alone.
pub(super) fn is_everything(pattern: &str) -> bool {
    let stars = |parts: &Vec<Part>| parts.iter().all(|it| *it == Part::Any);
    parse(pattern).is_ok_and(|all| all.iter().any(stars))
}

/// Whether the text is of the pattern; a text that is no pattern matches nothing. The work is bounded by the product
/// of both lengths, whatever the pattern is.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Ok(alternatives) = parse(pattern) else {
        return false;
    };
    let text: Vec<char> = text.chars().map(|it| it.to_ascii_lowercase()).collect();
    alternatives.iter().any(|parts| fits(parts, &text))
}

/// Greedy: each star first stands for nothing, and takes one character more whenever what follows does not fit.
/// Only the last star ever needs to, so nothing is tried twice.
fn fits(parts: &[Part], text: &[char]) -> bool {
    let (mut part, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match parts.get(part) {
            Some(Part::Any) => {
                star = Some((part, at));
                part += 1;
            }
            Some(Part::One) => (part, at) = (part + 1, at + 1),
            Some(Part::Letter(it)) if *it == text[at] => (part, at) = (part + 1, at + 1),
            _ => {
                let Some((place, taken)) = star else {
                    return false;
                };
                star = Some((place, taken + 1));
                (part, at) = (place + 1, taken + 1);
            }
        }
    }
    parts[part..].iter().all(|it| *it == Part::Any)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_follow_the_table() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("?", "", false),
            ("?", "ä", true),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
            ("**", "x", true),
            (r"100\*", "100*", true),
            (r"100\*", "1000", false),
            (r"a\|b", "a|b", true),
            (r"\\", r"\", true),
            ("a|b", "b", true),
            ("a|b", "a|b", false),
            ("a.c", "abc", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    /// The slow and obvious way.
    fn obvious(parts: &[Part], text: &[char]) -> bool {
        match parts.split_first() {
            None => text.is_empty(),
            Some((Part::Any, rest)) => (0..=text.len()).any(|at| obvious(rest, &text[at..])),
            Some((Part::One, rest)) => !text.is_empty() && obvious(rest, &text[1..]),
            Some((Part::Letter(it), rest)) => text.first() == Some(it) && obvious(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_finds_what_the_obvious_way_finds(pattern in "[ab*?|]{1,8}", text in "[ab]{0,8}") {
            let letters: Vec<char> = text.chars().collect();
            let expected = parse(&pattern).is_ok_and(|all| all.iter().any(|it| obvious(it, &letters)));
            prop_assert_eq!(matches(&pattern, &text), expected);
        }

        #[test]
        fn words_fit_themselves_and_nothing_else(
            words in prop::collection::vec(r"[aB*?|\\ä]{1,4}", 1..4),
            text in r"[aB*?|\\ä]{1,4}",
        ) {
            let all: Vec<&str> = words.iter().map(String::as_str).collect();
            let pattern = any_of(&all);
            prop_assert!(words.iter().all(|it| matches(&pattern, it)));
            let is_one = words.iter().any(|it| it.eq_ignore_ascii_case(&text));
            prop_assert_eq!(matches(&pattern, &text), is_one);
        }

        #[test]
        fn any_text_is_a_pattern_or_told_why_not(pattern in ".{0,40}", text in ".{0,40}") {
            let fits = matches(&pattern, &text);
            prop_assert!(!fits || parse(&pattern).is_ok());
        }
    }
}
