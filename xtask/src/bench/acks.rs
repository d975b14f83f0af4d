//! `bench acks`: two thousand alerts, five hundred incidents, and people who take and give back two hundred times a
//! second. The measuring part is `bench-acks`, beside the browser tests; it also looks at the list of incidents.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::release_gateway::ReleaseGateway;
use crate::command::{cargo, run};
use crate::step::note;
use crate::tools;
use crate::workspace::Workspace;

const PRODUCTS: usize = 5;
/// Each is an incident once its metric is high.
const CHECKS: usize = 100;
/// Each is an alert of its check then.
const RULES: usize = 4;
/// An account may act 30 times a minute, so that two hundred actions a second need as many people.
const OPERATORS: usize = 430;

/// Measures acknowledgements for `seconds`, and the page with all these incidents.
///
/// # Errors
/// When the gateway or the browser cannot be had, or the incidents do not come.
pub fn bench(workspace: &Workspace, seconds: u64) -> Result<()> {
    tools::browser(workspace)?;
    let environment: Vec<(String, String)> = (0..PRODUCTS).map(key_of).collect();
    let mut gateway = ReleaseGateway::start(workspace, write_config, &environment)?;
    note(format!("making {OPERATORS} accounts"));
    let tokens = (0..OPERATORS)
        .map(|number| gateway.token(workspace, &format!("operator-{number}"), "operator"))
        .collect::<Result<Vec<_>>>()?;
    let file = gateway.folder().join("tokens");
    fs::write(&file, tokens.join("\n"))?;
    let program = [
        "run",
        "--quiet",
        "--locked",
        "-p",
        "watchfloor-e2e",
        "--bin",
        "bench-acks",
        "--",
    ];
    let secrets: Vec<&str> = environment.iter().map(|it| it.1.as_str()).collect();
    let mut measure = cargo(workspace, &program);
    measure.args(["--link", &gateway.first_login_link()?]);
    measure.args(["--keys", &secrets.join(",")]);
    measure.args(["--checks-per-product", &CHECKS.to_string()]);
    measure.args(["--rules-per-check", &RULES.to_string()]);
    measure.arg("--tokens").arg(&file);
    measure.arg("--disk").arg(gateway.folder());
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

fn write_config(folder: &Path) -> Result<PathBuf> {
    let mut names = Vec::new();
    for product in 0..PRODUCTS {
        let name = format!("bench-{product}.toml");
        fs::write(folder.join(&name), product_toml(product))?;
        names.push(format!("\"{name}\""));
    }
    let path = folder.join("gateway.toml");
    fs::write(&path, format!("products = [{}]\n", names.join(", ")))?;
    Ok(path)
}

fn product_toml(product: usize) -> String {
    let (key_env, _) = key_of(product);
    let mut text = format!(
        "id = \"bench-{product}\"\nname = \"Bench {product}\"\ningest_key_env = \"{key_env}\"\n
[priority]
critical = \"P1\"

[response.P1]
respond_within = \"4h\"
"
    );
    for check in 0..CHECKS {
        text.push_str(&format!(
            "
[[pushed]]
check = \"gate-{check}\"
metric = \"depth\"
unit = \"count\"
every = \"1h\"
"
        ));
        for rule in 1..=RULES {
            text.push_str(&format!(
                "
[[rule]]
name = \"Gate {check} is deeper than {rule}\"
check = \"gate-{check}\"
metric = \"depth\"
statistic = \"last\"
window = \"1h\"
above = {rule}
severity = \"critical\"
"
            ));
        }
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn there_are_two_thousand_rules_on_five_hundred_checks() {
        let folder = tempfile::tempdir().unwrap();
        write_config(folder.path()).unwrap();
        let (mut rules, mut checks) = (0, 0);
        for product in 0..PRODUCTS {
            let path = folder.path().join(format!("bench-{product}.toml"));
            let product: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
            rules += product["rule"].as_array().unwrap().len();
            checks += product["pushed"].as_array().unwrap().len();
        }
        assert_eq!((rules, checks), (2_000, 500));
    }
}
