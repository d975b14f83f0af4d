//! Tickets: a page fetches one over HTTP and opens one socket with it. They live in memory for 30 s.

use std::collections::HashMap;

use watchfloor_wire::time::UnixMs;

use super::secret::{Secret, SecretHash};
use super::session::SessionId;

/// How long a ticket is good, in milliseconds.
pub const TICKET_LIFE_MS: i64 = 30_000;
/// More than this at once are not kept; the oldest go first.
const MAX_TICKETS: usize = 10_000;

/// What a ticket is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The session that asked for it.
    pub session: SessionId,
    /// What is kept of that session's token, to look it up again.
    pub token: SecretHash,
    /// The origin of the page that asked for it.
    pub origin: String,
    /// Past this instant it is worth nothing.
    pub expires_at: UnixMs,
}

/// The tickets that are out.
#[derive(Debug, Default)]
pub struct Tickets(HashMap<SecretHash, Bound>);

impl Tickets {
    /// Keeps a ticket.
    pub fn issue(&mut self, ticket: &Secret, bound: Bound, now: UnixMs) {
        if self.0.len() >= MAX_TICKETS {
            self.0.retain(|_, it| it.expires_at > now);
        }
        if self.0.len() >= MAX_TICKETS {
            let oldest = self.0.iter().min_by_key(|(_, it)| it.expires_at);
            if let Some(hash) = oldest.map(|(hash, _)| *hash) {
                self.0.remove(&hash);
            }
        }
        self.0.insert(ticket.hash(), bound);
    }

    /// Uses a ticket up, whatever the answer; `None` when it is wrong, used, late or from another origin.
    pub fn redeem(&mut self, ticket: &Secret, origin: &str, now: UnixMs) -> Option<Bound> {
        let bound = self.0.remove(&ticket.hash())?;
        (bound.expires_at > now && bound.origin == origin).then_some(bound)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn issued() -> (Tickets, Secret) {
        let mut tickets = Tickets::default();
        let ticket = Secret::random().unwrap();
        let bound = Bound {
            session: SessionId("s".to_owned()),
            token: [0; 32],
            origin: "https://a.example".to_owned(),
            expires_at: UnixMs(TICKET_LIFE_MS),
        };
        tickets.issue(&ticket, bound, UnixMs(0));
        (tickets, ticket)
    }

    #[test]
    fn a_ticket_is_good_once_in_time_and_from_its_origin() {
        for (origin, now, good) in [
            ("https://a.example", TICKET_LIFE_MS - 1, true),
            ("https://a.example", TICKET_LIFE_MS, false),
            ("https://b.example", 0, false),
            ("null", 0, false),
        ] {
            let (mut tickets, ticket) = issued();
            let first = tickets.redeem(&ticket, origin, UnixMs(now));
            assert_eq!(first.is_some(), good, "{origin} {now}");
            // Also a wrong use is a use: what was seen elsewhere is not tried again.
            let again = tickets.redeem(&ticket, "https://a.example", UnixMs(0));
            assert_eq!(again, None, "{origin} {now}");
        }
    }
}
