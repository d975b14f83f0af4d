//! `{name="value",…}`: the one piece that pages and selectors share.

/// Label names and values, in the order written.
pub type Labels = Vec<(String, String)>;

/// The most labels that a sample may have.
pub const MAX_LABELS: usize = 64;

/// Reads labels at the beginning of `text`, which begins with `{`; answers them and what follows `}`.
///
/// # Errors
/// What is wrong, in a few words.
pub fn read(text: &str) -> Result<(Labels, &str), &'static str> {
    let mut labels = Labels::new();
    let mut rest = skip(text.strip_prefix('{').ok_or("no `{`")?);
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((labels, after));
        }
        if labels.len() == MAX_LABELS {
            return Err("more than 64 labels");
        }
        let (name, after) = name(rest).ok_or("a label without a name")?;
        let after = skip(after).strip_prefix('=').ok_or("a label without `=`")?;
        let (value, after) = quoted(skip(after))?;
        labels.push((name.to_owned(), value));
        rest = skip(after);
        match rest.strip_prefix(',') {
            Some(after) => rest = skip(after),
            None if rest.starts_with('}') => {}
            None => return Err("labels without `,` or `}` between them"),
        }
    }
}

/// The name at the beginning of `text` and what follows it; `None` when there is none. Names of samples may
/// hold `:`, and taking it in labels too harms nobody.
#[must_use]
pub fn name(text: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let sound = name.starts_with(|c: char| !c.is_ascii_digit());
    (!name.is_empty() && sound).then_some((name, rest))
}

/// What follows blanks and tabs.
#[must_use]
pub fn skip(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let inner = text
        .strip_prefix('"')
        .ok_or("a label value without quotes")?;
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &inner[at + 1..])),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, c @ ('"' | '\\'))) => value.push(c),
                // Unknown escapes stand for themselves, as Prometheus has it.
                Some((_, other)) => value.extend(['\\', other]),
                None => break,
            },
            other => value.push(other),
        }
    }
    Err("a label value without closing quotes")
}
