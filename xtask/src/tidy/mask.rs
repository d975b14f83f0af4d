//! Rust text with comments, and where wanted strings, blanked: same length, same lines.

/// What to blank.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// Comments only.
    Comments,
    /// Comments and the insides of strings and character literals.
    CommentsAndStrings,
}

/// Blanks comments (and strings), so that a search finds code only.
pub fn mask(source: &str, blank: Blank) -> String {
    let mut masker = Masker {
        rest: source,
        out: String::with_capacity(source.len()),
        blank,
    };
    while !masker.rest.is_empty() {
        masker.step();
    }
    masker.out
}

struct Masker<'a> {
    rest: &'a str,
    out: String,
    blank: Blank,
}

impl Masker<'_> {
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            let length = self.rest.find('\n').unwrap_or(self.rest.len());
            self.hide(length);
        } else if self.rest.starts_with("/*") {
            let length = block_comment_length(self.rest);
            self.hide(length);
        } else if let Some((open, length)) = literal(self.rest, self.out.chars().next_back()) {
            self.keep(open);
            if self.blank == Blank::CommentsAndStrings {
                self.hide(length - open);
            } else {
                self.keep(length - open);
            }
        } else {
            let length = self.rest.chars().next().map_or(0, char::len_utf8);
            self.keep(length);
        }
    }

    fn keep(&mut self, length: usize) {
        let (kept, rest) = self.rest.split_at(length);
        self.out.push_str(kept);
        self.rest = rest;
    }

    fn hide(&mut self, length: usize) {
        let (hidden, rest) = self.rest.split_at(length);
        self.out
            .extend(hidden.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

fn block_comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a literal's opening and of the whole literal, when one starts here.
fn literal(text: &str, before: Option<char>) -> Option<(usize, usize)> {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if text.starts_with('"') {
        return Some((1, quoted_length(text, '"')));
    }
    // Also after a word: `b'"'`. A lifetime never follows one.
    if text.starts_with('\'') {
        return char_length(text).map(|length| (1, length));
    }
    if in_word {
        return None;
    }
    let prefix = ["br", "cr", "r"]
        .iter()
        .find(|prefix| text.starts_with(**prefix))?
        .len();
    let hashes = text[prefix..]
        .bytes()
        .take_while(|byte| *byte == b'#')
        .count();
    if !text[prefix + hashes..].starts_with('"') {
        return None;
    }
    let open = prefix + hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    let length = text[open..]
        .find(&close)
        .map_or(text.len(), |at| open + at + close.len());
    Some((open, length))
}

fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}

/// A character literal, not a lifetime.
fn char_length(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        return Some(quoted_length(text, '\''));
    }
    let (at, second) = chars.next()?;
    (second == '\'').then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_and_everything_else_goes() {
        for (source, code) in [
            ("a // b", "a     "),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("f(\"x{\") // y", "f(\"   )     "),
            ("'{' 'a 'b", "'   'a 'b"),
            ("'\\'' x", "'    x"),
            ("r#\"a\"b\"# c", "r#\"      c"),
            ("for x", "for x"),
            ("b'\"' => { b'{' }", "b'   => { b'   }"),
            ("let r = b\"{\";", "let r = b\"  ;"),
        ] {
            assert_eq!(mask(source, Blank::CommentsAndStrings), code, "{source}");
        }
    }

    #[test]
    fn strings_can_be_kept() {
        assert_eq!(
            mask("\"https://x\" // y", Blank::Comments),
            "\"https://x\"     "
        );
    }

    #[test]
    fn lines_keep_their_numbers() {
        let source = "a /* 1\n2 */ \"3\n4\" // é\n5";
        let masked = mask(source, Blank::CommentsAndStrings);
        assert_eq!(masked.matches('\n').count(), source.matches('\n').count());
    }

    #[test]
    fn unfinished_text_does_not_loop_or_panic() {
        for source in ["\"", "'", "r#\"", "/*", "'\\", "b", "é'é", "/* /*"] {
            let _ = mask(source, Blank::CommentsAndStrings);
        }
    }
}
