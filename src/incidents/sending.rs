//! Sending an action on an incident, and why it was refused, in words.

use leptos::prelude::*;
use serde::Serialize;
use watchfloor_wire::action::{AcknowledgeRequest, ActionAnswer, NoteRequest};
use watchfloor_wire::id::IncidentId;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::Action;

use crate::api::{self, ApiError};
use crate::sending::{Outcome, Sending, settle};
use crate::store::{Stores, use_stores};
use crate::ui::second_of_day;

/// What is sent.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Body {
    Acknowledge(AcknowledgeRequest),
    Note(NoteRequest),
}

/// Sends the actions of one form.
#[derive(Clone, Copy)]
pub(super) struct Sender {
    pub(super) state: RwSignal<Sending>,
    stores: Stores,
}

impl Sender {
    pub(super) fn new() -> Self {
        Self {
            state: RwSignal::new(Sending::Idle),
            stores: use_stores(),
        }
    }

    pub(super) fn is_locked(self) -> Signal<bool> {
        Signal::derive(move || self.state.with(Sending::is_locked))
    }

    /// Sends unless something is under way; `done` runs when it was carried out.
    pub(super) fn send(
        self,
        incident: &Incident,
        action: Action,
        body: Body,
        done: impl Fn() + 'static,
    ) {
        if self.state.with_untracked(Sending::is_locked) {
            return;
        }
        let Some(key) = api::idempotency_key() else {
            self.state.set(Sending::without_key());
            return;
        };
        self.state.set(Sending::Busy);
        let before = incident.clone();
        leptos::task::spawn_local(async move {
            let order = Order {
                id: before.id,
                action,
                body,
                version: before.version,
                key,
            };
            let outcome = carry_out(&order, self.state).await;
            let next = self.take(outcome, &before);
            let carried_out = next == Sending::Done;
            // The form may be gone by now; what the gateway said is in the stores all the same.
            let _ = self.state.try_set(next);
            if carried_out {
                done();
            }
        });
    }

    fn take(self, outcome: Outcome<ActionAnswer>, before: &Incident) -> Sending {
        match outcome {
            Outcome::CarriedOut(answer) => {
                self.stores.answer(&answer);
                Sending::Done
            }
            Outcome::Refused(error) => {
                let current = error.problem().and_then(|it| it.current.as_deref());
                if let Some(current) = current {
                    self.stores.incident(current.clone());
                }
                Sending::Refused {
                    words: refusal_words(&error, before),
                    conflict: current.is_some(),
                }
            }
            Outcome::Open => Sending::Unknown,
        }
    }
}

/// One action with all that it takes to send it again.
struct Order {
    id: IncidentId,
    action: Action,
    body: Body,
    version: u64,
    key: String,
}

/// Sends until the outcome is known.
async fn carry_out(order: &Order, state: RwSignal<Sending>) -> Outcome<ActionAnswer> {
    settle(&order.key, state, || {
        api::act(
            order.id,
            order.action,
            &order.body,
            order.version,
            &order.key,
        )
    })
    .await
}

/// Why the gateway refused, in words about this incident; `before` is what people were looking at.
fn refusal_words(error: &ApiError, before: &Incident) -> String {
    let Some(problem) = error.problem() else {
        return error.words();
    };
    let Some(current) = problem.current.as_deref() else {
        return error.words();
    };
    if let Some(end) = &current.resolution {
        let at = second_of_day(end.at);
        return match &end.by_name {
            Some(name) => format!("Somebody was faster: {name} resolved it at {at}."),
            None => format!("It ended by itself at {at}."),
        };
    }
    if let Some(lease) = &current.lease
        && before.lease.is_none()
    {
        let at = second_of_day(lease.since);
        return format!(
            "Somebody was faster: {} acknowledged at {at}.",
            lease.owner_name
        );
    }
    if current.priority != before.priority {
        let priority = current.priority;
        return format!("Priority changed to {priority} while you were writing. Look again.");
    }
    if current.severity != before.severity {
        let severity = current.severity.word();
        return format!("Severity changed to {severity} while you were writing. Look again.");
    }
    "The incident changed while you were writing. Look again, then send.".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::due::tests::{held, incident, resolved};
    use watchfloor_wire::priority::Priority;
    use watchfloor_wire::problem::Problem;

    fn refused(current: Option<Incident>) -> ApiError {
        ApiError::Refused(Box::new(Problem {
            status: 412,
            code: "changed".to_owned(),
            title: "Changed".to_owned(),
            detail: "It changed.".to_owned(),
            errors: Vec::new(),
            current: current.map(Box::new),
        }))
    }

    #[test]
    fn who_was_faster_is_named() {
        let words = refusal_words(&refused(Some(held(1, "P1"))), &incident(1, "P1"));
        assert_eq!(
            words,
            "Somebody was faster: Priya Raman acknowledged at 14:33:03."
        );
    }

    #[test]
    fn a_rise_of_the_priority_is_named() {
        let words = refusal_words(&refused(Some(incident(1, "P0"))), &incident(1, "P1"));
        assert!(words.starts_with("Priority changed to P0"), "{words}");
        assert_eq!(incident(1, "P0").priority, Priority::P0);
    }

    #[test]
    fn an_end_by_itself_is_nobodys() {
        let words = refusal_words(&refused(Some(resolved(1, 0))), &incident(1, "P1"));
        assert_eq!(words, "It ended by itself at 00:00:00.");
    }

    #[test]
    fn without_the_incident_the_gateways_words_stand() {
        assert_eq!(
            refusal_words(&refused(None), &incident(1, "P1")),
            "It changed."
        );
    }
}
