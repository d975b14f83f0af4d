//! What people ask of the engine: each request is carried out once, stored and published before it is answered.

use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::time::UnixMs;

use super::core::{Core, Decision};
use super::run::Engine;
use super::{ActionOutcome, OrderOutcome, OverrideOutcome, SilenceOutcome};
use crate::change::{KeptAnswer, Transaction};
use crate::incidents::action::{ActionRequest, Actor, Objection};
use crate::incidents::bulk::BulkOrder;
use crate::incidents::opening::OpenOrder;
use crate::on_call::action::OverrideOrder;
use crate::silences::action::SilenceOrder;
use crate::store::{Store, StoreError};

/// What makes a request the same one when it comes again.
pub(super) struct Identity<'a> {
    pub(super) actor: &'a Actor,
    pub(super) key: &'a str,
    pub(super) fingerprint: &'a str,
}

impl<S: Store> Engine<S> {
    /// Carries an action out: stored and published before it is answered, or not at all.
    pub fn act(&mut self, request: &ActionRequest) -> ActionOutcome {
        // One request has one outcome.
        let outcome = self.act_together(std::slice::from_ref(request)).pop();
        outcome.unwrap_or(ActionOutcome::NotFound)
    }

    /// What an action makes of the incidents as they are stored, in thought.
    pub(super) fn decide_action(
        &self,
        request: &ActionRequest,
    ) -> Result<Result<Decision, ActionOutcome>, StoreError> {
        let Some(current) = self.find(request.incident)? else {
            return Ok(Err(ActionOutcome::NotFound));
        };
        let other = match request.action.other() {
            Some(id) => self.find(id)?,
            None => None,
        };
        let decided = self
            .core
            .decide(&current, other.as_ref(), request, self.clock.now());
        Ok(decided.map_err(|objection| outcome(objection, Some(current))))
    }

    /// Acts on many incidents: each is judged by itself, and all that are done are stored together.
    pub fn act_on_many(&mut self, order: &BulkOrder) -> ActionOutcome {
        let identity = Identity {
            actor: &order.actor,
            key: &order.key,
            fingerprint: &order.fingerprint,
        };
        self.once(&identity, |engine, now| {
            let current: Result<Vec<_>, _> =
                order.items.iter().map(|it| engine.find(it.id)).collect();
            Ok(Ok(engine.core.decide_bulk(order, &current?, now)))
        })
    }

    /// Opens an incident for a person.
    pub fn open(&mut self, order: &OpenOrder) -> ActionOutcome {
        let identity = Identity {
            actor: &order.actor,
            key: &order.key,
            fingerprint: &order.fingerprint,
        };
        self.once(&identity, |engine, now| {
            let decided = engine.core.decide_open(order, now);
            Ok(decided.map_err(|objection| outcome(objection, None)))
        })
    }

    /// Carries an order about a silence out: stored and published before it is answered, or not at all.
    pub fn silence(&mut self, order: &SilenceOrder) -> SilenceOutcome {
        let identity = Identity {
            actor: &order.actor,
            key: &order.key,
            fingerprint: &order.fingerprint,
        };
        let decide = |engine: &Self, now| {
            let found = match order.work.id() {
                None => None,
                Some(id) => match engine.core.silences().get(id) {
                    Some(silence) => Some(silence.clone()),
                    None => engine.store.silence(id)?,
                },
            };
            Ok(engine.core.decide_silence(order, found.as_ref(), now))
        };
        self.order_once(&identity, decide, Core::adopt_silences)
    }

    /// Carries an order about an override out, as [`Self::silence`] does.
    pub fn change_override(&mut self, order: &OverrideOrder) -> OverrideOutcome {
        let identity = Identity {
            actor: &order.actor,
            key: &order.key,
            fingerprint: &order.fingerprint,
        };
        let decide = |engine: &Self, now| Ok(engine.core.decide_override(order, now));
        self.order_once(&identity, decide, Core::adopt_override)
    }

    /// Answers what was answered before, or decides, stores, takes over and answers.
    fn order_once<D, O>(
        &mut self,
        identity: &Identity<'_>,
        decide: impl FnOnce(&Self, UnixMs) -> Result<Result<(D, Transaction), O>, StoreError>,
        adopt: impl FnOnce(&mut Core, D),
    ) -> OrderOutcome<O> {
        self.try_order(identity, decide, adopt)
            .unwrap_or_else(|error| OrderOutcome::StoreFailed(error.to_string()))
    }

    fn try_order<D, O>(
        &mut self,
        identity: &Identity<'_>,
        decide: impl FnOnce(&Self, UnixMs) -> Result<Result<(D, Transaction), O>, StoreError>,
        adopt: impl FnOnce(&mut Core, D),
    ) -> Result<OrderOutcome<O>, StoreError> {
        let actor = &identity.actor.account;
        if let Some(kept) = self.store.kept_answer(actor, identity.key)? {
            return Ok(if kept.fingerprint == identity.fingerprint {
                OrderOutcome::Answered {
                    status: kept.status,
                    body: kept.body,
                    replayed: true,
                }
            } else {
                OrderOutcome::KeyReused
            });
        }
        // The answer speaks of what is stored, so what waits goes first.
        self.flush()?;
        let (decided, transaction) = match decide(self, self.clock.now())? {
            Ok(it) => it,
            Err(objection) => return Ok(OrderOutcome::Refused(objection)),
        };
        let mut committed = self.commit(&transaction)?;
        adopt(&mut self.core, decided);
        // The transaction had one answer, and a commit gives back what it was given.
        let lost = || OrderOutcome::StoreFailed("the answer was not kept".to_owned());
        let answer = committed.answers.pop();
        Ok(answer.map_or_else(lost, |answer| OrderOutcome::Answered {
            status: answer.status,
            body: answer.body,
            replayed: false,
        }))
    }

    /// Answers what was answered before, or decides, stores, takes over and answers.
    fn once(
        &mut self,
        identity: &Identity<'_>,
        decide: impl FnOnce(&Self, UnixMs) -> Result<Result<Decision, ActionOutcome>, StoreError>,
    ) -> ActionOutcome {
        self.try_once(identity, decide)
            .unwrap_or_else(|error| ActionOutcome::StoreFailed(error.to_string()))
    }

    fn try_once(
        &mut self,
        identity: &Identity<'_>,
        decide: impl FnOnce(&Self, UnixMs) -> Result<Result<Decision, ActionOutcome>, StoreError>,
    ) -> Result<ActionOutcome, StoreError> {
        if let Some(outcome) = self.answered_before(identity)? {
            return Ok(outcome);
        }
        // The answer speaks of what is stored, so what waits goes first.
        self.flush()?;
        let decision = match decide(self, self.clock.now())? {
            Ok(decision) => decision,
            Err(outcome) => return Ok(outcome),
        };
        // The transaction had one answer, and a commit gives back what it was given.
        let answer = self.store_decision(decision)?.pop();
        Ok(answer.map_or(ActionOutcome::NotFound, ActionOutcome::first))
    }

    /// What was answered under the key before; `None` when it is new.
    pub(super) fn answered_before(
        &self,
        identity: &Identity<'_>,
    ) -> Result<Option<ActionOutcome>, StoreError> {
        let actor = &identity.actor.account;
        let kept = self.store.kept_answer(actor, identity.key)?;
        Ok(kept.map(|kept| {
            if kept.fingerprint == identity.fingerprint {
                ActionOutcome::Answered {
                    status: kept.status,
                    body: kept.body,
                    replayed: true,
                }
            } else {
                ActionOutcome::KeyReused
            }
        }))
    }

    /// Stores and publishes what was decided, and takes it over; the answers, in the decision's order.
    pub(super) fn store_decision(
        &mut self,
        mut decision: Decision,
    ) -> Result<Vec<KeptAnswer>, StoreError> {
        self.withdraw_answered(&mut decision.transaction)?;
        let committed = self.commit(&decision.transaction)?;
        self.core.adopt(decision);
        Ok(committed.answers)
    }

    /// The incident as it stands, however old; `None` when there is none.
    fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        let core: &Core = &self.core;
        match core.incident(id) {
            Some(incident) => Ok(Some(incident.clone())),
            None => self.store.incident(id),
        }
    }
}

fn outcome(objection: Objection, current: Option<Incident>) -> ActionOutcome {
    match (objection, current) {
        (Objection::Refused(refusal), Some(current)) => ActionOutcome::Refused { refusal, current },
        (Objection::Refused(refusal), None) => ActionOutcome::NotAllowed { refusal },
        (Objection::Changed, Some(current)) => ActionOutcome::Changed { current },
        (Objection::Changed, None) => ActionOutcome::NotFound,
        (Objection::OtherChanged(current), _) => ActionOutcome::Changed { current: *current },
        (Objection::Incomplete(problem), _) => ActionOutcome::Incomplete { problem },
    }
}
