//! Causes and symptoms: labels that some alert can have.

use super::Findings;
use super::value::listed;
use crate::config::catalogue::{Catalogue, check_id};
use crate::config::inhibit::Matchers;
use crate::config::place::Place;
use crate::config::product::ProductConfig;
use crate::config::words::{SEVERITIES, complaint};

/// Adds everything that is wrong with a product's `[[inhibit]]`.
pub fn check(product: &ProductConfig, catalogue: &Catalogue, findings: &mut Findings<'_>) {
    for (index, it) in product.inhibits.iter().enumerate() {
        let here = Place::root().key("inhibit").index(index);
        matchers(product, catalogue, &it.cause, &here.key("cause"), findings);
        matchers(
            product,
            catalogue,
            &it.symptom,
            &here.key("symptom"),
            findings,
        );
        if it.cause == it.symptom {
            findings.add(
                &here.key("symptom"),
                "it is the same as `cause`; an alert does not bring itself about",
            );
        }
    }
}

fn matchers(
    product: &ProductConfig,
    catalogue: &Catalogue,
    it: &Matchers,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    if it.0.is_empty() {
        findings.add(
            here,
            "it matches every alert; name a label, for example { check = \"database\" }",
        );
    }
    for (label, words) in &it.0 {
        let here = here.key(label);
        if words.0.is_empty() {
            findings.add(&here, "it names no word, so that nothing matches");
        }
        for word in &words.0 {
            findings.add_some(&here, unknown(product, catalogue, label, word));
        }
    }
}

/// What is wrong with a word that no alert of the product can have for this label.
fn unknown(
    product: &ProductConfig,
    catalogue: &Catalogue,
    label: &str,
    word: &str,
) -> Option<String> {
    match label {
        "product" => Some("it is always this product; leave it out".to_owned()),
        "check" => {
            let known = catalogue.check(&check_id(&product.id, word)).is_some();
            (!known).then(|| format!("there is no check `{word}`"))
        }
        "rule" => {
            let known = product.rules.iter().any(|rule| rule.name == word);
            let names = product.rules.iter().map(|rule| rule.name.as_str());
            (!known).then(|| format!("there is no rule `{word}`; there are {}", listed(names)))
        }
        "severity" => (!SEVERITIES.contains(&word)).then(|| complaint(word, SEVERITIES)),
        _ => {
            let mut words = product
                .rules
                .iter()
                .filter_map(|rule| rule.labels.get(label));
            let known = words.any(|it| it == word);
            (!known).then(|| format!("no rule has the label {label} = \"{word}\""))
        }
    }
}
