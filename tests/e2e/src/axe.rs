//! Accessibility, by axe-core.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::browser::Browser;
use crate::places;

const RUN: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] }).then(
        (result) => done({ violations: result.violations }),
        (error) => done({ failure: String(error) }),
    );";

/// Fails when axe-core finds a violation on the page as it is now.
///
/// # Errors
/// With the rules, the elements and what is wrong with them.
pub async fn expect_none(browser: &Browser) -> Result<()> {
    let path = places::root()?.join("node_modules/axe-core/axe.min.js");
    let source = std::fs::read_to_string(&path).with_context(|| {
        format!(
            "{} is missing: run `npm ci --ignore-scripts`",
            path.display()
        )
    })?;
    // WebDriver's scripts are not the page's, so its content security policy stays as it is.
    browser.script(&source).await?;
    let result = browser
        .driver()
        .execute_async(RUN, Vec::new())
        .await?
        .json()
        .clone();
    let Some(violations) = result["violations"].as_array() else {
        bail!("axe-core did not finish: {}", result["failure"]);
    };
    if !violations.is_empty() {
        bail!(
            "axe-core finds:\n{}",
            violations.iter().map(described).collect::<String>()
        );
    }
    Ok(())
}

fn described(violation: &Value) -> String {
    let mut text = format!("{}: {}\n", word(&violation["id"]), word(&violation["help"]));
    for node in violation["nodes"].as_array().into_iter().flatten() {
        let summary = word(&node["failureSummary"]).replace('\n', " ");
        let _ = writeln!(text, "  {}\n    {summary}", word(&node["html"]));
    }
    text
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}
