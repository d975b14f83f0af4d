//! What a row of the route table says about itself, beside who may use it.

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Makes the schema of one type.
pub type MakeSchema = fn(&mut SchemaGenerator) -> Schema;

/// A route in words: what it is for, what goes in, what comes out.
#[derive(Clone, Debug)]
pub struct About {
    /// Its name for programs that are generated from the description; unique.
    pub operation: &'static str,
    /// What it is for, in one sentence.
    pub summary: &'static str,
    /// What may or must be in the path, the query and the headers.
    pub parameters: Vec<Parameter>,
    /// The bodies that it takes; empty when it takes none.
    pub bodies: Vec<Content>,
    /// What it answers when all is well.
    pub answers: Vec<Answer>,
    /// What it answers as a problem besides what follows from its policy: status and when.
    pub problems: Vec<(u16, &'static str)>,
}

/// One good answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// When it is given, in one sentence.
    pub text: &'static str,
    /// The forms that its body may have; empty when it has no body.
    pub contents: Vec<Content>,
}

/// A body of one media type.
#[derive(Clone, Debug)]
pub struct Content {
    /// The media type.
    pub media_type: &'static str,
    /// Its shapes, any one of them; empty for text and bytes, which have none.
    pub shapes: Vec<MakeSchema>,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Between the slashes of the path.
    Path,
    /// In the query; may be left out unless its text says otherwise.
    Query,
    /// Among the headers.
    Header,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Text of at most so many characters.
    Text {
        /// The most characters.
        max_chars: usize,
    },
    /// A whole number.
    Whole {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What it is for.
    pub text: &'static str,
    /// What it may be.
    pub values: Values,
    /// Whether the request is refused without it.
    pub needed: bool,
}

impl Parameter {
    /// A part of the path.
    #[must_use]
    pub const fn path(name: &'static str, text: &'static str, values: Values) -> Self {
        Self {
            name,
            place: Place::Path,
            text,
            values,
            needed: true,
        }
    }

    /// A part of the query that may be left out.
    #[must_use]
    pub const fn query(name: &'static str, text: &'static str, values: Values) -> Self {
        Self {
            place: Place::Query,
            needed: false,
            ..Self::path(name, text, values)
        }
    }

    /// A header that may be left out.
    #[must_use]
    pub const fn header(name: &'static str, text: &'static str, values: Values) -> Self {
        Self {
            place: Place::Header,
            needed: false,
            ..Self::path(name, text, values)
        }
    }

    /// The same, which must be there.
    #[must_use]
    pub const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }
}

fn shape<T: JsonSchema>() -> MakeSchema {
    SchemaGenerator::subschema_for::<T>
}

impl About {
    /// A route that takes nothing and answers nothing yet.
    #[must_use]
    pub const fn new(operation: &'static str, summary: &'static str) -> Self {
        Self {
            operation,
            summary,
            parameters: Vec::new(),
            bodies: Vec::new(),
            answers: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// With these parameters.
    #[must_use]
    pub fn parameters(mut self, parameters: &[Parameter]) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// Takes a JSON body of this type. Called again: or of that one.
    #[must_use]
    pub fn takes<T: JsonSchema>(self) -> Self {
        self.takes_as::<T>("application/json")
    }

    /// Takes a JSON body of this type under another media type.
    #[must_use]
    pub fn takes_as<T: JsonSchema>(mut self, media_type: &'static str) -> Self {
        add(&mut self.bodies, media_type, Some(shape::<T>()));
        self
    }

    /// Takes a body that no schema describes.
    #[must_use]
    pub fn takes_text(mut self, media_type: &'static str) -> Self {
        add(&mut self.bodies, media_type, None);
        self
    }

    /// Answers JSON of this type.
    #[must_use]
    pub fn answers<T: JsonSchema>(mut self, status: u16, text: &'static str) -> Self {
        let answer = self.answer(status, text);
        add(&mut answer.contents, "application/json", Some(shape::<T>()));
        self
    }

    /// Answers with text or bytes.
    #[must_use]
    pub fn answers_text(
        mut self,
        status: u16,
        media_type: &'static str,
        text: &'static str,
    ) -> Self {
        add(&mut self.answer(status, text).contents, media_type, None);
        self
    }

    /// Answers without a body.
    #[must_use]
    pub fn answers_nothing(mut self, status: u16, text: &'static str) -> Self {
        self.answer(status, text);
        self
    }

    /// Answers with a problem, besides what follows from the policy.
    #[must_use]
    pub fn fails(mut self, status: u16, text: &'static str) -> Self {
        self.problems.push((status, text));
        self
    }

    /// The answer with this status; the first text given for it stays.
    fn answer(&mut self, status: u16, text: &'static str) -> &mut Answer {
        let place = self.answers.iter().position(|it| it.status == status);
        let place = place.unwrap_or_else(|| {
            self.answers.push(Answer {
                status,
                text,
                contents: Vec::new(),
            });
            self.answers.len() - 1
        });
        &mut self.answers[place]
    }
}

fn add(contents: &mut Vec<Content>, media_type: &'static str, shape: Option<MakeSchema>) {
    match contents.iter_mut().find(|it| it.media_type == media_type) {
        Some(content) => content.shapes.extend(shape),
        None => contents.push(Content {
            media_type,
            shapes: shape.into_iter().collect(),
        }),
    }
}
