//! Pages that are scraped: read within their limits, whatever a product writes there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use watchfloor_gateway::sources::prometheus::{Limits, parse};

fuzz_target!(|text: &str| {
    let _ = parse(text, Limits::default());
});
