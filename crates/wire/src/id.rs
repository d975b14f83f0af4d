//! Names of things. Each is a newtype, so that a product's name cannot be handed in where a check's is wanted.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The name as text, as it stands in keys and addresses.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    };
}

text_id! {
    /// A watched product, for example `chatpdd`. Lower-case letters, digits and `-`.
    ProductId
}
text_id! {
    /// A check, `<product>.<name>`, for example `chatpdd.api`.
    CheckId
}
text_id! {
    /// An alert's identity across re-fires: a hash of its rule and label set, in hex.
    Fingerprint
}
text_id! {
    /// A metric series, `<product>.<check>.<metric>`, for example `chatpdd.api.error_ratio`.
    SeriesId
}
text_id! {
    /// A group of errors that share a fingerprint.
    ErrorGroupId
}
text_id! {
    /// A deploy of a product, unique within the gateway.
    DeployId
}
text_id! {
    /// A target, `<product>.<name>`.
    TargetId
}

/// Whether a text can be the name of a check, a metric or a label: lower-case letters, digits, `_` and `-`, a letter
/// first.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let fits = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, b'_' | b'-');
    text.as_bytes().first().is_some_and(u8::is_ascii_lowercase) && text.bytes().all(fits)
}

impl CheckId {
    /// The product part, before the first `.`; the whole id when there is none.
    #[must_use]
    pub fn product(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }
}

/// An incident's number; people see `INC-2041`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct IncidentId(pub u64);

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "INC-{}", self.0)
    }
}

impl IncidentId {
    /// Reads `INC-2041` or `2041`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.strip_prefix("INC-")
            .unwrap_or(text)
            .parse()
            .ok()
            .map(Self)
    }
}
