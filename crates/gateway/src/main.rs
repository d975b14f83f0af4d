//! The binary `watchfloor`.

fn main() {}
