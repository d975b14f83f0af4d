//! What the list of incidents shows, as it stands in the address.

use watchfloor_wire::id::ProductId;
use watchfloor_wire::priority::Priority;

use super::{encode, pairs};

/// What the list of incidents shows; the default is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentFilter {
    /// Only open ones that somebody has, or that nobody has; `None` for both.
    pub owner: Option<Owner>,
    /// This priority and more urgent ones; `None` for all.
    pub priority: Option<Priority>,
    /// Only this product; `None` for all.
    pub product: Option<ProductId>,
    /// Only those that hold this text; empty for all.
    pub text: String,
}

/// Whose incidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody has them.
    Nobody,
    /// Who is signed in has them, or they are offered to them.
    Me,
    /// Anybody has them.
    Somebody,
}

/// Owners with their words in the address.
pub const OWNERS: [(Owner, &str); 3] = [
    (Owner::Nobody, "nobody"),
    (Owner::Me, "me"),
    (Owner::Somebody, "somebody"),
];

impl IncidentFilter {
    pub(super) fn query(&self) -> String {
        let mut parts = Vec::new();
        if let Some((_, word)) = OWNERS.iter().find(|(it, _)| Some(*it) == self.owner) {
            parts.push(format!("owner={word}"));
        }
        if let Some(priority) = self.priority {
            parts.push(format!("priority={priority}"));
        }
        if let Some(product) = &self.product {
            parts.push(format!("product={}", encode(product.as_str())));
        }
        if !self.text.is_empty() {
            parts.push(format!("q={}", encode(&self.text)));
        }
        if parts.is_empty() {
            return String::new();
        }
        format!("?{}", parts.join("&"))
    }

    pub(super) fn parse(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs(query) {
            match name.as_str() {
                "owner" => {
                    let found = OWNERS.iter().find(|(_, word)| *word == value);
                    filter.owner = found.map(|(it, _)| *it);
                }
                "priority" => filter.priority = priority(&value),
                "product" if !value.is_empty() => filter.product = Some(ProductId(value)),
                "q" => filter.text = value,
                _ => {}
            }
        }
        filter
    }
}

/// A priority by its word; what is none filters nothing.
#[must_use]
pub fn priority(word: &str) -> Option<Priority> {
    let all = [Priority::P0, Priority::P1, Priority::P2, Priority::P3];
    all.into_iter().find(|it| it.to_string() == word)
}
