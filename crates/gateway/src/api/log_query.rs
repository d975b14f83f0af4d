//! What `logs` and `logs/stream` have in common: which lines are meant.

use watchfloor_wire::id::ProductId;
use watchfloor_wire::log::{Level, LogLine};

use super::failure::Failure;
use super::openapi::about::{Parameter, Values};
use super::query::{Params, wrong};
use crate::records::LogQuery;

/// The longest text that is searched for, in characters.
const MAX_TEXT_CHARS: usize = 200;

/// What says which lines are meant.
pub const PARAMETERS: [Parameter; 3] = [
    Parameter::query(
        "product",
        "Only this product's lines.",
        Values::Text { max_chars: 64 },
    ),
    Parameter::query(
        "level",
        "Only lines of this level and louder ones.",
        Values::OneOf(&["error", "warn", "info", "debug"]),
    ),
    Parameter::query(
        "q",
        "Only lines whose message, service or fields hold this, whatever its case.",
        Values::Text {
            max_chars: MAX_TEXT_CHARS,
        },
    ),
];

/// Which lines are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only this product's.
    pub product: Option<ProductId>,
    /// Only these and louder ones.
    pub min_level: Option<Level>,
    /// Only those whose message, service, or one of whose fields holds this, whatever its case.
    pub text: Option<String>,
}

impl LogFilter {
    /// Reads `product`, `level` and `q`.
    ///
    /// # Errors
    /// A 400 that says what is allowed.
    pub fn read(params: &Params) -> Result<Self, Failure> {
        let levels: Vec<(&str, Level)> = Level::ALL.iter().map(|it| (it.word(), *it)).collect();
        let text = params.text("q");
        if let Some(chars) = text.map(|it| it.chars().count())
            && chars > MAX_TEXT_CHARS
        {
            let text =
                format!("Search for at most {MAX_TEXT_CHARS} characters; these are {chars}.");
            return Err(wrong("q", text));
        }
        Ok(Self {
            product: params.text("product").map(ProductId::from),
            min_level: params.word("level", &levels)?,
            text: text.map(str::to_owned),
        })
    }

    /// The query for one page of these lines.
    #[must_use]
    pub fn page(&self, before: Option<u64>, after: Option<u64>, limit: u32) -> LogQuery {
        LogQuery {
            product: self.product.clone(),
            min_level: self.min_level,
            text: self.text.clone(),
            before,
            after,
            limit,
        }
    }

    /// Whether a line is meant.
    #[must_use]
    pub fn admits(&self, line: &LogLine) -> bool {
        self.product.as_ref().is_none_or(|it| *it == line.product)
            && self.min_level.is_none_or(|it| line.level >= it)
            && self
                .text
                .as_ref()
                .is_none_or(|it| holds(line, &it.to_lowercase()))
    }
}

fn holds(line: &LogLine, wanted: &str) -> bool {
    let in_text = |text: &str| text.to_lowercase().contains(wanted);
    in_text(&line.message)
        || in_text(&line.service)
        || line
            .fields
            .iter()
            .any(|(name, value)| in_text(name) || in_text(value))
}
