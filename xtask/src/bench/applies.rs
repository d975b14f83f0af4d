//! `bench applies`: a page while thousands of keys change a second. The browser's part is `bench-applies`, beside the
//! browser tests; it also sends the changes.

use anyhow::{Result, bail};

use super::sending::{self, PRODUCTS};
use crate::command::run;
use crate::tools;
use crate::workspace::Workspace;

/// A source may send a thousand events a second.
const KEYS_PER_S_MAX: usize = PRODUCTS * 1_000;
/// Every beat of the source changes whole checks of one product.
const KEYS_STEP: usize = 10;
/// The fewest checks of a product.
const CHECKS_MIN: usize = 10;

/// Measures a page for `seconds` while `keys` checks change each second, each once.
///
/// # Errors
/// When the gateway or the browser cannot be had, or the page does not become live.
pub fn bench(workspace: &Workspace, keys: usize, seconds: u64, page: &str) -> Result<()> {
    if keys == 0 || keys > KEYS_PER_S_MAX || !keys.is_multiple_of(KEYS_STEP) {
        bail!("--keys-per-second takes multiples of {KEYS_STEP} up to {KEYS_PER_S_MAX}");
    }
    tools::browser(workspace)?;
    let checks = (keys / PRODUCTS).max(CHECKS_MIN);
    let mut gateway = sending::start(workspace, |text| write_checks(text, checks))?;
    let mut measure = sending::measuring(workspace, &gateway, "bench-applies")?;
    measure.args(["--page", page]);
    measure.args(["--checks-per-product", &checks.to_string()]);
    measure.args(["--keys-per-second", &keys.to_string()]);
    measure.args(["--seconds", &seconds.to_string()]);
    run(&mut measure)?;
    gateway.expect_alive()
}

/// Checks that only get values. The first one is drawn, so that the page paints charts while values come.
fn write_checks(text: &mut String, checks: usize) {
    text.push_str(
        "
[[chart]]
kind = \"latency\"
check = \"service-0\"
metric = \"latency_ms\"
title = \"Latency\"
",
    );
    for check in 0..checks {
        text.push_str(&format!(
            "
[[pushed]]
check = \"service-{check}\"
title = \"Service {check}\"
metric = \"latency_ms\"
unit = \"ms\"
every = \"1s\"
headline = true
"
        ));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::super::sending::products;
    use super::*;

    #[test]
    fn each_product_has_its_checks_and_draws_one_of_them() {
        for product in products(|text| write_checks(text, 7)).unwrap() {
            assert_eq!(product["pushed"].as_array().unwrap().len(), 7);
            assert_eq!(product["chart"].as_array().unwrap().len(), 1);
        }
    }
}
