//! How a watched thing is.

use serde::{Deserialize, Serialize};

/// The status of a check, and of a product as its worst member.
///
/// A value from a newer gateway decodes as [`Status::Unknown`]: what this build cannot understand must
/// never look fine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Observed within its time and within its limits.
    Ok,
    /// Works, but outside a warning limit.
    Degraded,
    /// Does not work, or is outside a critical limit.
    Down,
    /// Work is announced; not counted as `Ok` in uptime.
    Maintenance,
    /// No reading within its time, or one that cannot be understood. The first status of everything.
    #[default]
    #[serde(other)]
    Unknown,
}

impl Status {
    /// All statuses, worst first. Unknown ranks above degraded because it may be hiding a "down".
    pub const WORST_FIRST: [Self; 5] = [
        Self::Down,
        Self::Unknown,
        Self::Degraded,
        Self::Maintenance,
        Self::Ok,
    ];

    /// Place in [`Self::WORST_FIRST`]; 0 is the worst.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Down => 0,
            Self::Unknown => 1,
            Self::Degraded => 2,
            Self::Maintenance => 3,
            Self::Ok => 4,
        }
    }

    /// The worse of two statuses.
    #[must_use]
    pub const fn worse(self, other: Self) -> Self {
        if other.rank() < self.rank() {
            other
        } else {
            self
        }
    }

    /// The worst of many; `None` of an empty set, because no services is not the same as healthy ones.
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().reduce(Self::worse)
    }

    /// The word that people read beside the shape.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Degraded => "Degraded",
            Self::Down => "Down",
            Self::Unknown => "Unknown",
            Self::Maintenance => "Maintenance",
        }
    }

    /// The word in attributes, addresses and storage.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Unknown => "unknown",
            Self::Maintenance => "maintenance",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn unknown_outranks_degraded_because_it_may_hide_a_down() {
        assert_eq!(Status::Degraded.worse(Status::Unknown), Status::Unknown);
        assert_eq!(Status::Unknown.worse(Status::Down), Status::Down);
    }

    #[test]
    fn ranks_follow_the_worst_first_order() {
        let ranks: Vec<u8> = Status::WORST_FIRST.iter().map(|s| s.rank()).collect();
        assert_eq!(ranks, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn no_services_is_not_healthy() {
        assert_eq!(Status::worst([]), None);
    }

    #[test]
    fn a_status_from_the_future_is_unknown() {
        let status: Status = serde_json::from_str("\"hibernating\"").unwrap_or(Status::Ok);
        assert_eq!(status, Status::Unknown);
    }
}
