//! When a connection pings, and when it is given up. Pure; times are milliseconds of the monotonic clock.

use watchfloor_wire::feed::{PING_EVERY_MS, STALE_AFTER_MS};

/// Spans of one connection, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a client may take for its hello, and after a reset for its next one.
    pub hello_ms: i64,
    /// How long a client may take to fetch a snapshot after a reset.
    pub resync_ms: i64,
    /// How often the server pings.
    pub ping_every_ms: i64,
    /// Without a pong for this long the connection is closed.
    pub dead_after_ms: i64,
    /// How long the network may take to accept a message.
    pub write_ms: i64,
    /// At shutdown, clients are told within this span: as many in each of its milliseconds.
    pub bye_within_ms: i64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            hello_ms: 5_000,
            resync_ms: 20_000,
            ping_every_ms: PING_EVERY_MS,
            dead_after_ms: STALE_AFTER_MS,
            write_ms: 10_000,
            bye_within_ms: 3_000,
        }
    }
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Send a ping, and say its number to [`Heartbeat::sent`].
    Ping,
    /// The client has not answered for too long.
    Dead,
}

/// The pings and pongs of one connection.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    timing: Timing,
    next_ping_ms: i64,
    /// When the newest ping was sent that the client answered; at first, when the connection opened.
    answered_ms: i64,
    /// The pings that were sent last, oldest first: their numbers, and when.
    sent: [Option<(u64, i64)>; KEPT],
}

/// Pings that may be answered still: all that can be on their way before a connection is given up.
const KEPT: usize = 4;

impl Heartbeat {
    /// A connection that opens at `now_ms`. The first ping comes after a part of the interval that
    /// depends on `number`, so that connections that opened together do not ping together.
    #[must_use]
    pub fn new(timing: Timing, now_ms: i64, number: u64) -> Self {
        let every = timing.ping_every_ms.max(1);
        // 7,919 is a prime, so neighbours land far apart.
        let spread = i64::try_from(number.wrapping_mul(7_919) % every.unsigned_abs()).unwrap_or(0);
        Self {
            timing,
            next_ping_ms: now_ms + spread,
            answered_ms: now_ms,
            sent: [None; KEPT],
        }
    }

    /// What is due at `now_ms`; asking again at once gives `None` (or `Dead` again).
    pub fn due(&mut self, now_ms: i64) -> Option<Beat> {
        if now_ms - self.answered_ms >= self.timing.dead_after_ms {
            return Some(Beat::Dead);
        }
        if now_ms < self.next_ping_ms {
            return None;
        }
        self.next_ping_ms = now_ms + self.timing.ping_every_ms;
        Some(Beat::Ping)
    }

    /// A ping was sent at `now_ms`. Pings are written once for many connections, so their numbers rise, but not by
    /// one.
    pub fn sent(&mut self, n: u64, now_ms: i64) {
        self.sent.rotate_left(1);
        self.sent[KEPT - 1] = Some((n, now_ms));
    }

    /// A pong came. It proves that the client knew what was sent with its ping, and no more: behind deep buffers it
    /// answers what is old by then. One for a ping that was never sent, or long ago, counts for nothing.
    pub fn pong(&mut self, n: u64) {
        let of = self.sent.iter().flatten().find(|(sent, _)| *sent == n);
        if let Some((_, at_ms)) = of {
            self.answered_ms = self.answered_ms.max(*at_ms);
        }
    }

    /// When something is due.
    #[must_use]
    pub fn due_ms(&self) -> i64 {
        let dead_ms = self.answered_ms + self.timing.dead_after_ms;
        self.next_ping_ms.min(dead_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::{Beat, Heartbeat, Timing};

    fn beats() -> Heartbeat {
        Heartbeat::new(Timing::default(), 0, 0)
    }

    #[test]
    fn pings_come_every_ten_seconds() {
        let mut beats = beats();
        assert_eq!(beats.due(0), Some(Beat::Ping));
        assert_eq!(beats.due(9_999), None);
        assert_eq!(beats.due_ms(), 10_000);
        assert_eq!(beats.due(10_000), Some(Beat::Ping));
    }

    #[test]
    fn without_a_pong_the_connection_is_dead_at_25_seconds() {
        let mut beats = beats();
        for (now_ms, expected) in [
            (0, Some(Beat::Ping)),
            (10_000, Some(Beat::Ping)),
            (20_000, Some(Beat::Ping)),
            (24_999, None),
            (25_000, Some(Beat::Dead)),
        ] {
            assert_eq!(beats.due(now_ms), expected, "{now_ms}");
        }
    }

    #[test]
    fn a_pong_keeps_it_alive_but_only_for_a_ping_that_was_sent() {
        let mut beats = beats();
        let _first = beats.due(4_000);
        beats.sent(71, 4_000);
        beats.pong(71);
        assert_ne!(beats.due(28_999), Some(Beat::Dead));
        for never_sent in [0, 70, 72] {
            beats.pong(never_sent);
        }
        assert_eq!(beats.due(29_000), Some(Beat::Dead));
    }

    #[test]
    fn pongs_that_always_come_but_always_too_late_do_not_keep_it_alive() {
        let (mut beats, mut closed_ms) = (beats(), None);
        for second in 0..120 {
            let now_ms = second * 1_000;
            match beats.due(now_ms) {
                Some(Beat::Ping) => beats.sent(now_ms.unsigned_abs(), now_ms),
                Some(Beat::Dead) => {
                    closed_ms = Some(now_ms);
                    break;
                }
                None => {}
            }
            // The way there and back takes a second more than a client may be silent.
            if let Ok(n) = u64::try_from(now_ms - 26_000) {
                beats.pong(n);
            }
        }
        assert_eq!(closed_ms, Some(25_000));
    }

    #[test]
    fn neighbours_do_not_ping_together() {
        let waits: Vec<i64> = (1..=3)
            .map(|number| Heartbeat::new(Timing::default(), 0, number).due_ms())
            .collect();
        assert_eq!(waits, [7_919, 5_838, 3_757]);
    }
}
