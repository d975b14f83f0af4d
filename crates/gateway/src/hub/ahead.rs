//! A client that knows more than the gateway. Pure.
//!
//! Nothing is published before it is on the disk, so a cursor past the head means that the disk lost what it had
//! confirmed: a crash on storage that lies, or an old copy of the database. Sequence numbers are then given out a
//! second time, and clients that saw the first ones would take the second ones for known. Only a new epoch helps.
//!
//! But anybody who may read the feed can claim a cursor, and a new epoch makes every client fetch a snapshot. So a
//! claim is believed only while it can be true, which is soon after a start, and once.

/// Clients that knew the lost changes come back within this time, in milliseconds.
const CREDIBLE_FOR_MS: i64 = 10 * 60 * 1_000;
/// More than this is not lost at once: as much as the ring holds.
const CREDIBLE_CHANGES: u64 = 16_384;

/// Judges claims.
#[derive(Clone, Copy, Debug)]
pub struct AheadClaims {
    started_ms: i64,
    head_at_start: u64,
    believed: bool,
}

impl AheadClaims {
    /// Of a gateway that starts at `now_ms` (monotonic) with this head.
    #[must_use]
    pub const fn new(now_ms: i64, head_at_start: u64) -> Self {
        Self {
            started_ms: now_ms,
            head_at_start,
            believed: false,
        }
    }

    /// Whether a cursor at `claimed`, past the head, is believed.
    pub const fn believe(&mut self, claimed: u64, now_ms: i64) -> bool {
        let is_credible = !self.believed
            && now_ms - self.started_ms <= CREDIBLE_FOR_MS
            && claimed <= self.head_at_start.saturating_add(CREDIBLE_CHANGES);
        if is_credible {
            self.believed = true;
        }
        is_credible
    }
}

#[cfg(test)]
mod tests {
    use super::{AheadClaims, CREDIBLE_CHANGES, CREDIBLE_FOR_MS};

    #[test]
    fn a_claim_is_believed_while_it_can_be_true() {
        for (claimed, now_ms, believed) in [
            (11, 0, true),
            (10 + CREDIBLE_CHANGES, CREDIBLE_FOR_MS, true),
            (11 + CREDIBLE_CHANGES, 0, false),
            (11, CREDIBLE_FOR_MS + 1, false),
            (u64::MAX, 0, false),
        ] {
            let mut claims = AheadClaims::new(0, 10);
            assert_eq!(
                claims.believe(claimed, now_ms),
                believed,
                "{claimed} {now_ms}"
            );
        }
    }

    #[test]
    fn it_is_believed_once() {
        let mut claims = AheadClaims::new(0, 10);
        assert!(claims.believe(11, 0));
        assert!(!claims.believe(12, 0));
    }
}
