//! Templates: text with named placeholders in braces. They are checked when the configuration is loaded, so that
//! nothing can go wrong when somebody must be told.

use std::fmt::Write as _;

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// What happened, for example `Escalated to Team lead`.
    What,
    /// The incident's number, `INC-2041`.
    Incident,
    /// The product's name.
    Product,
    /// What is wrong.
    Title,
    /// `P0` to `P3`.
    Priority,
    /// The severity's word.
    Severity,
    /// The escalation step.
    Step,
    /// Whom the step names.
    Contact,
    /// Who acknowledged or resolved it.
    By,
    /// What they wrote.
    Note,
    /// When it was opened.
    Opened,
    /// Until when somebody must have answered.
    RespondBy,
    /// The incident in the console.
    Url,
    /// Where to read what to do.
    Runbook,
}

/// All placeholders with their names.
pub const PLACEHOLDERS: [(&str, Placeholder); 14] = [
    ("what", Placeholder::What),
    ("incident", Placeholder::Incident),
    ("product", Placeholder::Product),
    ("title", Placeholder::Title),
    ("priority", Placeholder::Priority),
    ("severity", Placeholder::Severity),
    ("step", Placeholder::Step),
    ("contact", Placeholder::Contact),
    ("by", Placeholder::By),
    ("note", Placeholder::Note),
    ("opened", Placeholder::Opened),
    ("respond_by", Placeholder::RespondBy),
    ("url", Placeholder::Url),
    ("runbook", Placeholder::Runbook),
];

/// The longest template, in characters.
pub const MAX_TEMPLATE_CHARS: usize = 2_000;

/// A checked template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Vec<Piece>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(Placeholder),
}

impl Template {
    /// Reads a template. `{name}` stands for a value, `{{` and `}}` for braces.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("it is empty; leave it out for the gateway's own words".to_owned());
        }
        if text.chars().count() > MAX_TEMPLATE_CHARS {
            return Err(format!(
                "it is longer than {MAX_TEMPLATE_CHARS} characters; nobody reads that"
            ));
        }
        text.lines().map(line).collect::<Result<_, _>>().map(Self)
    }

    /// Fills the values in, each as `value` gives it. A line that has placeholders and whose values are all empty is
    /// left out.
    pub fn fill(&self, value: impl Fn(Placeholder) -> String) -> String {
        let mut filled = String::new();
        for pieces in &self.0 {
            let mut text = String::new();
            let (mut values, mut said) = (0, 0);
            for piece in pieces {
                match piece {
                    Piece::Text(plain) => text.push_str(plain),
                    Piece::Value(placeholder) => {
                        let value = value(*placeholder);
                        values += 1;
                        said += usize::from(!value.is_empty());
                        text.push_str(&value);
                    }
                }
            }
            if values > 0 && said == 0 {
                continue;
            }
            if !filled.is_empty() {
                filled.push('\n');
            }
            filled.push_str(&text);
        }
        filled
    }
}

fn line(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let (brace, behind) = (&rest[at..=at], &rest[at + 1..]);
        if let Some(doubled) = behind.strip_prefix(brace) {
            plain.push_str(brace);
            rest = doubled;
            continue;
        }
        let end = behind.find('}').filter(|_| brace == "{").ok_or_else(|| {
            format!("`{brace}` stands alone; write `{brace}{brace}` for the brace itself")
        })?;
        pieces.push(Piece::Text(std::mem::take(&mut plain)));
        pieces.push(Piece::Value(named(&behind[..end])?));
        rest = &behind[end + 1..];
    }
    plain.push_str(rest);
    pieces.push(Piece::Text(plain));
    Ok(pieces)
}

fn named(name: &str) -> Result<Placeholder, String> {
    let found = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
    found.map(|(_, placeholder)| *placeholder).ok_or_else(|| {
        let mut allowed = String::new();
        for (known, _) in PLACEHOLDERS {
            // Writing into a string does not fail.
            let _ = write!(allowed, " {{{known}}}");
        }
        format!("there is no placeholder {{{name}}}; there are{allowed}")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        let value = |it| match it {
            Placeholder::Title => "Pool is full".to_owned(),
            Placeholder::Priority => "P1".to_owned(),
            _ => String::new(),
        };
        Template::parse(text).map(|it| it.fill(value))
    }

    #[test]
    fn placeholders_are_filled_in_and_empty_lines_left_out() {
        for (text, expected) in [
            ("[{priority}] {title}", "[P1] Pool is full"),
            ("{{{priority}}}", "{P1}"),
            ("a\n{note}\nb", "a\nb"),
            ("a\n\nb", "a\n\nb"),
            ("{title} {note}", "Pool is full "),
        ] {
            assert_eq!(filled(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_filled_in_is_told() {
        for (text, expected) in [
            ("", "it is empty"),
            (
                "{titel}",
                "there is no placeholder {titel}; there are {what} {incident}",
            ),
            ("a { b", "`{` stands alone; write `{{`"),
            ("a } b", "`}` stands alone; write `}}`"),
            ("{a{title}", "there is no placeholder {a{title}"),
            (&"x".repeat(2_001), "it is longer than 2000 characters"),
        ] {
            let error = Template::parse(text).unwrap_err();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn values_are_never_read_as_templates(value in ".{0,40}") {
            let template = Template::parse("<{title}>").unwrap();
            let expected = if value.is_empty() { String::new() } else { format!("<{value}>") };
            prop_assert_eq!(template.fill(|_| value.clone()), expected);
        }
    }
}
