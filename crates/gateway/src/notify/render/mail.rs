//! E-mail: plain text. Values cannot reach the headers as anything but text, because they are one line before they
//! come here and the library encodes what is not plain ASCII.

use super::{Telling, Wording};
use crate::notify::words::cut;

/// The most characters of a subject.
const MAX_SUBJECT_CHARS: usize = 200;
/// The most characters of a text.
const MAX_TEXT_CHARS: usize = 10_000;

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// What its `Message-ID` begins with.
    pub id: String,
    /// What all mails about the same incident refer to, so that they are shown together; `None` for others.
    pub thread: Option<String>,
}

/// The mail.
#[must_use]
pub fn mail(telling: &Telling<'_>, wording: &Wording) -> Mail {
    let letter = telling.letter(wording, str::to_owned);
    Mail {
        subject: cut(&letter.title.replace('\n', " "), MAX_SUBJECT_CHARS),
        text: format!(
            "{}\n\n-- \n{}\n",
            cut(&letter.text, MAX_TEXT_CHARS),
            telling.row.id
        ),
        id: telling.row.id.clone(),
        thread: telling.row.incident().map(|it| format!("inc-{}", it.0)),
    }
}
