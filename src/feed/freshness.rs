//! How old what a page shows is. Pure; all numbers are milliseconds of a clock that never goes back.

use watchfloor_wire::feed::{PING_EVERY_MS, STALE_AFTER_MS};

use super::transit::Transit;

/// Past this span without a ping, in milliseconds, the next one is overdue.
pub const LATE_AFTER_MS: i64 = PING_EVERY_MS + 2_000;

/// What is known of it. Other messages than pings say nothing of what else is still on its way, so that a page to
/// which changes only trickle is not taken for a live one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Freshness {
    transit: Transit,
    /// When the welcome of this connection was sent; what was missed comes after it.
    welcomed_at: Option<i64>,
    as_of: Option<i64>,
    sent_at: Option<i64>,
}

impl Freshness {
    /// What is shown was whole at this instant, for all that is known: when the newest ping that came was sent.
    #[must_use]
    pub const fn as_of(&self) -> Option<i64> {
        self.as_of
    }

    /// When the newest message was sent, which may hold a part of what happened since.
    #[must_use]
    pub const fn sent_at(&self) -> Option<i64> {
        self.sent_at
    }

    /// How long the newest message with a time in it was on its way, beyond what the fastest one took.
    #[must_use]
    pub const fn delay_ms(&self) -> i64 {
        self.transit.delay_ms()
    }

    /// A snapshot came that was asked for then: it was made after that, and perhaps right after.
    pub fn snapshot(&mut self, asked_at: i64) {
        self.know(asked_at);
    }

    /// A connection was taken; `sent_ms` is the gateway's steady clock, where it tells.
    pub fn welcomed(&mut self, sent_ms: Option<i64>, now: i64) {
        self.transit = Transit::default();
        self.welcomed_at = Some(now - self.delay_of(sent_ms, now));
    }

    /// What was missed before the welcome has come as well.
    pub fn caught_up(&mut self) {
        if let Some(at) = self.welcomed_at.take() {
            self.know(at);
        }
    }

    /// A ping came, and all that was sent before it.
    pub fn pinged(&mut self, sent_ms: Option<i64>, now: i64) {
        self.welcomed_at = None;
        let delay_ms = self.delay_of(sent_ms, now);
        self.know(now - delay_ms);
    }

    /// A message without a time came; it took about as long as the one before it.
    pub fn heard(&mut self, now: i64) {
        self.sent_at = self.sent_at.max(Some(now - self.transit.delay_ms()));
    }

    /// Whether nothing on the page is current any more.
    #[must_use]
    pub fn is_stale(&self, now: i64) -> bool {
        self.as_of.is_none_or(|at| now - at > STALE_AFTER_MS)
    }

    /// Whether a ping is overdue.
    #[must_use]
    pub fn is_late(&self, now: i64) -> bool {
        self.as_of.is_none_or(|at| now - at > LATE_AFTER_MS)
    }

    fn delay_of(&mut self, sent_ms: Option<i64>, now: i64) -> i64 {
        sent_ms.map_or(0, |sent_ms| self.transit.arrived(sent_ms, now))
    }

    /// What is shown does not become older by a message that took longer.
    fn know(&mut self, at: i64) {
        self.as_of = self.as_of.max(Some(at));
        self.sent_at = self.sent_at.max(Some(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> Freshness {
        let mut fresh = Freshness::default();
        fresh.welcomed(Some(500_000), 0);
        fresh.caught_up();
        fresh
    }

    #[test]
    fn a_ping_that_was_on_its_way_for_twenty_seconds_is_twenty_seconds_old() {
        let mut fresh = live();
        fresh.pinged(Some(510_000), 30_000);
        // Thirty of them for clocks that may run differently fast.
        assert_eq!(fresh.as_of(), Some(10_030));
        for (now, late, stale) in [
            (22_000, false, false),
            (30_000, true, false),
            (35_030, true, false),
            (35_031, true, true),
        ] {
            assert_eq!((fresh.is_late(now), fresh.is_stale(now)), (late, stale));
        }
    }

    #[test]
    fn changes_that_trickle_do_not_make_up_for_pings_that_do_not_come() {
        let mut fresh = live();
        for now in (1_000..=40_000).step_by(1_000) {
            fresh.heard(now);
        }
        assert_eq!(fresh.sent_at(), Some(40_000));
        assert_eq!(fresh.as_of(), Some(0));
        assert!(fresh.is_stale(40_000));
    }

    #[test]
    fn a_welcome_alone_does_not_make_up_for_what_was_missed() {
        let mut fresh = live();
        fresh.welcomed(Some(600_000), 100_000);
        fresh.heard(100_010);
        assert!(fresh.is_stale(100_010));
        fresh.caught_up();
        assert_eq!(fresh.as_of(), Some(100_000));
    }

    #[test]
    fn a_gateway_that_does_not_tell_its_time_is_believed_to_be_fast() {
        let mut fresh = Freshness::default();
        fresh.welcomed(None, 7);
        fresh.pinged(None, 90_000);
        assert_eq!((fresh.as_of(), fresh.delay_ms()), (Some(90_000), 0));
    }

    #[test]
    fn another_connection_measures_anew() {
        let mut fresh = live();
        fresh.pinged(Some(510_000), 90_000);
        assert_eq!(fresh.delay_ms(), 79_910);
        // The gateway was started again, and so was its clock.
        fresh.welcomed(Some(12), 95_000);
        assert_eq!(fresh.delay_ms(), 0);
    }

    #[test]
    fn a_snapshot_is_as_old_as_its_request() {
        let mut fresh = Freshness::default();
        fresh.snapshot(3_000);
        assert_eq!(fresh.as_of(), Some(3_000));
    }
}
