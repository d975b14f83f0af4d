//! References to checks and metrics.

use super::Findings;
use super::value::listed;
use crate::config::catalogue::{Catalogue, SeriesEntry, check_id, series_id};
use crate::config::place::Place;
use crate::config::product::ProductConfig;

/// The series of a check's metric; adds what is wrong when there is none. `here` holds the keys `check` and
/// `metric`.
pub fn known<'c>(
    product: &ProductConfig,
    catalogue: &'c Catalogue,
    names: (&str, &str),
    here: &Place,
    findings: &mut Findings<'_>,
) -> Option<&'c SeriesEntry> {
    known_as("metric", product, catalogue, names, here, findings)
}

/// As [`known`], for a metric that stands under another key.
pub fn known_as<'c>(
    key: &str,
    product: &ProductConfig,
    catalogue: &'c Catalogue,
    (check, metric): (&str, &str),
    here: &Place,
    findings: &mut Findings<'_>,
) -> Option<&'c SeriesEntry> {
    if !check_known(product, catalogue, check, here, findings) {
        return None;
    }
    let found = catalogue.series(&series_id(&product.id, check, metric));
    if found.is_none() {
        let id = check_id(&product.id, check);
        let metrics = listed(catalogue.series_of(&id).map(|it| it.metric.as_str()));
        findings.add(
            &here.key(key),
            format!("the check `{check}` has no metric `{metric}`; it has {metrics}"),
        );
    }
    found
}

/// Whether there is such a check; adds what is wrong when there is none. `here` holds the key `check`.
pub fn check_known(
    product: &ProductConfig,
    catalogue: &Catalogue,
    check: &str,
    here: &Place,
    findings: &mut Findings<'_>,
) -> bool {
    check_known_at(product, catalogue, check, &here.key("check"), findings)
}

/// As [`check_known`], for a name that stands at `place`.
pub fn check_known_at(
    product: &ProductConfig,
    catalogue: &Catalogue,
    check: &str,
    place: &Place,
    findings: &mut Findings<'_>,
) -> bool {
    let known = catalogue.check(&check_id(&product.id, check)).is_some();
    if !known {
        let prefix = format!("{}.", product.id);
        let names = catalogue
            .checks()
            .filter_map(|it| it.id.as_str().strip_prefix(&prefix));
        findings.add(
            place,
            format!("there is no check `{check}`; there are {}", listed(names)),
        );
    }
    known
}
