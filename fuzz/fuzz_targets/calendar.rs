//! A calendar as somebody else's server writes it: turns in order that end after they begin, or words, and never long.
#![no_main]

use libfuzzer_sys::fuzz_target;
use watchfloor_gateway::config::on_call::PersonConfig;
use watchfloor_gateway::local_time;
use watchfloor_gateway::on_call::import;
use watchfloor_wire::time::UnixMs;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let people = ["priya", "omar"].map(|id| PersonConfig {
        id: id.to_owned(),
        name: id.to_uppercase(),
        contact: format!("{id}@example.com"),
    });
    let Some(zone) = local_time::zone("Europe/Berlin") else {
        return;
    };
    match import::shifts(text, &people, zone, UnixMs(1_774_267_200_000)) {
        Ok(shifts) => {
            assert!(shifts.is_sorted_by_key(|it| (it.starts_at, it.ends_at)));
            assert!(shifts.iter().all(|it| it.starts_at < it.ends_at));
        }
        Err(told) => assert!(!told.is_empty() && told.chars().count() < 600, "{told}"),
    }
});
