//! Errors by group.
