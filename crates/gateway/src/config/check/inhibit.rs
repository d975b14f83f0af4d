//! Causes and symptoms: alerts that there can be, and not the same.

use super::{Findings, alert_labels};
use crate::config::catalogue::Catalogue;
use crate::config::inhibit::Matchers;
use crate::config::place::Place;
use crate::config::product::ProductConfig;

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
    alert_labels::check(product, catalogue, it, here, findings);
}
