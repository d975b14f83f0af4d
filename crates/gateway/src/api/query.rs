//! Queries: each parameter is known, comes once, and is within its range, or the answer says what is allowed.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use http::request::Parts;
use watchfloor_wire::problem::FieldProblem;

use super::failure::Failure;
use super::openapi::about::Parameter;

/// A request's query.
#[derive(Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Query {
    /// Reads `a=b&c=d`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// Checks that nothing else was asked.
    ///
    /// # Errors
    /// A 400 that names parameters that are not `known` or come twice.
    pub fn only(self, known: &[Parameter]) -> Result<Params, Failure> {
        let known: Vec<&str> = known.iter().map(|it| it.name).collect();
        let (mut params, mut problems) = (BTreeMap::new(), Vec::new());
        for (name, value) in self.0 {
            if !known.contains(&name.as_str()) {
                let text = format!(
                    "There is no parameter `{name}` here; known are {}.",
                    list(&known)
                );
                problems.push(FieldProblem { field: name, text });
            } else if params.insert(name.clone(), value).is_some() {
                let text = format!("Send `{name}` once.");
                problems.push(FieldProblem { field: name, text });
            }
        }
        if problems.is_empty() {
            Ok(Params(params))
        } else {
            Err(Failure::fields(problems))
        }
    }
}

/// Parameters that are known.
#[derive(Debug)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// A parameter's text; `None` when it is missing or empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|it| !it.is_empty())
    }

    /// A whole number within `range`; `None` when it is missing.
    ///
    /// # Errors
    /// A 400 that says what was found and what is allowed.
    pub fn number<T>(&self, name: &str, range: RangeInclusive<T>) -> Result<Option<T>, Failure>
    where
        T: FromStr + PartialOrd + Display,
    {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|it| range.contains(it));
        number.map(Some).ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            let text = format!("`{name}` is `{text}`; send a whole number from {from} to {to}.");
            wrong(name, text)
        })
    }

    /// One of `words`; `None` when it is missing.
    ///
    /// # Errors
    /// A 400 that says what was found and what is allowed.
    pub fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Failure> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            wrong(
                name,
                format!("`{name}` is `{text}`; send one of {}.", list(&allowed)),
            )
        })
    }
}

/// A 400 about one parameter.
#[must_use]
pub fn wrong(name: &str, text: String) -> Failure {
    Failure::fields(vec![FieldProblem {
        field: name.to_owned(),
        text,
    }])
}

fn list(words: &[&str]) -> String {
    if words.is_empty() {
        return "none".to_owned();
    }
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::super::openapi::about::Values;
    use super::*;

    fn named(name: &'static str) -> Parameter {
        Parameter::query(name, "", Values::Text { max_chars: 1 })
    }

    #[test]
    fn unknown_and_repeated_parameters_are_refused() {
        for (query, fine) in [
            ("", true),
            ("a=1&b=2", true),
            ("a=1&a=1", false),
            ("c=1", false),
            ("a=1&C", false),
        ] {
            assert_eq!(
                Query::parse(query).only(&[named("a"), named("b")]).is_ok(),
                fine,
                "{query}"
            );
        }
    }

    #[test]
    fn numbers_keep_to_their_range() {
        for (query, expected) in [
            ("n=1", Some(Some(1_u32))),
            ("n=9", Some(Some(9))),
            ("", Some(None)),
            ("n=", Some(None)),
            ("n=0", None),
            ("n=10", None),
            ("n=-1", None),
            ("n=1.0", None),
            ("n=99999999999", None),
        ] {
            let params = Query::parse(query).only(&[named("n")]).unwrap();
            assert_eq!(params.number("n", 1..=9).ok(), expected, "{query}");
        }
    }
}
