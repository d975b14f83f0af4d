//! Which way the feed comes: by a WebSocket, or by server-sent events where something on the way lets no WebSocket
//! through. Pure.
//!
//! A page begins with the socket. When sockets fail several times in a row while the requests beside them are
//! answered, it goes over to events, and from there tries the socket again now and then, in the end for good. One
//! that was tried like this must hold for a while before it is believed, so that the page does not swing to and fro.

use watchfloor_wire::time::{HOUR_MS, MINUTE_MS};

/// How the messages come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// A WebSocket.
    #[default]
    Socket,
    /// Server-sent events; the page answers by requests.
    Events,
}

impl Transport {
    /// Its word in diagnostics.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Events => "events",
        }
    }
}

/// How opening failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It was closed before the gateway was heard.
    Closed,
    /// Nothing was heard for as long as an attempt may take, which costs a page much more.
    Silence,
}

impl Refusal {
    const fn weight(self) -> u32 {
        match self {
            Self::Closed => 1,
            Self::Silence => 2,
        }
    }
}

/// A transport is left for the other one at this weight of refusals in a row: three that were closed, or two that
/// were silent.
const LEAVE_AT: u32 = 3;
/// On events, the socket is tried again after this span, in milliseconds, and after twice as long each time.
pub const SOCKET_AGAIN_MS: i64 = 5 * MINUTE_MS;
/// The longest of these spans, in milliseconds.
pub const SOCKET_AGAIN_MAX_MS: i64 = HOUR_MS;

/// The choice of a page. Instants are milliseconds of a clock that never goes back.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What it settled on.
    settled: Transport,
    /// What spoke against that since it last worked.
    against: u32,
    /// The attempt under way tries the socket although the page settled on events.
    is_trial: bool,
    socket_at: i64,
    socket_after_ms: i64,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            settled: Transport::Socket,
            against: 0,
            is_trial: false,
            socket_at: 0,
            socket_after_ms: SOCKET_AGAIN_MS,
        }
    }
}

impl Choice {
    /// Chooses for an attempt that begins at `now`.
    pub const fn begin(&mut self, now: i64) {
        self.is_trial = matches!(self.settled, Transport::Events) && now >= self.socket_at;
    }

    /// How the attempt under way goes.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        if self.is_trial {
            Transport::Socket
        } else {
            self.settled
        }
    }

    /// Whether the attempt under way only tries whether sockets work again.
    #[must_use]
    pub const fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// When a page that follows by events tries the socket again; `None` when it is on the socket.
    #[must_use]
    pub const fn socket_at(&self) -> Option<i64> {
        match self.transport() {
            Transport::Socket => None,
            Transport::Events => Some(self.socket_at),
        }
    }

    /// The gateway was not heard although it answered the requests of the same attempt.
    pub fn refused(&mut self, how: Refusal, now: i64) {
        if self.is_trial {
            return self.trial_failed(now);
        }
        self.against += how.weight();
        if self.against < LEAVE_AT {
            return;
        }
        self.against = 0;
        self.settled = match self.settled {
            Transport::Socket => Transport::Events,
            Transport::Events => Transport::Socket,
        };
        self.socket_after_ms = SOCKET_AGAIN_MS;
        self.socket_at = now + SOCKET_AGAIN_MS;
    }

    /// The gateway was heard.
    pub const fn worked(&mut self) {
        self.against = 0;
    }

    /// What had worked broke off before it held.
    pub fn broke(&mut self, now: i64) {
        if self.is_trial {
            self.trial_failed(now);
        }
    }

    /// What works has held for a while.
    pub const fn held(&mut self) {
        if self.is_trial {
            self.is_trial = false;
            self.settled = Transport::Socket;
        }
    }

    /// The page may be in another network: the next attempt tries the socket.
    pub const fn network_changed(&mut self, now: i64) {
        if matches!(self.settled, Transport::Events) {
            self.socket_at = now;
        }
    }

    fn trial_failed(&mut self, now: i64) {
        self.is_trial = false;
        self.socket_after_ms = (self.socket_after_ms * 2).min(SOCKET_AGAIN_MAX_MS);
        self.socket_at = now + self.socket_after_ms;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(times: u32, how: Refusal) -> Choice {
        let mut choice = Choice::default();
        for _ in 0..times {
            choice.begin(0);
            choice.refused(how, 0);
        }
        choice.begin(0);
        choice
    }

    #[test]
    fn three_closed_or_two_silent_sockets_in_a_row_turn_to_events() {
        for (times, how, transport) in [
            (2, Refusal::Closed, Transport::Socket),
            (3, Refusal::Closed, Transport::Events),
            (1, Refusal::Silence, Transport::Socket),
            (2, Refusal::Silence, Transport::Events),
        ] {
            assert_eq!(
                refused(times, how).transport(),
                transport,
                "{times} {how:?}"
            );
        }
    }

    #[test]
    fn refusals_that_are_not_in_a_row_do_not_count() {
        let mut choice = refused(2, Refusal::Closed);
        choice.worked();
        choice.refused(Refusal::Closed, 0);
        choice.begin(0);
        assert_eq!(choice.transport(), Transport::Socket);
    }

    #[test]
    fn a_trial_that_fails_goes_back_at_once_and_waits_twice_as_long() {
        let mut choice = refused(3, Refusal::Closed);
        let mut now = 0;
        for after_ms in [5, 10, 20, 40, 60, 60].map(|it| it * MINUTE_MS) {
            assert_eq!(choice.socket_at(), Some(now + after_ms));
            choice.begin(now + after_ms - 1);
            assert_eq!(choice.transport(), Transport::Events);
            now += after_ms;
            choice.begin(now);
            assert_eq!(choice.transport(), Transport::Socket);
            choice.refused(Refusal::Closed, now);
            choice.begin(now);
            assert_eq!(choice.transport(), Transport::Events);
        }
    }

    #[test]
    fn a_socket_on_trial_must_hold_before_the_page_stays_with_it() {
        let mut choice = refused(3, Refusal::Closed);
        choice.begin(SOCKET_AGAIN_MS);
        choice.worked();
        choice.broke(SOCKET_AGAIN_MS);
        choice.begin(SOCKET_AGAIN_MS);
        assert_eq!(choice.transport(), Transport::Events);

        choice.network_changed(SOCKET_AGAIN_MS);
        choice.begin(SOCKET_AGAIN_MS);
        choice.worked();
        choice.held();
        choice.broke(SOCKET_AGAIN_MS);
        choice.begin(SOCKET_AGAIN_MS);
        assert_eq!(choice.transport(), Transport::Socket);
    }

    #[test]
    fn events_that_do_not_come_either_lead_back_to_the_socket() {
        let mut choice = refused(3, Refusal::Closed);
        choice.refused(Refusal::Silence, 0);
        choice.refused(Refusal::Silence, 0);
        choice.begin(0);
        assert_eq!(choice.transport(), Transport::Socket);
        assert!(!choice.is_trial());
    }

    proptest! {
        #[test]
        fn whatever_came_before_the_socket_is_tried_within_an_hour(
            steps in prop::collection::vec((0_u8..6, 0_i64..SOCKET_AGAIN_MAX_MS), 0..80),
        ) {
            let (mut choice, mut now) = (Choice::default(), 0);
            for (kind, pause) in steps {
                now += pause;
                match kind {
                    0 => choice.begin(now),
                    1 => choice.refused(Refusal::Closed, now),
                    2 => choice.refused(Refusal::Silence, now),
                    3 => choice.worked(),
                    4 => choice.broke(now),
                    _ => choice.held(),
                }
            }
            choice.begin(now + SOCKET_AGAIN_MAX_MS);
            prop_assert_eq!(choice.transport(), Transport::Socket);
        }
    }
}
