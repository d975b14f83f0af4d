//! One TOML file: parsed, filled in from the environment, and read into its type with as many problems found
//! at once as can be.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::DeTable;

use super::interpolate::{self, Lookup};
use super::place::{self, Place};
use super::problem::Problem;
use super::words;

/// How many problems of one file are collected before the rest is left for the next try.
const MAX_PROBLEMS: usize = 50;

/// One file with what is needed to say where in it something is.
#[derive(Debug)]
pub struct Document<'t> {
    file: String,
    text: &'t str,
    root: Spanned<DeTable<'t>>,
    unclear: Vec<Problem>,
}

impl<'t> Document<'t> {
    /// Parses the text of a file and fills in the environment's variables. What is unclear about those, and
    /// about words, is told by [`Self::read`] together with the rest.
    ///
    /// # Errors
    /// Everything that is no TOML.
    pub fn parse(file: &str, text: &'t str, lookup: Lookup<'_>) -> Result<Self, Vec<Problem>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut document = Self {
            file: file.to_owned(),
            text,
            root,
            unclear: Vec::new(),
        };
        if !errors.is_empty() {
            let problems = errors.iter().map(|error| document.syntax(error));
            return Err(problems.collect());
        }
        let mut unclear = interpolate::fill_in(document.root.get_mut(), lookup);
        unclear.extend(words::unknown_words(document.root.get_ref()));
        document.unclear = unclear
            .into_iter()
            .map(|(place, text)| document.problem(&place, text))
            .collect();
        Ok(document)
    }

    /// A problem at a place of this file.
    #[must_use]
    pub fn problem(&self, place: &Place, text: impl Into<String>) -> Problem {
        let offset = place::offset_of(&self.root, place);
        Problem {
            file: self.file.clone(),
            line: place::line_of(self.text, offset),
            key: place.to_string(),
            text: text.into(),
        }
    }

    fn syntax(&self, error: &toml::de::Error) -> Problem {
        let offset = error.span().map_or(0, |span| span.start);
        Problem {
            file: self.file.clone(),
            line: place::line_of(self.text, offset),
            key: String::new(),
            text: format!("this is no TOML: {}", error.message()),
        }
    }

    /// Reads the file into its type.
    ///
    /// # Errors
    /// All problems that can be told apart: after each one the key or the array element that has it is left
    /// out, and the rest is read again.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Vec<Problem>> {
        let mut rest = self.root.clone();
        let mut problems = self.unclear.clone();
        loop {
            let error = match T::deserialize(toml::Deserializer::from(rest.clone())) {
                Ok(read) if problems.is_empty() => return Ok(read),
                Ok(_) => return Err(problems),
                Err(error) => error,
            };
            let span = error.span().unwrap_or_default();
            let place = place::place_of(rest.get_ref(), &span).unwrap_or_default();
            let problem = Problem {
                file: self.file.clone(),
                line: place::line_of(self.text, span.start),
                key: place.to_string(),
                text: error.message().to_owned(),
            };
            // A variable that could not be filled in leaves text behind that its type then refuses.
            let told = |it: &Problem| (it.line, &it.key) == (problem.line, &problem.key);
            if !problems.iter().any(told) {
                problems.push(problem);
            }
            let bad = if error.message().starts_with("unknown field") {
                Some(place)
            } else {
                place.element()
            };
            let mended = bad.is_some_and(|bad| place::remove(rest.get_mut(), &bad));
            if !mended || problems.len() >= MAX_PROBLEMS {
                return Err(problems);
            }
        }
    }
}
