//! Actions that wait for each other's disk are stored together. Each is judged by itself, on what is stored, in the order
//! in which they came; one wait for the disk is enough for all of them, so that two hundred a second are answered as soon
//! as ten.

use std::collections::BTreeSet;

use watchfloor_wire::id::IncidentId;

use super::core::Decision;
use super::run::Engine;
use super::{ActionObjection, ActionOutcome, ActionRequest};
use crate::change::KeptAnswer;
use crate::store::{Store, StoreError};

/// What one round takes from those that wait.
#[derive(Default)]
struct Round<'r> {
    decision: Decision,
    /// Whose outcomes the commit gives, in the order of its answers.
    decided: Vec<usize>,
    /// Who waits for the next round, and whatever comes after them about the same incidents.
    later: Vec<usize>,
    incidents: BTreeSet<IncidentId>,
    keys: BTreeSet<(&'r str, &'r str)>,
}

impl<'r> Round<'r> {
    /// Whether the request can be judged on what is stored, whatever else this round does. Either way nobody who comes
    /// after it overtakes it.
    fn is_alone(&mut self, request: &'r ActionRequest) -> bool {
        let mut is_alone = self.keys.insert((&request.actor.account, &request.key));
        // One that names itself besides is refused, and waits for nobody.
        let other = request.action.other().filter(|id| *id != request.incident);
        for id in std::iter::once(request.incident).chain(other) {
            is_alone &= self.incidents.insert(id);
        }
        is_alone
    }
}

impl<S: Store> Engine<S> {
    /// Carries actions out as if they had come one after the other; each is stored and published before any outcome is
    /// given, or not at all. The outcomes are in the order of the requests.
    pub fn act_together(&mut self, requests: &[ActionRequest]) -> Vec<ActionOutcome> {
        let mut outcomes = vec![None; requests.len()];
        let mut waiting: Vec<usize> = (0..requests.len()).collect();
        while !waiting.is_empty() {
            waiting = self.round(requests, &waiting, &mut outcomes);
        }
        // Every round settles at least the first of those that wait, so none is left over.
        let all = outcomes.into_iter();
        let none = || ActionOutcome::Refused(ActionObjection::NotFound);
        all.map(|it| it.unwrap_or_else(none)).collect()
    }

    /// Settles those of `waiting` that do not depend on each other; the others, in their order.
    fn round(
        &mut self,
        requests: &[ActionRequest],
        waiting: &[usize],
        outcomes: &mut [Option<ActionOutcome>],
    ) -> Vec<usize> {
        let mut round = Round::default();
        for &at in waiting {
            let request = &requests[at];
            if !round.is_alone(request) {
                round.later.push(at);
                continue;
            }
            match self.settle_or_decide(request) {
                Ok(Ok(decision)) => {
                    round.decision.add(decision);
                    round.decided.push(at);
                }
                Ok(Err(outcome)) => outcomes[at] = Some(outcome),
                Err(error) => outcomes[at] = Some(failed(&error)),
            }
        }
        if !round.decided.is_empty() {
            let stored = self.store_decision(round.decision);
            settle(&round.decided, stored, outcomes);
        }
        round.later
    }

    /// What was answered before, why it cannot be done, or what is to be done.
    fn settle_or_decide(
        &mut self,
        request: &ActionRequest,
    ) -> Result<Result<Decision, ActionOutcome>, StoreError> {
        if let Some(outcome) = self.answered_before(&request.identity())? {
            return Ok(Err(outcome));
        }
        let decided = self.decide_action(request)?;
        Ok(decided.map_err(ActionOutcome::Refused))
    }

    /// Stores and publishes what was decided, and takes it over; the answers, in the decision's order.
    fn store_decision(&mut self, decision: Decision) -> Result<Vec<KeptAnswer>, StoreError> {
        let (decision, transaction) = self.to_store(decision)?;
        let committed = self.commit(&transaction)?;
        self.core.adopt(decision);
        Ok(committed.answers)
    }
}

fn settle(
    decided: &[usize],
    stored: Result<Vec<KeptAnswer>, StoreError>,
    outcomes: &mut [Option<ActionOutcome>],
) {
    match stored {
        // Each decision has one answer, and a commit gives back what it was given, in its order.
        Ok(answers) => {
            for (&at, answer) in decided.iter().zip(answers) {
                outcomes[at] = Some(ActionOutcome::of_new(answer));
            }
        }
        Err(error) => {
            for &at in decided {
                outcomes[at] = Some(failed(&error));
            }
        }
    }
}

fn failed(error: &StoreError) -> ActionOutcome {
    ActionOutcome::StoreFailed(error.to_string())
}
