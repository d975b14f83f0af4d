//! What products send in: unpacked within its limits, and taken or refused as a whole. What is taken holds no
//! control characters.
#![no_main]

use std::sync::LazyLock;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::config::ProductConfig;
use watchfloor_gateway::ingest::body::{Encoding, check_shape, unpack};
use watchfloor_gateway::ingest::events::Form;
use watchfloor_gateway::ingest::source::Source;
use watchfloor_gateway::ingest::{deploys, errors, logs, metrics};
use watchfloor_wire::time::UnixMs;

const PRODUCT: &str = r#"
id = "shop"
name = "Shop"
redact_keys = ["case_number"]
[[pushed]]
check = "sales"
metric = "orders"
unit = "per_s"
every = "10s"
"#;

static PRODUCT_CONFIG: LazyLock<ProductConfig> =
    LazyLock::new(|| toml::from_str(PRODUCT).expect("a product"));

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let encoding = if kind & 0x80 == 0 {
        Encoding::Identity
    } else {
        Encoding::Gzip
    };
    let Ok(json) = unpack(&Bytes::copy_from_slice(rest), encoding) else {
        return;
    };
    assert!(json.len() <= 4 * 1024 * 1024);
    let form = if kind & 0x40 == 0 {
        Form::Document
    } else {
        Form::Lines
    };
    if check_shape(&json, form).is_err() {
        return;
    }
    let now = UnixMs(1_772_366_400_000);
    let source = Source::new(&PRODUCT_CONFIG, "0123456789abcdef", Clock::manual(now));
    let taken = match kind & 3 {
        0 => logs::take(&source, &json, form, now),
        1 => errors::take(&source, &json, form, now),
        2 => metrics::take(&source, &json, form, now),
        _ => deploys::take(&source, &json, form, now),
    };
    let Ok(taken) = taken else { return };
    for line in &taken.lines {
        let text = format!("{line:?}");
        assert!(
            !text.contains("\\u{1b}") && !text.contains("\\u{202e}"),
            "{text}"
        );
    }
    for sample in &taken.samples {
        assert!(sample.value.is_none_or(f64::is_finite), "{sample:?}");
    }
});
