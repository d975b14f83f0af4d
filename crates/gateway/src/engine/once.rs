//! The one way in which orders are carried out: at most once a key, stored and published before they are answered, or not
//! at all.

use watchfloor_wire::time::UnixMs;

use super::core::Core;
use super::run::Engine;
use crate::change::Transaction;
use crate::order::{Identity, OrderOutcome};
use crate::store::{Store, StoreError};

impl<S: Store> Engine<S> {
    /// Answers what was answered before, or decides, stores, takes over and answers. The transaction that `decide` makes
    /// has the answer in it.
    pub(super) fn once<D, O>(
        &mut self,
        identity: &Identity<'_>,
        decide: impl FnOnce(&Self, UnixMs) -> Result<Result<(D, Transaction), O>, StoreError>,
        adopt: impl FnOnce(&mut Core, D),
    ) -> OrderOutcome<O> {
        self.try_once(identity, decide, adopt)
            .unwrap_or_else(|error| OrderOutcome::StoreFailed(error.to_string()))
    }

    fn try_once<D, O>(
        &mut self,
        identity: &Identity<'_>,
        decide: impl FnOnce(&Self, UnixMs) -> Result<Result<(D, Transaction), O>, StoreError>,
        adopt: impl FnOnce(&mut Core, D),
    ) -> Result<OrderOutcome<O>, StoreError> {
        if let Some(outcome) = self.answered_before(identity)? {
            return Ok(outcome);
        }
        let (decided, transaction) = match decide(self, self.clock.now())? {
            Ok(it) => it,
            Err(objection) => return Ok(OrderOutcome::Refused(objection)),
        };
        let mut committed = self.commit(&transaction)?;
        adopt(&mut self.core, decided);
        // The transaction had one answer, and a commit gives back what it was given, as a retry will get it.
        let lost = || OrderOutcome::StoreFailed("the answer was not kept".to_owned());
        let answer = committed.answers.pop();
        Ok(answer.map_or_else(lost, OrderOutcome::of_new))
    }

    /// What was answered under the key before; `None` when it is new, and then nothing waits to be stored any more: the
    /// answer speaks of what is stored.
    pub(super) fn answered_before<O>(
        &mut self,
        identity: &Identity<'_>,
    ) -> Result<Option<OrderOutcome<O>>, StoreError> {
        if let Some(kept) = self.store.kept_answer(identity.account, identity.key)? {
            return Ok(Some(OrderOutcome::of_kept(kept, identity)));
        }
        self.flush()?;
        Ok(None)
    }
}
