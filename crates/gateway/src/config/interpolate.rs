//! `${NAME}` and `${NAME:-default}` in string values, filled in from the environment.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::place::Place;

/// Looks up a variable of the environment; `None` when it is not set.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Fills in every string value of the document. `$${` stands for a plain `${`.
///
/// Returns what could not be filled in, with its place.
pub fn fill_in(root: &mut DeTable<'_>, lookup: Lookup<'_>) -> Vec<(Place, String)> {
    let mut problems = Vec::new();
    table(root, &Place::root(), lookup, &mut problems);
    problems
}

fn table(
    it: &mut DeTable<'_>,
    here: &Place,
    lookup: Lookup<'_>,
    problems: &mut Vec<(Place, String)>,
) {
    for (key, child) in it.iter_mut() {
        value(child, &here.key(key.get_ref()), lookup, problems);
    }
}

fn value(
    it: &mut Spanned<DeValue<'_>>,
    here: &Place,
    lookup: Lookup<'_>,
    problems: &mut Vec<(Place, String)>,
) {
    match it.get_mut() {
        DeValue::Table(child) => table(child, here, lookup, problems),
        DeValue::Array(children) => {
            for (index, child) in children.iter_mut().enumerate() {
                value(child, &here.index(index), lookup, problems);
            }
        }
        DeValue::String(text) if text.contains("${") => match expand(text, lookup) {
            Ok(filled) => *text = Cow::Owned(filled),
            Err(problem) => problems.push((here.clone(), problem)),
        },
        _ => {}
    }
}

/// Fills in one string.
///
/// # Errors
/// A sentence that says which variable is missing or what is malformed.
pub fn expand(text: &str, lookup: Lookup<'_>) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            filled.push_str(before);
            filled.push_str("${");
            rest = &from[2..];
            continue;
        }
        filled.push_str(before);
        let Some(end) = from.find('}') else {
            return Err(format!("`{from}` has no closing `}}`"));
        };
        filled.push_str(&variable(&from[2..end], lookup)?);
        rest = &from[end + 1..];
    }
    filled.push_str(rest);
    Ok(filled)
}

fn variable(inner: &str, lookup: Lookup<'_>) -> Result<String, String> {
    let (name, default) = match inner.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inner, None),
    };
    if !is_variable(name) {
        return Err(format!(
            "`${{{inner}}}` names no environment variable; write `${{NAME}}` or `${{NAME:-default}}`"
        ));
    }
    // As in a shell, `:-` also stands in for a variable that is set but empty.
    match (lookup(name).filter(|it| !it.is_empty()), default) {
        (Some(found), _) => Ok(found),
        (None, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(format!(
            "the environment variable {name} is not set; set it, or write `${{{name}:-default}}`"
        )),
    }
}

/// Whether the text can name an environment variable: letters, digits and `_`, no digit first.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn variables_defaults_and_escapes() {
        let lookup = |name: &str| match name {
            "HOST" => Some("10.0.0.5".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let cases = [
            ("plain", Ok("plain")),
            ("http://${HOST}:80/", Ok("http://10.0.0.5:80/")),
            ("${HOST}${HOST}", Ok("10.0.0.510.0.0.5")),
            ("${NONE:-127.0.0.1}", Ok("127.0.0.1")),
            ("${NONE:-}", Ok("")),
            ("${EMPTY:-x}", Ok("x")),
            ("$${HOST}", Ok("${HOST}")),
            ("$5", Ok("$5")),
            (
                "${NONE}",
                Err(
                    "the environment variable NONE is not set; set it, or write `${NONE:-default}`",
                ),
            ),
            ("${HOST", Err("`${HOST` has no closing `}`")),
            (
                "${A B}",
                Err(
                    "`${A B}` names no environment variable; write `${NAME}` or `${NAME:-default}`",
                ),
            ),
        ];
        for (text, expected) in cases {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(expand(text, &lookup), expected, "{text}");
        }
    }
}
