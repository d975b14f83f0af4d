//! What ends an attempt, and what follows from it.

use watchfloor_wire::feed::close;

use super::backoff;
use super::connection::{Connection, Effect, Event, FINAL_RETRY_MS, Failure, ORDINARY, Phase};
use super::ending::{Ending, Remedy};
use super::transport::Refusal;

impl Connection {
    /// Something that ends the attempt.
    pub(super) fn interrupted(
        &mut self,
        event: &Event,
        now: i64,
        chance: &mut impl FnMut() -> f64,
    ) -> Vec<Effect> {
        match event {
            Event::Discontinued(_) => {
                self.choice.worked();
                self.needs_snapshot = true;
                self.retry(now, chance)
            }
            Event::Unreadable(_, remedy) => self.misread(Ending::Unreadable(*remedy), now),
            Event::Misunderstood(_, remedy) => self.misread(Ending::Misunderstood(*remedy), now),
            Event::Leaving(_, [from, to]) => {
                self.choice.worked();
                let wait = backoff::within_ms(capped_ms(*from), capped_ms(*to), chance());
                self.wait(now + wait)
            }
            Event::Closed(_, code) => self.closed(*code, now, chance),
            _ => Vec::new(),
        }
    }

    fn misread(&mut self, ending: Ending, now: i64) -> Vec<Effect> {
        let mut effects = self.end(now, ending);
        effects[0] = Effect::Close(close::MALFORMED);
        effects.extend(ending.reloads().then_some(Effect::Reload));
        effects
    }

    fn closed(&mut self, code: u16, now: i64, chance: &mut impl FnMut() -> f64) -> Vec<Effect> {
        match code {
            close::REVOKED => self.ask_sign_in(),
            code if close::reconnects(code) => {
                match self.phase {
                    Phase::Live { .. } => self.choice.broke(now),
                    // With these two the gateway itself has answered.
                    _ if matches!(code, close::GOING_AWAY | close::TICKET) => {}
                    _ => self.choice.refused(Refusal::Closed, now),
                }
                self.retry(now, chance)
            }
            code => match Ending::of_code(code) {
                ending @ Ending::Misunderstood(Remedy::Somebody) => self.misread(ending, now),
                ending => self.end(now, ending),
            },
        }
    }

    pub(super) fn request_failed(
        &mut self,
        failure: Failure,
        now: i64,
        chance: &mut impl FnMut() -> f64,
    ) -> Vec<Effect> {
        match failure {
            Failure::SignedOut => self.ask_sign_in(),
            Failure::Forbidden => self.end(now, Ending::Forbidden),
            Failure::Silent => self.unanswered(now, chance),
            Failure::Passing => self.retry(now, chance),
        }
    }

    /// A request was not answered in time.
    pub(super) fn unanswered(&mut self, now: i64, chance: &mut impl FnMut() -> f64) -> Vec<Effect> {
        self.was_silent = true;
        let mut effects = self.retry(now, chance);
        effects.push(Effect::RenewConnections);
        effects
    }

    fn end(&mut self, now: i64, ending: Ending) -> Vec<Effect> {
        self.attempt += 1;
        self.failures = self.failures.saturating_add(1);
        self.phase = Phase::Ended {
            until: now + FINAL_RETRY_MS,
            ending,
        };
        vec![Effect::Close(ORDINARY)]
    }
}

/// A server's wish in milliseconds, but never more than a minute: what it asks for may be nonsense.
fn capped_ms(wish: u64) -> i64 {
    i64::try_from(wish.min(60_000)).unwrap_or(60_000)
}
