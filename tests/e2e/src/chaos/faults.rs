//! The cases.

use serde_json::{Value, json};

/// What the page must do while the fault is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// No frame comes, so it says that it is not current.
    Stale,
    /// Frames may come. Whenever none does for long enough, it says so.
    Honest,
}

/// A fault of the network and what is expected of a page behind it.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// As the table names it.
    pub name: &'static str,
    fault: &'static str,
    /// The rest of the order to the proxy.
    with: &'static [(&'static str, i64)],
    /// What the page must do.
    pub expected: Expected,
    /// The fault is on for at least this long, in seconds.
    pub for_s: f64,
}

const fn case(
    name: &'static str,
    fault: &'static str,
    with: &'static [(&'static str, i64)],
    expected: Expected,
) -> Case {
    Case {
        name,
        fault,
        with,
        expected,
        // Long enough for the promise to be kept or broken.
        for_s: 30.0,
    }
}

/// Every case.
pub const ALL: [Case; 11] = [
    case(
        "latency 2 s ± 1 s",
        "latency",
        &[("latency_ms", 2_000), ("jitter_ms", 1_000)],
        Expected::Honest,
    ),
    case(
        "5 KB/s",
        "bandwidth",
        &[("bytes_per_s", 5_000)],
        Expected::Honest,
    ),
    case(
        "pieces of 1 to 10 bytes",
        "slicing",
        &[("from_bytes", 1), ("to_bytes", 10)],
        Expected::Honest,
    ),
    case("stall", "stall", &[], Expected::Stale),
    case("reset", "reset", &[], Expected::Stale),
    case("half-open, to the page", "half-open", &[], Expected::Stale),
    Case {
        // The gateway goes on until it has missed a pong for 25 s, and only then frames stop.
        for_s: 60.0,
        ..case(
            "half-open, to the gateway",
            "half-open:to-server",
            &[],
            Expected::Stale,
        )
    },
    case("half-open, both", "half-open:both", &[], Expected::Stale),
    case("down", "down", &[], Expected::Stale),
    case("no WebSockets", "refuse-upgrade", &[], Expected::Honest),
    Case {
        for_s: 180.0,
        ..case("down for 3 min", "down", &[], Expected::Stale)
    },
];

/// The cases of `cargo xtask test`: one where everything waits, one where connections are torn, one where all is refused,
/// and one where answers are lost without anybody being told. The last one's page is opened last, so that the fault comes
/// while it still fetches the rest of its program.
pub const SHORT: [&str; 4] = ["stall", "reset", "down", "half-open, to the page"];

impl Case {
    /// The order to the proxy.
    #[must_use]
    pub fn order(&self) -> Value {
        let mut order = json!({});
        match self.fault.split_once(':') {
            Some((kind, dead)) => {
                order["fault"] = json!(kind);
                order["dead"] = json!(dead);
            }
            None => order["fault"] = json!(self.fault),
        }
        for (name, value) in self.with {
            order[*name] = json!(value);
        }
        order
    }
}

/// The cases with these names, in the order of the names.
#[must_use]
pub fn named(names: &[&str]) -> Vec<Case> {
    let case = |name: &&str| ALL.into_iter().find(|case| case.name == *name);
    names.iter().filter_map(case).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_one_that_the_proxy_takes() {
        for case in ALL {
            let fault: watchfloor_fleet::proxy::fault::Fault =
                serde_json::from_value(case.order()).expect(case.name);
            fault.check().expect(case.name);
        }
        assert_eq!(named(&SHORT).len(), SHORT.len());
    }
}
