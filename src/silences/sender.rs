//! Sending an order about a silence.

use leptos::prelude::*;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::silence::SilenceId;
use watchfloor_wire::silence::request::{ChangeSilenceRequest, SilenceAnswer, SilenceRequest};

use crate::api::{self, ApiError};
use crate::sending::{Outcome, Sending, settle};
use crate::store::{Stores, use_stores};

/// What is ordered.
#[derive(Clone)]
pub(super) enum Order {
    Make(SilenceRequest),
    Change(SilenceId, u64, ChangeSilenceRequest),
    Expire(SilenceId),
}

async fn send(order: &Order, key: &str) -> Result<SilenceAnswer, ApiError> {
    match order {
        Order::Make(request) => api::make_silence(request, key).await,
        Order::Change(id, version, request) => {
            api::change_silence(*id, request, *version, key).await
        }
        Order::Expire(id) => api::expire_silence(*id, key).await,
    }
}

/// Sends the orders of one form.
#[derive(Clone, Copy)]
pub(super) struct Sender {
    pub(super) state: RwSignal<Sending>,
    /// The fields that the gateway found wrong.
    pub(super) problems: RwSignal<Vec<FieldProblem>>,
    stores: Stores,
}

impl Sender {
    pub(super) fn new() -> Self {
        Self {
            state: RwSignal::new(Sending::Idle),
            problems: RwSignal::new(Vec::new()),
            stores: use_stores(),
        }
    }

    pub(super) fn is_locked(self) -> Signal<bool> {
        Signal::derive(move || self.state.with(Sending::is_locked))
    }

    /// Sends unless something is under way; `done` runs when it was carried out.
    pub(super) fn send(self, order: Order, done: impl Fn(&SilenceAnswer) + 'static) {
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
            let next = self.take(&outcome);
            // The form may be gone by now; what the gateway said is in the stores all the same.
            let _ = self.state.try_set(next);
            if let Outcome::CarriedOut(answer) = outcome {
                done(&answer);
            }
        });
    }

    fn take(self, outcome: &Outcome<SilenceAnswer>) -> Sending {
        match outcome {
            Outcome::CarriedOut(answer) => {
                self.stores.silence(answer.silence.clone());
                if let Some(replaced) = &answer.replaced {
                    self.stores.silence(replaced.clone());
                }
                Sending::Done
            }
            Outcome::Refused(error) => {
                let fields = error.problem().map(|it| it.errors.clone());
                let _ = self.problems.try_set(fields.unwrap_or_default());
                Sending::Refused {
                    words: error.words(),
                    conflict: error
                        .problem()
                        .is_some_and(|it| matches!(it.status, 409 | 412)),
                }
            }
            Outcome::Open => Sending::Unknown,
        }
    }
}
