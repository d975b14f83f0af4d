//! `bench applies`: a page while thousands of keys change a second. The browser's part is `bench-applies`, beside the
//! browser tests; it also sends the changes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::release_gateway::ReleaseGateway;
use crate::command::{cargo, run};
use crate::tools;
use crate::workspace::Workspace;

const PRODUCTS: usize = 5;
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
    let environment: Vec<(String, String)> = (0..PRODUCTS).map(key_of).collect();
    let configure = |folder: &Path| write_config(folder, checks);
    let mut gateway = ReleaseGateway::start(workspace, configure, &environment)?;
    let program = [
        "run",
        "--quiet",
        "--locked",
        "-p",
        "watchfloor-e2e",
        "--bin",
        "bench-applies",
        "--",
    ];
    let secrets: Vec<&str> = environment.iter().map(|it| it.1.as_str()).collect();
    let mut measure = cargo(workspace, &program);
    measure.args(["--link", &gateway.first_login_link()?, "--page", page]);
    measure.args(["--keys", &secrets.join(",")]);
    measure.args(["--checks-per-product", &checks.to_string()]);
    measure.args(["--keys-per-second", &keys.to_string()]);
    measure.args(["--seconds", &seconds.to_string()]);
    run(&mut measure)?;
    gateway.expect_alive()
}

fn key_of(product: usize) -> (String, String) {
    (
        format!("WATCHFLOOR_BENCH_{product}_INGEST_KEY"),
        format!("bench-key-{product}-0123456789abcdef0123456789abcdef"),
    )
}

fn write_config(folder: &Path, checks: usize) -> Result<PathBuf> {
    let mut names = Vec::new();
    for product in 0..PRODUCTS {
        let name = format!("bench-{product}.toml");
        fs::write(folder.join(&name), product_toml(product, checks))?;
        names.push(format!("\"{name}\""));
    }
    let path = folder.join("gateway.toml");
    fs::write(&path, format!("products = [{}]\n", names.join(", ")))?;
    Ok(path)
}

/// A product that only sends in. Its first check is drawn, so that the page paints charts while values come.
fn product_toml(product: usize, checks: usize) -> String {
    let (key_env, _) = key_of(product);
    let head = format!(
        "id = \"bench-{product}\"\nname = \"Bench {product}\"\ningest_key_env = \"{key_env}\"\n
[[chart]]
kind = \"latency\"
check = \"service-0\"
metric = \"latency_ms\"
title = \"Latency\"
"
    );
    (0..checks).fold(head, |mut text, check| {
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
        text
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn each_product_has_its_checks_and_a_key_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        write_config(folder.path(), 7).unwrap();
        let mut keys = std::collections::BTreeSet::new();
        for product in 0..PRODUCTS {
            let path = folder.path().join(format!("bench-{product}.toml"));
            let product: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
            assert_eq!(product["pushed"].as_array().unwrap().len(), 7);
            keys.insert(product["ingest_key_env"].as_str().unwrap().to_owned());
        }
        assert_eq!(keys.len(), PRODUCTS);
    }
}
