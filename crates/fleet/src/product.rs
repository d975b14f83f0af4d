//! The five products.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A simulated product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// DONNA Interactive: front end, back end and a WebSocket server.
    Donna,
    /// Pourtrait: one application, also over TLS.
    Pourtrait,
    /// ChatPDD: one application with five health endpoints.
    Chatpdd,
    /// Universal Assistant: one application with a detailed health report.
    UniversalAssistant,
    /// DeedPro: front end and FastAPI back end.
    Deedpro,
}

impl Product {
    /// All products, in a fixed order; [`Self::index`] is the place in it.
    pub const ALL: [Self; 5] = [
        Self::Donna,
        Self::Pourtrait,
        Self::Chatpdd,
        Self::UniversalAssistant,
        Self::Deedpro,
    ];

    /// The place in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Donna => 0,
            Self::Pourtrait => 1,
            Self::Chatpdd => 2,
            Self::UniversalAssistant => 3,
            Self::Deedpro => 4,
        }
    }

    /// The name in requests, scenario files and the gateway's configuration.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Donna => "donna",
            Self::Pourtrait => "pourtrait",
            Self::Chatpdd => "chatpdd",
            Self::UniversalAssistant => "universal-assistant",
            Self::Deedpro => "deedpro",
        }
    }

    /// Reads a slug; `None` for anything else.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.slug() == slug)
    }

    /// The environment variable with the key for the gateway's ingest routes.
    #[must_use]
    pub const fn ingest_key_env(self) -> &'static str {
        match self {
            Self::Donna => "WATCHFLOOR_DONNA_INGEST_KEY",
            Self::Pourtrait => "WATCHFLOOR_POURTRAIT_INGEST_KEY",
            Self::Chatpdd => "WATCHFLOOR_CHATPDD_INGEST_KEY",
            Self::UniversalAssistant => "WATCHFLOOR_UNIVERSAL_ASSISTANT_INGEST_KEY",
            Self::Deedpro => "WATCHFLOOR_DEEDPRO_INGEST_KEY",
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

#[cfg(test)]
mod tests {
    use super::Product;

    #[test]
    fn each_product_has_its_place_its_name_and_its_key() {
        for (place, product) in Product::ALL.into_iter().enumerate() {
            assert_eq!(product.index(), place);
            assert_eq!(Product::parse(product.slug()), Some(product));
            let upper = product.slug().to_uppercase().replace('-', "_");
            let name = format!("WATCHFLOOR_{upper}_INGEST_KEY");
            assert_eq!(product.ingest_key_env(), name);
        }
        assert_eq!(Product::parse("donna2"), None);
    }
}
