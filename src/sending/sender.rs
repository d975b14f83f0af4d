//! Sends the orders of one form, whatever they are about: a key for each, locked while one is under way, and told what to
//! do with the answer.

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use watchfloor_wire::problem::FieldProblem;

use super::{Outcome, Sending, settle};
use crate::api::{self, ApiError};

/// Sends the orders of one form.
#[derive(Clone, Copy)]
pub(crate) struct Sender {
    /// Where the sending stands.
    pub(crate) state: RwSignal<Sending>,
    /// The fields that the gateway found wrong.
    problems: RwSignal<Vec<FieldProblem>>,
}

impl Sender {
    pub(crate) fn new() -> Self {
        Self {
            state: RwSignal::new(Sending::Idle),
            problems: RwSignal::new(Vec::new()),
        }
    }

    /// Whether the form is locked.
    pub(crate) fn is_locked(self) -> Signal<bool> {
        Signal::derive(move || self.state.with(Sending::is_locked))
    }

    /// Sends what `post` makes of a new key unless something is under way, and finds out what became of it. `done` gets the
    /// answer, also when the form is gone by then.
    pub(crate) fn send<A: DeserializeOwned + 'static>(
        self,
        post: impl AsyncFn(String) -> Result<A, ApiError> + 'static,
        done: impl Fn(A) + 'static,
    ) {
        self.send_or(post, done, ApiError::words);
    }

    /// As [`Self::send`]; `refused` makes words of a refusal.
    pub(crate) fn send_or<A: DeserializeOwned + 'static>(
        self,
        post: impl AsyncFn(String) -> Result<A, ApiError> + 'static,
        done: impl Fn(A) + 'static,
        refused: impl Fn(&ApiError) -> String + 'static,
    ) {
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
            // The form may be gone by now; what the gateway said goes where it belongs all the same.
            match settle(&key, self.state, || post(key.clone())).await {
                Outcome::CarriedOut(answer) => {
                    let _ = self.state.try_set(Sending::Done);
                    done(*answer);
                }
                Outcome::Refused(error) => {
                    let fields = error.problem().map(|it| it.errors.clone());
                    let _ = self.problems.try_set(fields.unwrap_or_default());
                    let _ = self.state.try_set(Sending::Refused {
                        words: refused(&error),
                        conflict: is_conflict(&error),
                    });
                }
                Outcome::Open => {
                    let _ = self.state.try_set(Sending::Unknown);
                }
            }
        });
    }
}

/// Whether somebody or something was faster.
fn is_conflict(error: &ApiError) -> bool {
    error
        .problem()
        .is_some_and(|it| matches!(it.status, 409 | 412) || it.current.is_some())
}

/// What is wrong with each field of a form, by its own judgement and by the gateway's.
#[derive(Clone, Copy)]
pub(crate) struct Problems(Memo<Vec<FieldProblem>>);

impl Problems {
    /// `own` is what the form itself finds. That counts once it was `tried` to send it: nobody is told of mistakes that they
    /// are still about to avoid.
    pub(crate) fn new<T>(
        tried: RwSignal<bool>,
        sender: Sender,
        own: impl Fn() -> Result<T, Vec<FieldProblem>> + Send + Sync + 'static,
    ) -> Self {
        Self(Memo::new(move |_| {
            let own = own().err().filter(|_| tried.get());
            let mut found = own.unwrap_or_default();
            found.extend(sender.problems.get());
            found
        }))
    }

    /// What is wrong with a field; tracked. `None` when nothing is.
    pub(crate) fn of(self, field: &str) -> Option<String> {
        self.0.with(|all| {
            let first = all.iter().find(|it| it.field == field);
            first.map(|it| it.text.clone())
        })
    }

    /// As [`Self::of`], as it changes.
    pub(crate) fn signal(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.of(field))
    }
}
