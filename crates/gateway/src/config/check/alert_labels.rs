//! Labels that alerts are told by: those that every alert has, and those of rules. Each word must be one that some alert
//! of the product can have, or it would never be met.

use std::collections::BTreeSet;

use watchfloor_wire::alert::OWN_LABELS;

use super::Findings;
use super::value::listed;
use crate::config::catalogue::{Catalogue, check_id};
use crate::config::inhibit::Matchers;
use crate::config::place::Place;
use crate::config::product::ProductConfig;
use crate::config::words::{SEVERITIES, complaint};

/// Adds everything that is wrong with labels and their words.
pub fn check(
    product: &ProductConfig,
    catalogue: &Catalogue,
    it: &Matchers,
    here: &Place,
    findings: &mut Findings<'_>,
) {
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
        _ => of_rules(product, label, word),
    }
}

fn of_rules(product: &ProductConfig, label: &str, word: &str) -> Option<String> {
    let rules = product.rules.iter();
    let words: BTreeSet<&str> = rules
        .clone()
        .filter_map(|rule| rule.labels.get(label).map(String::as_str))
        .collect();
    if words.contains(word) {
        return None;
    }
    if !words.is_empty() {
        let there = listed(words.into_iter());
        return Some(format!(
            "no rule has the label {label} = \"{word}\"; there are {there}"
        ));
    }
    let names: BTreeSet<&str> = rules
        .flat_map(|rule| rule.labels.keys().map(String::as_str))
        .collect();
    let there = listed(OWN_LABELS.into_iter().skip(1).chain(names));
    Some(format!(
        "no rule has a label `{label}`; there are {there}. A rule gets one by labels = {{ team = \"core\" }}"
    ))
}
