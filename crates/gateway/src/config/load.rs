//! Reading the configuration's files.

use std::path::Path;

use super::Config;
use super::channel;
use super::check::{self, Findings};
use super::document::Document;
use super::gateway::GatewayConfig;
use super::interpolate::Lookup;
use super::lint;
use super::place::Place;
use super::problem::{ConfigError, Problem};
use super::product::ProductConfig;
use crate::sources::address::AddressRules;

/// Where the text of files comes from: a path as written, relative to the gateway's file, and what the
/// system says when it cannot be read.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// Reads and checks the gateway's file and the product files that it names, with variables from the
/// environment.
///
/// # Errors
/// [`ConfigError`] with everything that is wrong.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    load_and_lint(path).map(|(config, _)| config)
}

/// As [`load`], with warnings of what is allowed but most likely not meant.
///
/// # Errors
/// [`ConfigError`] with everything that is wrong.
pub fn load_and_lint(path: &Path) -> Result<(Config, Vec<Problem>), ConfigError> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let read =
        |file: &str| std::fs::read_to_string(folder.join(file)).map_err(|error| error.to_string());
    lint_from(&name, &read, &|variable| std::env::var(variable).ok())
}

/// As [`load`], with files and environment handed in.
///
/// # Errors
/// [`ConfigError`] with everything that is wrong.
pub fn load_from(
    main: &str,
    read: ReadFile<'_>,
    lookup: Lookup<'_>,
) -> Result<Config, ConfigError> {
    lint_from(main, read, lookup).map(|(config, _)| config)
}

/// As [`load_and_lint`], with files and environment handed in.
///
/// # Errors
/// [`ConfigError`] with everything that is wrong.
pub fn lint_from(
    main: &str,
    read: ReadFile<'_>,
    lookup: Lookup<'_>,
) -> Result<(Config, Vec<Problem>), ConfigError> {
    let mut problems = Vec::new();
    let mut warnings = Vec::new();
    let gateway = load_gateway(main, read, lookup, &mut problems, &mut warnings);
    let Some((gateway, rules)) = gateway else {
        return Err(ConfigError { problems });
    };
    let mut products: Vec<ProductConfig> = Vec::new();
    for file in &gateway.products {
        let seen: Vec<&str> = products.iter().map(|it| it.id.as_str()).collect();
        let around = Around {
            seen: &seen,
            rules: rules.as_ref(),
            gateway: &gateway,
        };
        match load_product(file, read, lookup, around) {
            Ok((product, found)) => {
                products.push(product);
                warnings.extend(found);
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        Ok((Config { gateway, products }, warnings))
    } else {
        Err(ConfigError { problems })
    }
}

fn load_gateway(
    file: &str,
    read: ReadFile<'_>,
    lookup: Lookup<'_>,
    problems: &mut Vec<Problem>,
    warnings: &mut Vec<Problem>,
) -> Option<(GatewayConfig, Option<AddressRules>)> {
    let found = text_of(file, read).and_then(|text| {
        let document = Document::parse(file, &text, lookup)?;
        let mut gateway: GatewayConfig = document.read()?;
        let mut findings = Findings::new(&document);
        read_authorities(&mut gateway, read, &mut findings);
        check::gateway::check(&gateway, &mut findings);
        check::channel::check(&gateway, &mut findings);
        check::on_call::check(&gateway, &mut findings);
        let wrong = findings.into_problems();
        if wrong.is_empty() {
            let mut unmeant = Findings::new(&document);
            lint::gateway(&gateway, &mut unmeant);
            warnings.extend(unmeant.into_problems());
        }
        Ok((gateway, wrong))
    });
    match found {
        Ok((gateway, wrong)) => {
            problems.extend(wrong);
            // Without sound rules the products' addresses are not judged: one mistake, one message.
            let rules = AddressRules::new(&gateway.probing).ok();
            Some((gateway, rules))
        }
        Err(wrong) => {
            problems.extend(wrong);
            None
        }
    }
}

/// Reads whom channels trust.
fn read_authorities(gateway: &mut GatewayConfig, read: ReadFile<'_>, findings: &mut Findings<'_>) {
    for (index, channel) in gateway.channels.iter_mut().enumerate() {
        let Some(file) = &channel.ca_file else {
            continue;
        };
        let unreadable = |said: String| format!("`{file}` cannot be read: {said}");
        let found = read(file)
            .map_err(unreadable)
            .and_then(|text| channel::authorities(&text).map_err(|it| format!("`{file}`: {it}")));
        match found {
            Ok(found) => channel.authorities = found,
            Err(wrong) => {
                let here = Place::root().key("channel").index(index);
                findings.add(&here.key("ca_file"), wrong);
            }
        }
    }
}

/// What a product's file is checked against.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// The ids of the products before it.
    seen: &'a [&'a str],
    rules: Option<&'a AddressRules>,
    gateway: &'a GatewayConfig,
}

fn load_product(
    file: &str,
    read: ReadFile<'_>,
    lookup: Lookup<'_>,
    around: Around<'_>,
) -> Result<(ProductConfig, Vec<Problem>), Vec<Problem>> {
    let text = text_of(file, read)?;
    let document = Document::parse(file, &text, lookup)?;
    let product: ProductConfig = document.read()?;
    let mut findings = Findings::new(&document);
    if around.seen.contains(&product.id.as_str()) {
        let id = &product.id;
        findings.add(
            &Place::root().key("id"),
            format!("another product is called `{id}` already; ids are unique"),
        );
    }
    check::product::check(&product, around.rules, &mut findings);
    check::channel::product(&product, around.gateway, &mut findings);
    check::on_call::product(&product, around.gateway, &mut findings);
    let problems = findings.into_problems();
    if problems.is_empty() {
        let mut warnings = Findings::new(&document);
        lint::product(&product, &around.gateway.retention, &mut warnings);
        Ok((product, warnings.into_problems()))
    } else {
        Err(problems)
    }
}

fn text_of(file: &str, read: ReadFile<'_>) -> Result<String, Vec<Problem>> {
    read(file).map_err(|said| {
        vec![Problem {
            file: file.to_owned(),
            line: 0,
            key: String::new(),
            text: format!("the file cannot be read: {said}"),
        }]
    })
}
