//! Choosing samples of a page: a name, and labels that must be there.

use std::str::FromStr;

use super::label::{self, Labels};
use super::page::{Page, Point};

/// Chooses the samples with this name and at least these labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selector {
    /// The samples' name.
    pub name: String,
    /// Labels that they must have; others do not matter.
    pub labels: Labels,
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |why: &str| {
            format!(
                "`{text}` names no sample ({why}); write for example `requests_total{{code=\"500\"}}`"
            )
        };
        let (name, rest) = label::name(text.trim()).ok_or_else(|| wrong("no name"))?;
        let rest = label::skip(rest);
        let (labels, rest) = if rest.is_empty() {
            (Labels::new(), rest)
        } else {
            label::read(rest).map_err(wrong)?
        };
        if !rest.is_empty() {
            return Err(wrong("something follows it"));
        }
        Ok(Self {
            name: name.to_owned(),
            labels,
        })
    }
}

impl Selector {
    /// The sum of the chosen samples; `None` when none is chosen, or the sum is no number.
    #[must_use]
    pub fn sum(&self, page: &Page) -> Option<f64> {
        let chosen = page.points.iter().filter(|point| self.chooses(point));
        chosen
            .map(|point| point.value)
            .reduce(|sum, value| sum + value)
            .filter(|sum| sum.is_finite())
    }

    /// The sum of the chosen samples of a counter. A label set that has not been counted yet is not on the
    /// page; when the counter itself is there, it stands at 0.
    #[must_use]
    pub fn count(&self, page: &Page) -> Option<f64> {
        let is_born = || page.points.iter().any(|point| point.name == self.name);
        self.sum(page).or_else(|| {
            let absent = !page.points.iter().any(|point| self.chooses(point));
            (absent && is_born()).then_some(0.0)
        })
    }

    fn chooses(&self, point: &Point) -> bool {
        point.name == self.name && self.labels.iter().all(|it| point.labels.contains(it))
    }
}
