//! What people ask of the engine: each request is carried out once, stored and published before it is answered.

use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::time::UnixMs;

use super::core::{Core, Decision};
use super::run::Engine;
use super::{ActionObjection, ActionOutcome, OverrideOutcome, SilenceOutcome};
use crate::change::Transaction;
use crate::incidents::action::{ActionRequest, Objection};
use crate::incidents::bulk::BulkOrder;
use crate::incidents::opening::OpenOrder;
use crate::on_call::action::OverrideOrder;
use crate::order::Identity;
use crate::silences::action::SilenceOrder;
use crate::store::{Store, StoreError};

impl<S: Store> Engine<S> {
    /// Carries an action out: stored and published before it is answered, or not at all.
    pub fn act(&mut self, request: &ActionRequest) -> ActionOutcome {
        // One request has one outcome.
        let outcome = self.act_together(std::slice::from_ref(request)).pop();
        outcome.unwrap_or(ActionOutcome::Refused(ActionObjection::NotFound))
    }

    /// What an action makes of the incidents as they are stored, in thought.
    pub(super) fn decide_action(
        &self,
        request: &ActionRequest,
    ) -> Result<Result<Decision, ActionObjection>, StoreError> {
        let Some(current) = self.find(request.incident)? else {
            return Ok(Err(ActionObjection::NotFound));
        };
        let other = match request.action.other() {
            Some(id) => self.find(id)?,
            None => None,
        };
        let now = self.clock.now();
        let decided = self.core.decide(&current, other.as_ref(), request, now);
        Ok(decided.map_err(|it| objection(it, Some(current))))
    }

    /// Acts on many incidents: each is judged by itself, and all that are done are stored together.
    pub fn act_on_many(&mut self, order: &BulkOrder) -> ActionOutcome {
        self.act_once(&order.identity(), |engine, now| {
            let current: Result<Vec<_>, _> =
                order.items.iter().map(|it| engine.find(it.id)).collect();
            Ok(Ok(engine.core.decide_bulk(order, &current?, now)))
        })
    }

    /// Opens an incident for a person.
    pub fn open(&mut self, order: &OpenOrder) -> ActionOutcome {
        self.act_once(&order.identity(), |engine, now| {
            let decided = engine.core.decide_open(order, now);
            Ok(decided.map_err(|it| objection(it, None)))
        })
    }

    /// Carries an order about a silence out: stored and published before it is answered, or not at all.
    pub fn silence(&mut self, order: &SilenceOrder) -> SilenceOutcome {
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
        self.once(&order.identity(), decide, Core::adopt_silences)
    }

    /// Carries an order about an override out, as [`Self::silence`] does.
    pub fn change_override(&mut self, order: &OverrideOrder) -> OverrideOutcome {
        let decide = |engine: &Self, now| Ok(engine.core.decide_override(order, now));
        self.once(&order.identity(), decide, Core::adopt_override)
    }

    /// Carries out what is decided about incidents, and takes back what waits to ask for an answer that is given by it.
    fn act_once(
        &mut self,
        identity: &Identity<'_>,
        decide: impl FnOnce(&Self, UnixMs) -> Result<Result<Decision, ActionObjection>, StoreError>,
    ) -> ActionOutcome {
        let decide = |engine: &Self, now| {
            Ok(match decide(engine, now)? {
                Ok(decision) => Ok(engine.to_store(decision)?),
                Err(objection) => Err(objection),
            })
        };
        self.once(identity, decide, Core::adopt)
    }

    /// A decision and what is to be stored of it, with what it takes back of the outbox.
    pub(super) fn to_store(
        &self,
        mut decision: Decision,
    ) -> Result<(Decision, Transaction), StoreError> {
        let mut transaction = std::mem::take(&mut decision.transaction);
        self.withdraw_answered(&mut transaction)?;
        Ok((decision, transaction))
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

fn objection(it: Objection, current: Option<Incident>) -> ActionObjection {
    match (it, current) {
        (Objection::Refused(refusal), Some(current)) => {
            ActionObjection::Refused { refusal, current }
        }
        (Objection::Refused(refusal), None) => ActionObjection::NotAllowed { refusal },
        (Objection::Changed, Some(current)) => ActionObjection::Changed { current },
        (Objection::Changed, None) => ActionObjection::NotFound,
        (Objection::OtherChanged(current), _) => ActionObjection::Changed { current: *current },
        (Objection::Incomplete(problem), _) => ActionObjection::Incomplete { problem },
    }
}
