//! Sending an action on an incident, and why it was refused, in words.

use leptos::prelude::*;
use serde::Serialize;
use watchfloor_wire::action::{
    AcknowledgeRequest, ActionAnswer, AssignRequest, LinkRequest, MergeRequest, NoteRequest,
    RenewRequest, ReviewRequest,
};
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::Action;
use watchfloor_wire::problem::FieldProblem;

use crate::api::{self, ApiError};
use crate::sending::{self, Problems, Sending};
use crate::store::{Stores, use_stores};
use crate::ui::second_of_day;

/// What is sent.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Body {
    Acknowledge(AcknowledgeRequest),
    Note(NoteRequest),
    Renew(RenewRequest),
    To(AssignRequest),
    Merge(MergeRequest),
    Link(LinkRequest),
    Review(ReviewRequest),
}

/// Sends the actions of one form.
#[derive(Clone, Copy)]
pub(super) struct Sender {
    pub(super) state: RwSignal<Sending>,
    form: sending::Sender,
    stores: Stores,
}

impl Sender {
    pub(super) fn new() -> Self {
        let form = sending::Sender::new();
        Self {
            state: form.state,
            form,
            stores: use_stores(),
        }
    }

    pub(super) fn is_locked(self) -> Signal<bool> {
        self.form.is_locked()
    }

    /// What is wrong with the form's fields; see [`Problems::new`].
    pub(super) fn problems<T>(
        self,
        tried: RwSignal<bool>,
        own: impl Fn() -> Result<T, Vec<FieldProblem>> + Send + Sync + 'static,
    ) -> Problems {
        Problems::new(tried, self.form, own)
    }

    /// Sends an action unless something is under way; `done` runs when it was carried out.
    pub(super) fn send(
        self,
        incident: &Incident,
        action: Action,
        body: Body,
        done: impl Fn() + 'static,
    ) {
        let (id, version, stores) = (incident.id, incident.version, self.stores);
        let before = incident.clone();
        self.form.send_or(
            async move |key: String| api::act(id, action, &body, version, &key).await,
            move |answer: ActionAnswer| {
                stores.answer(&answer);
                done();
            },
            move |error| {
                let current = error.problem().and_then(|it| it.current.as_deref());
                if let Some(current) = current {
                    stores.incident(current.clone());
                }
                refusal_words(error, &before)
            },
        );
    }
}

/// Why the gateway refused, in words about this incident; `before` is what people were looking at.
fn refusal_words(error: &ApiError, before: &Incident) -> String {
    let Some(problem) = error.problem() else {
        return error.words();
    };
    let Some(current) = problem.current.as_deref() else {
        return error.words();
    };
    if current.id != before.id {
        return format!(
            "{} changed meanwhile. Look at it, then try again.",
            current.id
        );
    }
    // What is refused for who asks, or for when, is told best by the gateway.
    if !matches!(
        problem.code.as_str(),
        "already_acknowledged" | "resolved" | "changed"
    ) {
        return error.words();
    }
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
    fn what_is_somebody_elses_to_do_is_told_in_the_gateways_words() {
        let error = ApiError::Refused(Box::new(Problem {
            status: 403,
            code: "not_owner".to_owned(),
            title: "Not yours to do".to_owned(),
            detail: "Priya Raman has this incident; only they can do this.".to_owned(),
            errors: Vec::new(),
            current: Some(Box::new(held(1, "P1"))),
        }));
        let words = refusal_words(&error, &incident(1, "P1"));
        assert!(
            words.starts_with("Priya Raman has this incident"),
            "{words}"
        );
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
