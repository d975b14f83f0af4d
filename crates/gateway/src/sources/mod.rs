//! Where readings come from.

pub mod address;
pub mod prometheus;
