//! `bench acks`: two thousand alerts, five hundred incidents, and people who take and give back two hundred times a
//! second. The measuring part is `bench-acks`, beside the browser tests; it also looks at the list of incidents.

use std::fs;

use anyhow::Result;

use super::sending;
use crate::command::run;
use crate::step::note;
use crate::tools;
use crate::workspace::Workspace;

/// Of each product. Each is an incident once its metric is high.
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
    let mut gateway = sending::start(workspace, write_checks)?;
    note(format!("making {OPERATORS} accounts"));
    let tokens = (0..OPERATORS)
        .map(|number| gateway.token(workspace, &format!("operator-{number}"), "operator"))
        .collect::<Result<Vec<_>>>()?;
    let file = gateway.folder().join("tokens");
    fs::write(&file, tokens.join("\n"))?;
    let mut measure = sending::measuring(workspace, &gateway, "bench-acks")?;
    measure.args(["--checks-per-product", &CHECKS.to_string()]);
    measure.args(["--rules-per-check", &RULES.to_string()]);
    measure.arg("--tokens").arg(&file);
    measure.arg("--disk").arg(gateway.folder());
    measure.args(["--seconds", &seconds.to_string()]);
    run(&mut measure)?;
    gateway.expect_alive()
}

/// Checks that only get values, each with its rules.
fn write_checks(text: &mut String) {
    text.push_str("\n[priority]\ncritical = \"P1\"\n\n[response.P1]\nrespond_within = \"4h\"\n");
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
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::super::sending::products;
    use super::*;

    #[test]
    fn there_are_two_thousand_rules_on_five_hundred_checks() {
        let products = products(write_checks).unwrap();
        let count = |part| -> usize {
            let each = products.iter().map(|it| it[part].as_array().unwrap().len());
            each.sum()
        };
        assert_eq!((count("rule"), count("pushed")), (2_000, 500));
    }
}
