//! Query strings: everything is known and within its range, or refused in words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use watchfloor_gateway::api::log_query::LogFilter;
use watchfloor_gateway::api::query::Query;

fuzz_target!(|text: &str| {
    let known = ["product", "level", "q", "before", "limit", "from", "to"];
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
