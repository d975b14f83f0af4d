//! The one writer: takes observations and people's actions, evaluates, stores, publishes, answers.
//!
//! [`core`] is the judgement as a pure value, [`muting`] what silences do to it, `on_call` who has duty; [`run`] adds store and publisher and
//! can be driven without threads, `people` is what they ask, `once` how that is carried out, `together` what several of them
//! ask at the same time;
//! [`thread`] runs it on a thread of its own; [`handle`] is what the rest of the gateway holds.

pub mod ages;
pub mod core;
pub mod handle;
pub mod muting;
mod on_call;
mod once;
pub mod outbox;
mod people;
pub mod run;
#[cfg(test)]
mod tests;
mod thread;
mod together;

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;
use watchfloor_wire::incident::Incident;
use watchfloor_wire::permits::Refusal;
use watchfloor_wire::problem::FieldProblem;

pub use self::core::Core;
pub use self::handle::EngineHandle;
pub use self::run::Engine;
pub use crate::incidents::action::{ActionBody, ActionRequest, Actor, Recipient};
pub use crate::incidents::bulk::BulkOrder;
pub use crate::incidents::opening::OpenOrder;
pub use crate::order::OrderOutcome;

use crate::change::Committed;
use crate::clock::Clock;
use crate::config::Config;
use crate::hub::Hub;
use crate::on_call::action::OverrideObjection;
use crate::records::Recorder;
use crate::silences::action::SilenceObjection;
use crate::store::{Head, Store, StoreError};

/// Observations that wait at most.
pub const OBSERVATIONS_QUEUE: usize = 16_384;
/// Requests of people that wait at most.
const REQUESTS_QUEUE: usize = 1_024;

/// Who hears of what was stored.
pub trait Publish: Send + 'static {
    /// Called after each commit, in order; must not block for long.
    fn publish(&self, committed: &Committed);

    /// Another history began at this head, on the disk. Who keeps positions forgets them.
    fn begin_epoch(&self, _head: &Head) {}
}

/// Why an action on incidents was not carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum ActionObjection {
    /// It is not allowed as things stand: 409.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The incident as it stands.
        current: Incident,
    },
    /// This person may not, whatever there is: 403.
    NotAllowed {
        /// Why.
        refusal: Refusal,
    },
    /// A field lacks what the product asks for, or names what is not there: 400.
    Incomplete {
        /// The field, and what to do.
        problem: FieldProblem,
    },
    /// The incident is not as the person saw it: 412.
    Changed {
        /// The incident as it stands.
        current: Incident,
    },
    /// There is no such incident: 404.
    NotFound,
}

/// What became of an action; answered with [`watchfloor_wire::action::ActionAnswer`] or
/// [`watchfloor_wire::bulk::BulkAnswer`].
pub type ActionOutcome = OrderOutcome<ActionObjection>;
/// What became of an order about a silence; answered with [`watchfloor_wire::silence::request::SilenceAnswer`].
pub type SilenceOutcome = OrderOutcome<SilenceObjection>;
/// What became of an order about an override; answered with [`watchfloor_wire::on_call::OverrideAnswer`].
pub type OverrideOutcome = OrderOutcome<OverrideObjection>;

/// The engine has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gateway is shutting down")]
pub struct EngineGone;

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine has stopped.
    #[error(transparent)]
    Gone(#[from] EngineGone),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Publish for Hub {
    fn publish(&self, committed: &Committed) {
        Self::publish(self, committed);
    }

    fn begin_epoch(&self, head: &Head) {
        Self::begin_epoch(self, head);
    }
}

/// Starts the engine for service: what is stored goes to the hub's clients. Samples are recorded by whoever takes
/// them, before they get here, so the recorder has nothing to do.
///
/// # Errors
/// As [`start_with`].
pub fn start<S: Store>(
    config: &Config,
    store: S,
    hub: Hub,
    _recorder: Recorder,
    clock: Clock,
) -> Result<EngineHandle, StoreError> {
    start_with(config, store, hub, clock)
}

/// Starts the engine on a thread of its own. What the configuration changed since the last run is stored and
/// published before this returns.
///
/// # Errors
/// [`StoreError`] when the store cannot be read or written, or the thread cannot be started.
pub fn start_with<S: Store>(
    config: &Config,
    store: S,
    publish: impl Publish,
    clock: Clock,
) -> Result<EngineHandle, StoreError> {
    let reader = store.reader()?;
    let engine = Engine::new(config, store, Box::new(publish), clock)?;
    let ages = engine.ages();
    let outbox_changed = engine.outbox_changes();
    let (observations, observed) = mpsc::channel(OBSERVATIONS_QUEUE);
    let (requests, requested) = mpsc::channel(REQUESTS_QUEUE);
    let queues = thread::Queues {
        observations: observed,
        requests: requested,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(StoreError::Thread)?;
    let thread = std::thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || runtime.block_on(thread::run(engine, queues)))
        .map_err(StoreError::Thread)?;
    Ok(EngineHandle {
        observations,
        requests,
        reader,
        ages,
        outbox_changed,
        thread: Arc::new(Mutex::new(Some(thread))),
    })
}
