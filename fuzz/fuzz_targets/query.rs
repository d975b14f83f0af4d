//! Query strings: everything is known and within its range, or refused in words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use watchfloor_gateway::api::log_query::{LogFilter, PARAMETERS};
use watchfloor_gateway::api::openapi::about::{Parameter, Values};
use watchfloor_gateway::api::query::Query;

/// Besides those of the logs: numbers with and without a range.
const NUMBERS: [&str; 4] = ["before", "limit", "from", "to"];
const ANY: Values = Values::Whole {
    min: 0,
    max: u64::MAX,
};

fuzz_target!(|text: &str| {
    let numbers = NUMBERS.map(|name| Parameter::query(name, "", ANY));
    let known = [PARAMETERS.as_slice(), &numbers].concat();
    let Ok(params) = Query::parse(text).only(&known) else {
        return;
    };
    if let Ok(filter) = LogFilter::read(&params) {
        assert!(filter.text.is_none_or(|it| it.chars().count() <= 200));
    }
    if let Ok(Some(limit)) = params.number("limit", 1..=1_000_u32) {
        assert!((1..=1_000).contains(&limit));
    }
    let _ = params.number("before", 0..=u64::MAX);
    let _ = params.number("from", i64::MIN..=i64::MAX);
});
