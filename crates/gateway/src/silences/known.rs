//! Which products, checks and rules there are: a silence of what is not there would mute nothing, and its author
//! would sleep badly for another reason.

use std::collections::{BTreeMap, BTreeSet};

use watchfloor_wire::id::{CheckId, ProductId};
use watchfloor_wire::priority::Severity;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::silence::{MatchField, MatchOperator, Matcher, Recurrence, Subject};

use crate::config::Config;
use crate::local_time;

/// How many names are listed to somebody who named one that is not there.
const LISTED: usize = 12;

/// The names of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Known {
    products: BTreeSet<ProductId>,
    checks: BTreeMap<CheckId, ProductId>,
    rules: BTreeSet<String>,
    /// The labels of rules, each with what it can be.
    labels: BTreeMap<String, BTreeSet<String>>,
}

impl Known {
    /// Those of this configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let catalogue = config.catalogue();
        let products = config.products.iter();
        let mut labels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, value) in products
            .clone()
            .flat_map(|it| &it.rules)
            .flat_map(|it| &it.labels)
        {
            let values = labels.entry(name.clone()).or_default();
            values.insert(value.clone());
        }
        Self {
            labels,
            products: products
                .clone()
                .map(|it| ProductId::from(it.id.as_str()))
                .collect(),
            checks: catalogue
                .checks()
                .map(|it| (it.id.clone(), it.product.clone()))
                .collect(),
            rules: products
                .flat_map(|it| &it.rules)
                .map(|it| it.name.clone())
                .collect(),
        }
    }

    /// All checks with their products.
    pub fn checks(&self) -> impl Iterator<Item = (&ProductId, &CheckId)> {
        self.checks.iter().map(|(check, product)| (product, check))
    }

    /// What is wrong with the names in conditions. Patterns may name what is not there yet; the name of a label is no
    /// pattern.
    #[must_use]
    pub fn problems(&self, matchers: &[Matcher]) -> Vec<FieldProblem> {
        let named = matchers.iter().enumerate();
        named
            .filter_map(|(at, it)| {
                let (member, text) = self.unknown_name(it)?;
                Some(FieldProblem {
                    field: format!("matchers.{at}.{member}"),
                    text,
                })
            })
            .collect()
    }

    /// The member of a condition that names what is not there, and what there is.
    fn unknown_name(&self, matcher: &Matcher) -> Option<(&'static str, String)> {
        if matcher.field == MatchField::Label {
            return self.unknown_label(matcher);
        }
        if matcher.operator == MatchOperator::Matches {
            return None;
        }
        let value = matcher.value.as_str();
        let text = match matcher.field {
            MatchField::Product => unknown(
                value,
                "product",
                self.products.iter().map(ProductId::as_str),
            ),
            MatchField::Check => unknown(value, "check", self.checks.keys().map(CheckId::as_str)),
            MatchField::Rule => unknown(value, "rule", self.rules.iter().map(String::as_str)),
            MatchField::Severity => {
                use Severity::{Critical, High, Info, Warning};
                let words = [Critical, High, Warning, Info].map(Severity::word);
                unknown(value, "severity", words.into_iter())
            }
            MatchField::Label | MatchField::Title | MatchField::Unrecognised => None,
        };
        text.map(|text| ("value", text))
    }

    fn unknown_label(&self, matcher: &Matcher) -> Option<(&'static str, String)> {
        // That there is no name, or that it is none, is told already.
        let name = matcher.label.as_deref()?;
        if matcher.label_problem().is_some() {
            return None;
        }
        if self.labels.is_empty() {
            let text = format!(
                "There is no label `{name}`; no rule has any. A rule gets one by labels = {{ {name} = \"core\" }}."
            );
            return Some(("label", text));
        }
        let Some(values) = self.labels.get(name) else {
            let text = unknown(name, "label", self.labels.keys().map(String::as_str));
            return text.map(|text| ("label", text));
        };
        if matcher.operator == MatchOperator::Matches {
            return None;
        }
        let text = unknown(&matcher.value, name, values.iter().map(String::as_str));
        text.map(|text| ("value", text))
    }

    /// Whether conditions leave nothing out. Who names a product or a check with `is` means it, even when there is
    /// no other.
    #[must_use]
    pub fn is_everything(&self, matchers: &[Matcher]) -> bool {
        let narrowing: Vec<&Matcher> = matchers.iter().filter(|it| !it.is_vacuous()).collect();
        let wide = |it: &&Matcher| {
            matches!(it.field, MatchField::Product | MatchField::Check)
                && it.operator != MatchOperator::Is
        };
        narrowing.iter().copied().all(|it| wide(&it))
            && self.checks().all(|(product, check)| {
                let subject = Subject::of_check(product, check);
                narrowing.iter().all(|it| it.matches(&subject))
            })
    }
}

/// What is wrong with the time zone of a recurrence.
#[must_use]
pub fn zone_problem(it: &Recurrence) -> Option<FieldProblem> {
    local_time::zone(&it.zone).is_none().then(|| FieldProblem {
        field: "recurrence.zone".to_owned(),
        text: format!("{}.", local_time::no_such_zone(&it.zone)),
    })
}

fn unknown<'a>(
    value: &str,
    what: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Option<String> {
    if names.clone().any(|it| it.eq_ignore_ascii_case(value)) {
        return None;
    }
    let listed: Vec<String> = names
        .clone()
        .take(LISTED)
        .map(|it| format!("`{it}`"))
        .collect();
    let rest = names.count().saturating_sub(LISTED);
    let more = if rest > 0 {
        format!(" and {rest} more")
    } else {
        String::new()
    };
    Some(if listed.is_empty() {
        format!("There is no {what} `{value}`; none is configured.")
    } else {
        format!(
            "There is no {what} `{value}`; there are {}{more}.",
            listed.join(", ")
        )
    })
}
