//! See the crate's text.
