//! The folder that the build embedded. A debug build reads it from the disk at the start instead.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$WATCHFLOOR_CONSOLE_DIR"]
struct Folder;

/// A file of the folder by its path; `None` when it is not there.
#[must_use]
pub fn file(path: &str) -> Option<Cow<'static, [u8]>> {
    Folder::get(path).map(|file| file.data)
}
