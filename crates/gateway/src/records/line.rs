//! Log lines on their way in, and what can be asked of them.

use std::collections::BTreeMap;

use watchfloor_wire::id::ProductId;
use watchfloor_wire::log::{Level, LogLine};
use watchfloor_wire::time::UnixMs;

/// A line that has no place yet. It is already redacted and sanitised: this is the last stop before the disk.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLogLine {
    /// When it was written, by its source's clock.
    pub at: UnixMs,
    /// The product.
    pub product: ProductId,
    /// The part of the product; empty when the source did not say.
    pub service: String,
    /// How loud.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// What came with it, by name.
    pub fields: BTreeMap<String, String>,
}

impl NewLogLine {
    /// Roughly how many bytes it takes while it waits.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        let fields: usize = self
            .fields
            .iter()
            .map(|(name, value)| name.len() + value.len() + 64)
            .sum();
        128 + self.service.len() + self.message.len() + fields
    }

    /// The line once it has its place.
    #[must_use]
    pub fn placed(self, id: u64) -> LogLine {
        LogLine {
            id,
            at: self.at,
            product: self.product,
            service: self.service,
            level: self.level,
            message: self.message,
            fields: self.fields,
        }
    }
}

/// What is asked of the stored lines. Filters add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Of this product only.
    pub product: Option<ProductId>,
    /// At least this loud.
    pub min_level: Option<Level>,
    /// Message, service, a field's name or a field's value holds this text, whatever its case.
    pub text: Option<String>,
    /// Older than this id.
    pub before: Option<u64>,
    /// Newer than this id.
    pub after: Option<u64>,
    /// At most this many lines.
    pub limit: u32,
}

/// A level's number in storage; louder is higher.
#[must_use]
pub const fn level_rank(level: Level) -> i64 {
    match level {
        Level::Debug => 0,
        Level::Info => 1,
        Level::Warn => 2,
        Level::Error => 3,
    }
}

/// The level of a stored number; anything unknown is info, as on the wire.
#[must_use]
pub const fn level_of_rank(rank: i64) -> Level {
    match rank {
        0 => Level::Debug,
        2 => Level::Warn,
        3 => Level::Error,
        _ => Level::Info,
    }
}
