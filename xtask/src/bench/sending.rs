//! A release gateway with products that only send in, each with a key of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::release_gateway::ReleaseGateway;
use crate::command::browser_part;
use crate::workspace::Workspace;

/// How many products there are.
pub const PRODUCTS: usize = 5;

/// Builds and starts it, and waits until it answers. `write` adds a product's checks to its head.
///
/// # Errors
/// When the gateway cannot be built, refuses the configuration, or dies.
pub fn start(workspace: &Workspace, write: impl Fn(&mut String)) -> Result<ReleaseGateway> {
    let environment: Vec<(String, String)> = (0..PRODUCTS).map(key_of).collect();
    let configure = |folder: &Path| write_config(folder, write);
    ReleaseGateway::start(workspace, configure, &environment)
}

/// The measuring part `name`, told where the gateway is and how to send in.
///
/// # Errors
/// When the gateway printed no link.
pub fn measuring(workspace: &Workspace, gateway: &ReleaseGateway, name: &str) -> Result<Command> {
    let secrets: Vec<String> = (0..PRODUCTS).map(|product| key_of(product).1).collect();
    let mut measure = browser_part(workspace, name);
    measure.args(["--link", &gateway.first_login_link()?]);
    measure.args(["--keys", &secrets.join(",")]);
    Ok(measure)
}

fn key_of(product: usize) -> (String, String) {
    (
        format!("WATCHFLOOR_BENCH_{product}_INGEST_KEY"),
        format!("bench-key-{product}-0123456789abcdef0123456789abcdef"),
    )
}

/// Writes a gateway's file and one a product; returns the former.
fn write_config(folder: &Path, write: impl Fn(&mut String)) -> Result<PathBuf> {
    let mut names = Vec::new();
    for product in 0..PRODUCTS {
        let (key_env, _) = key_of(product);
        let mut text = format!(
            "id = \"bench-{product}\"\nname = \"Bench {product}\"\ningest_key_env = \"{key_env}\"\n"
        );
        write(&mut text);
        let name = format!("bench-{product}.toml");
        fs::write(folder.join(&name), text)?;
        names.push(format!("\"{name}\""));
    }
    let path = folder.join("gateway.toml");
    fs::write(&path, format!("products = [{}]\n", names.join(", ")))?;
    Ok(path)
}

/// The products with what `write` adds, as they are read again.
#[cfg(test)]
pub(super) fn products(write: impl Fn(&mut String)) -> Result<Vec<toml::Table>> {
    let folder = tempfile::tempdir()?;
    write_config(folder.path(), write)?;
    (0..PRODUCTS)
        .map(|product| {
            let path = folder.path().join(format!("bench-{product}.toml"));
            Ok(toml::from_str(&fs::read_to_string(path)?)?)
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_product_has_a_name_and_a_key_of_its_own() {
        let products = products(|text| text.push_str("[priority]\ncritical = \"P1\"\n")).unwrap();
        for part in ["id", "name", "ingest_key_env"] {
            let values: BTreeSet<&str> = products
                .iter()
                .map(|it| it[part].as_str().unwrap())
                .collect();
            assert_eq!(values.len(), PRODUCTS, "{part}");
        }
        assert!(products.iter().all(|it| it.contains_key("priority")));
    }
}
