//! Characters that would move a cursor, colour a terminal, hide, or turn text around become visible escapes.

use std::fmt::Write as _;

/// Text that may have several lines: line feeds and tabs stay.
#[must_use]
pub fn text(raw: &str) -> String {
    escape(raw, |c| c == '\n' || c == '\t')
}

/// Text of one line: line feeds and tabs are escaped too, so that nobody can forge a second line.
#[must_use]
pub fn line(raw: &str) -> String {
    escape(raw, |_| false)
}

/// At most `max_bytes` of `text`, with a mark that says how long it was.
#[must_use]
pub fn cut(mut text: String, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        return text;
    }
    let mark = format!("… [cut, {} bytes in all]", text.len());
    let mut end = max_bytes.saturating_sub(mark.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.push_str(&mark);
    text
}

fn escape(raw: &str, stays: impl Fn(char) -> bool) -> String {
    let mut clean = String::with_capacity(raw.len());
    for c in raw.chars() {
        if stays(c) || !is_hostile(c) {
            clean.push(c);
            continue;
        }
        // Writing into a string does not fail.
        let _written = match c {
            '\n' => write!(clean, "\\n"),
            '\r' => write!(clean, "\\r"),
            '\t' => write!(clean, "\\t"),
            c if u32::from(c) < 0x100 => write!(clean, "\\x{:02x}", u32::from(c)),
            c => write!(clean, "\\u{{{:x}}}", u32::from(c)),
        };
    }
    clean
}

/// Control characters (C0, DEL, C1), marks of direction, zero widths, separators of lines, and tags.
const fn is_hostile(c: char) -> bool {
    matches!(
        c,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::{cut, is_hostile, line, text};
    use proptest::prelude::*;

    #[test]
    fn hostile_characters_become_visible() {
        let cases = [
            ("plain – text, naïve 日本 🙂", "plain – text, naïve 日本 🙂"),
            ("\u{1b}[31mred\u{1b}[0m", "\\x1b[31mred\\x1b[0m"),
            ("\u{1b}]0;title\u{7}", "\\x1b]0;title\\x07"),
            ("over\rwrite", "over\\rwrite"),
            ("abc\u{202e}cod.exe", "abc\\u{202e}cod.exe"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("nel\u{85}ls\u{2028}", "nel\\x85ls\\u{2028}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("nul\0", "nul\\x00"),
        ];
        for (raw, clean) in cases {
            assert_eq!(text(raw), clean);
            assert_eq!(line(raw), clean);
        }
    }

    #[test]
    fn only_texts_keep_their_lines() {
        assert_eq!(text("a\n\tb"), "a\n\tb");
        assert_eq!(line("a\n2026 ERROR forged"), "a\\n2026 ERROR forged");
    }

    #[test]
    fn a_cut_is_marked_and_never_splits_a_character() {
        assert_eq!(cut("short".to_owned(), 5), "short");
        let long = cut("é".repeat(5_000), 8_192);
        assert!(long.len() <= 8_192 && long.ends_with("… [cut, 10000 bytes in all]"));
    }

    proptest! {
        #[test]
        fn nothing_hostile_survives(raw in any::<String>()) {
            prop_assert!(!line(&raw).chars().any(is_hostile));
            prop_assert!(!text(&raw).chars().any(|c| is_hostile(c) && c != '\n' && c != '\t'));
        }
    }
}
