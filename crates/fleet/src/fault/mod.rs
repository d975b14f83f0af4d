//! Faults: what can be broken, in which product, and how it shows.

mod table;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use table::{Row, TABLE};

use crate::model::Signal;
use crate::product::Product;

/// Something that can be broken. What each means stands in [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    missing_docs,
    reason = "each fault's one sentence is its row in the table, where people read it"
)]
pub enum Fault {
    SlowDatabase,
    ErrorBurst,
    SocketDrops,
    ConnectionsFull,
    MemoryPressure,
    DiskFilling,
    SlowAi,
    ProcessGone,
    CertificateNearEnd,
    StalePayload,
    WrongContentType,
    HalfBody,
    Unhealthy200,
    MissingComponent,
    OauthMisconfigured,
    OriginRefused,
    Maintenance,
}

/// What a fault does to a signal's goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// It is multiplied.
    Times(f64),
    /// It is this, whatever the hour.
    Becomes(f64),
}

impl Effect {
    /// The goal after the effect.
    #[must_use]
    pub fn on(self, value: f64) -> f64 {
        match self {
            Self::Times(factor) => value * factor,
            Self::Becomes(goal) => goal,
        }
    }
}

impl Fault {
    /// The fault's row.
    #[must_use]
    pub fn row(self) -> &'static Row {
        // Each variant has a row; a test says so. The first row is never reached.
        TABLE
            .iter()
            .find(|row| row.fault == self)
            .unwrap_or(&TABLE[0])
    }

    /// The name in requests and scenario files.
    #[must_use]
    pub fn slug(self) -> &'static str {
        self.row().slug
    }

    /// Reads a slug; `None` for anything else.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| row.slug == slug)
            .map(|row| row.fault)
    }

    /// Whether the product can be broken in this way.
    #[must_use]
    pub fn applies_to(self, product: Product) -> bool {
        self.row().products.contains(&product)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let slug = String::deserialize(deserializer)?;
        Self::parse(&slug).ok_or_else(|| {
            let known: Vec<&str> = TABLE.iter().map(|row| row.slug).collect();
            de::Error::custom(format!(
                "there is no fault `{slug}`; there are {}",
                known.join(", ")
            ))
        })
    }
}

/// The faults of one product that are on, each with the tick at which it ends (`None`: when told to).
#[derive(Clone, Debug, Default)]
pub struct Active {
    until: BTreeMap<Fault, Option<u64>>,
}

impl Active {
    /// Turns a fault on, or gives it a new end.
    pub fn insert(&mut self, fault: Fault, until_tick: Option<u64>) {
        self.until.insert(fault, until_tick);
    }

    /// Turns a fault off; false when it was not on.
    pub fn remove(&mut self, fault: Fault) -> bool {
        self.until.remove(&fault).is_some()
    }

    /// Takes out what has ended by `tick`.
    pub fn expire(&mut self, tick: u64) -> Vec<Fault> {
        let over: Vec<Fault> = self
            .until
            .iter()
            .filter(|(_, until)| until.is_some_and(|until| until <= tick))
            .map(|(fault, _)| *fault)
            .collect();
        self.until.retain(|fault, _| !over.contains(fault));
        over
    }

    /// Whether the fault is on.
    #[must_use]
    pub fn contains(&self, fault: Fault) -> bool {
        self.until.contains_key(&fault)
    }

    /// The faults that are on, with their ends.
    pub fn iter(&self) -> impl Iterator<Item = (Fault, Option<u64>)> {
        self.until.iter().map(|(fault, until)| (*fault, *until))
    }

    /// What they do to the signals together.
    #[must_use]
    pub fn effects(&self) -> Vec<(Signal, Effect)> {
        self.until
            .keys()
            .flat_map(|fault| fault.row().effects.iter().copied())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_found_by_its_fault_and_by_its_slug() {
        for row in &TABLE {
            assert_eq!(row.fault.row().slug, row.slug);
            assert_eq!(Fault::parse(row.slug), Some(row.fault));
            assert!(!row.products.is_empty(), "{}", row.slug);
            assert!(row.sentence.ends_with('.'), "{}", row.slug);
        }
    }

    #[test]
    fn no_variant_is_without_a_row() {
        use Fault::*;
        let all = [
            SlowDatabase,
            ErrorBurst,
            SocketDrops,
            ConnectionsFull,
            MemoryPressure,
            DiskFilling,
            SlowAi,
            ProcessGone,
            CertificateNearEnd,
            StalePayload,
            WrongContentType,
            HalfBody,
            Unhealthy200,
            MissingComponent,
            OauthMisconfigured,
            OriginRefused,
            Maintenance,
        ];
        assert_eq!(all.len(), TABLE.len());
        assert!(
            all.into_iter()
                .all(|fault| TABLE.iter().any(|row| row.fault == fault))
        );
    }

    #[test]
    fn a_fault_ends_at_its_tick_and_not_before() {
        let mut active = Active::default();
        active.insert(Fault::HalfBody, Some(10));
        active.insert(Fault::SlowAi, None);
        assert_eq!(active.expire(9), []);
        assert_eq!(active.expire(10), [Fault::HalfBody]);
        assert_eq!(active.expire(u64::MAX), []);
        assert!(active.contains(Fault::SlowAi));
    }
}
