//! Silences and maintenance windows: what is muted, by whom, until when. [`cover`] marks what they cover on every
//! page, and is needed at once; the page where they are made lies in a chunk.

mod change;
pub mod cover;
mod draft;
mod form;
mod list;
mod matchers;
mod page;
mod preview;
mod weekly;
mod when;

pub(crate) use cover::provide_cover;
pub use cover::{Mark, SilenceMark, use_mark};
pub use page::SilencesPage;
