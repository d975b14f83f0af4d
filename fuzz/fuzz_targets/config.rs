//! Configuration: the gateway's file and one product's, divided by a zero. What is wrong is said with its place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use watchfloor_gateway::config::load::load_from;

fuzz_target!(|text: &str| {
    let (gateway, product) = text
        .split_once('\0')
        .unwrap_or(("products = [\"p.toml\"]", text));
    let read = |file: &str| {
        Ok(match file {
            "gateway.toml" => gateway.to_owned(),
            _ => product.to_owned(),
        })
    };
    let lookup = |name: &str| (name == "HOME").then(|| "/root".to_owned());
    match load_from("gateway.toml", &read, &lookup) {
        Ok(config) => {
            let _ = config.catalogue();
        }
        Err(wrong) => assert!(!wrong.problems.is_empty()),
    }
});
