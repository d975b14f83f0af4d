//! What somebody wants done, at most once: an order comes with a key, its answer is kept under it, and the same order under
//! the same key gets the same answer again, byte for byte.

use watchfloor_wire::time::UnixMs;

use crate::change::KeptAnswer;
use crate::incidents::action::Actor;

/// An order of somebody; `W` is the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order<W> {
    /// What to do.
    pub work: W,
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of method, path and body, in hex.
    pub fingerprint: String,
    /// Who.
    pub actor: Actor,
}

impl<W> Order<W> {
    /// What makes it the same one when it comes again.
    #[must_use]
    pub fn identity(&self) -> Identity<'_> {
        Identity::new(&self.actor, &self.key, &self.fingerprint)
    }
}

/// What makes an order the same one when it comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The account that asks. A key is its own: another account's is another one.
    pub account: &'a str,
    /// The idempotency key.
    pub key: &'a str,
    /// SHA-256 of method, path and body, in hex; another one under the same key is another order.
    pub fingerprint: &'a str,
}

impl<'a> Identity<'a> {
    /// That of an order of `actor`.
    #[must_use]
    pub fn new(actor: &'a Actor, key: &'a str, fingerprint: &'a str) -> Self {
        Self {
            account: &actor.account,
            key,
            fingerprint,
        }
    }

    /// The answer that is kept for it.
    #[must_use]
    pub fn answer(&self, status: u16, body: String, now: UnixMs) -> KeptAnswer {
        KeptAnswer {
            actor: self.account.to_owned(),
            key: self.key.to_owned(),
            fingerprint: self.fingerprint.to_owned(),
            at: now,
            status,
            body,
        }
    }
}

/// What became of an order; `O` says why it was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderOutcome<O> {
    /// It was carried out and stored.
    Answered {
        /// The HTTP status, 200 or 201.
        status: u16,
        /// The JSON of the answer, byte for byte the same for the same key.
        body: String,
        /// True when it was carried out before under the same key.
        replayed: bool,
    },
    /// It was not, and why.
    Refused(O),
    /// The key was used for another order: 422.
    KeyReused,
    /// It could not be stored, so it was not carried out: 503.
    StoreFailed(String),
}

impl<O> OrderOutcome<O> {
    /// What an order gets under whose key there is an answer already.
    #[must_use]
    pub fn of_kept(kept: KeptAnswer, identity: &Identity<'_>) -> Self {
        if kept.fingerprint == identity.fingerprint {
            Self::Answered {
                status: kept.status,
                body: kept.body,
                replayed: true,
            }
        } else {
            Self::KeyReused
        }
    }

    /// What an order gets that was carried out just now.
    #[must_use]
    pub fn of_new(answer: KeptAnswer) -> Self {
        Self::Answered {
            status: answer.status,
            body: answer.body,
            replayed: false,
        }
    }
}
