//! One action for many incidents: each is judged by itself, all that are done are stored together.

use watchfloor_wire::bulk::{BulkAction, BulkItem, BulkOutcome, BulkResult};
use watchfloor_wire::incident::Incident;
use watchfloor_wire::time::UnixMs;

use super::action::{Acted, ActionBody, ActionRequest, Actor, Objection, act};
use super::refusal::{CHANGED, outcome, words};
use crate::config::ProductConfig;
use crate::on_call::Roster;
use crate::order::Identity;

/// A request to act on many incidents, already checked for form: each is named once.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkOrder {
    /// On which.
    pub items: Vec<BulkItem>,
    /// What.
    pub action: BulkAction,
    /// The idempotency key of all of it.
    pub key: String,
    /// SHA-256 of method, path and body, in hex.
    pub fingerprint: String,
    /// Who.
    pub actor: Actor,
}

impl BulkOrder {
    /// What makes it the same one when it comes again.
    #[must_use]
    pub fn identity(&self) -> Identity<'_> {
        Identity::new(&self.actor, &self.key, &self.fingerprint)
    }

    /// The request on one of the incidents.
    fn one(&self, item: BulkItem) -> ActionRequest {
        ActionRequest {
            incident: item.id,
            action: match &self.action {
                BulkAction::Acknowledge(body) => ActionBody::Acknowledge(body.clone()),
                BulkAction::Undo(body) => ActionBody::Undo(body.clone()),
                BulkAction::Resolve(body) => ActionBody::Resolve(body.clone()),
            },
            if_match: item.version,
            key: self.key.clone(),
            fingerprint: self.fingerprint.clone(),
            actor: self.actor.clone(),
        }
    }

    /// Judges one incident: what became of it, and what is to be stored when it was done. `current` is the incident
    /// as it stands, `None` when there is none.
    #[must_use]
    pub fn judge(
        &self,
        item: BulkItem,
        current: Option<&Incident>,
        policy: Option<&ProductConfig>,
        roster: &Roster,
        now: UnixMs,
    ) -> (BulkResult, Option<Acted>) {
        let result = |outcome, version, detail: String| BulkResult {
            id: item.id,
            outcome,
            version,
            detail,
        };
        let Some(current) = current else {
            let detail = format!("There is no incident {}.", item.id);
            return (result(BulkOutcome::NotFound, 0, detail), None);
        };
        let version = current.version;
        let refused = match act(current, None, &self.one(item), policy, roster, now) {
            Ok(acted) => {
                let done = result(BulkOutcome::Done, acted.incident.version, String::new());
                return (done, Some(acted));
            }
            Err(Objection::Refused(refusal)) => {
                result(outcome(refusal), version, words(refusal, current))
            }
            Err(Objection::Changed | Objection::OtherChanged(_)) => {
                result(BulkOutcome::Changed, version, CHANGED.to_owned())
            }
            Err(Objection::Incomplete(problem)) => {
                result(BulkOutcome::Refused, version, problem.text)
            }
        };
        (refused, None)
    }
}
