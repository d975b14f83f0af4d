//! Sending an order about an override.

use leptos::prelude::*;
use watchfloor_wire::on_call::{OverrideAnswer, OverrideId, OverrideRequest};
use watchfloor_wire::problem::FieldProblem;

use crate::api::{self, ApiError};
use crate::sending::{Outcome, Sending, settle};

/// What is ordered.
#[derive(Clone)]
pub(super) enum Order {
    Make(OverrideRequest),
    End(OverrideId),
}

async fn send(order: &Order, key: &str) -> Result<OverrideAnswer, ApiError> {
    match order {
        Order::Make(request) => api::make_override(request, key).await,
        Order::End(id) => api::end_override(*id, key).await,
    }
}

/// Sends the orders of one form.
#[derive(Clone, Copy)]
pub(super) struct Sender {
    pub(super) state: RwSignal<Sending>,
    /// The fields that the gateway found wrong.
    pub(super) problems: RwSignal<Vec<FieldProblem>>,
}

impl Sender {
    pub(super) fn new() -> Self {
        Self {
            state: RwSignal::new(Sending::Idle),
            problems: RwSignal::new(Vec::new()),
        }
    }

    pub(super) fn is_locked(self) -> Signal<bool> {
        Signal::derive(move || self.state.with(Sending::is_locked))
    }

    /// Sends unless something is under way; `done` runs when it was carried out.
    pub(super) fn send(self, order: Order, done: impl Fn(&OverrideAnswer) + 'static) {
        if self.state.with_untracked(Sending::is_locked) {
            return;
        }
        let Some(key) = api::idempotency_key() else {
            self.state.set(Sending::without_key());
            return;
        };
        self.state.set(Sending::Busy);
        self.problems.set(Vec::new());
        leptos::task::spawn_local(async move {
            let outcome = settle(&key, self.state, || send(&order, &key)).await;
            // The form may be gone by now.
            let _ = self.state.try_set(self.take(&outcome));
            if let Outcome::CarriedOut(answer) = outcome {
                done(&answer);
            }
        });
    }

    fn take(self, outcome: &Outcome<OverrideAnswer>) -> Sending {
        match outcome {
            Outcome::CarriedOut(_) => Sending::Done,
            Outcome::Refused(error) => {
                let fields = error.problem().map(|it| it.errors.clone());
                let _ = self.problems.try_set(fields.unwrap_or_default());
                Sending::Refused {
                    words: error.words(),
                    conflict: error.problem().is_some_and(|it| it.status == 409),
                }
            }
            Outcome::Open => Sending::Unknown,
        }
    }
}
