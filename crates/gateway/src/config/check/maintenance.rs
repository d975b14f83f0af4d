//! Maintenance windows: of checks that are there, at times that are there.

use std::collections::BTreeSet;

use watchfloor_wire::silence::check::MAX_WINDOW_MS;
use watchfloor_wire::silence::minute_of_day;
use watchfloor_wire::time::MINUTE_MS;

use super::value::{self, Unique};
use super::{Findings, alert_labels, metric};
use crate::config::catalogue::Catalogue;
use crate::config::maintenance::MaintenanceConfig;
use crate::config::place::Place;
use crate::config::product::ProductConfig;
use crate::local_time;

/// Adds everything that is wrong with a product's maintenance windows.
pub fn check(product: &ProductConfig, catalogue: &Catalogue, findings: &mut Findings<'_>) {
    let mut unique = Unique::default();
    for (index, it) in product.maintenance.iter().enumerate() {
        let here = Place::root().key("maintenance").index(index);
        findings.add_some(&here.key("name"), value::name(&it.name));
        findings.add_some(
            &here.key("name"),
            unique.see(&it.name, "maintenance window"),
        );
        findings.add_some(&here.key("reason"), value::for_people(&it.reason));
        for (at, check) in it.checks.iter().enumerate() {
            let place = here.key("checks").index(at);
            metric::check_known_at(product, catalogue, check, &place, findings);
        }
        labels(product, catalogue, it, &here.key("labels"), findings);
        times(it, &here, findings);
    }
}

/// A window names checks in one place only.
fn labels(
    product: &ProductConfig,
    catalogue: &Catalogue,
    it: &MaintenanceConfig,
    here: &Place,
    findings: &mut Findings<'_>,
) {
    let mut labels = it.labels.clone();
    if labels.0.remove("check").is_some() {
        findings.add(
            &here.key("check"),
            "name the checks in `checks` beside it, for example checks = [\"database\"]",
        );
    }
    alert_labels::check(product, catalogue, &labels, here, findings);
}

fn times(it: &MaintenanceConfig, here: &Place, findings: &mut Findings<'_>) {
    let days: BTreeSet<_> = it.days.iter().collect();
    if days.is_empty() {
        findings.add(
            &here.key("days"),
            "it names no day; write for example [\"sun\"]",
        );
    } else if days.len() < it.days.len() {
        findings.add(&here.key("days"), "it names a day twice");
    }
    if minute_of_day(&it.at).is_none() {
        findings.add(
            &here.key("at"),
            format!(
                "`{}` is no time of the day; write for example \"02:00\"",
                it.at
            ),
        );
    }
    if !(MINUTE_MS..=MAX_WINDOW_MS).contains(&it.duration.ms) {
        findings.add(
            &here.key("for"),
            "a window lasts from 1m to 24h; name more days for longer work",
        );
    }
    if local_time::zone(&it.zone).is_none() {
        findings.add(&here.key("zone"), local_time::no_such_zone(&it.zone));
    }
}
