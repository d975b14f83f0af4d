//! The engine's own thread: people's requests first, observations in batches, the time four times a second.

use std::ops::ControlFlow;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

use super::outbox::{Ask, AskOutcome, Claimed};
use super::run::{Engine, TICK_MS};
use super::{ActionOutcome, OverrideOutcome, SilenceOutcome};
use crate::change::AuditRow;
use crate::incidents::action::ActionRequest;
use crate::incidents::bulk::BulkOrder;
use crate::incidents::opening::OpenOrder;
use crate::notify::outcome::Report;
use crate::observation::Observation;
use crate::on_call::action::OverrideOrder;
use crate::on_call::calendar::CalendarReading;
use crate::silences::action::SilenceOrder;
use crate::store::{Store, StoreError};

/// Observations taken in one go.
const BATCH: usize = 512;

/// Actions stored in one go, at most.
const TOGETHER: usize = 64;

/// What is asked of the engine.
pub(super) enum Request {
    /// Carry an action out.
    Act(Box<ActionRequest>, oneshot::Sender<ActionOutcome>),
    /// Carry an action out on many incidents.
    ActOnMany(Box<BulkOrder>, oneshot::Sender<ActionOutcome>),
    /// Open an incident for a person.
    Open(Box<OpenOrder>, oneshot::Sender<ActionOutcome>),
    /// Carry an order about a silence out.
    Silence(Box<SilenceOrder>, oneshot::Sender<SilenceOutcome>),
    /// Carry an order about an override out.
    Override(Box<OverrideOrder>, oneshot::Sender<OverrideOutcome>),
    /// Keep what came of reading a calendar.
    Calendar(
        Box<CalendarReading>,
        oneshot::Sender<Result<(), StoreError>>,
    ),
    /// Add a row to the audit.
    Audit(AuditRow, oneshot::Sender<bool>),
    /// Begin another epoch; the text says why, as JSON, for the audit.
    BeginEpoch(String, oneshot::Sender<bool>),
    /// Claim notifications for sending.
    Claim(
        Vec<String>,
        oneshot::Sender<Result<Option<Claimed>, StoreError>>,
    ),
    /// Note what became of a try.
    Report(Box<Report>, oneshot::Sender<Result<(), StoreError>>),
    /// Write down a test, or that a dead letter is sent again.
    Ask(Box<Ask>, oneshot::Sender<AskOutcome>),
    /// Take in what is queued, store it, end.
    Stop,
}

/// Both queues, at the engine's end.
pub(super) struct Queues {
    pub(super) observations: mpsc::Receiver<Observation>,
    pub(super) requests: mpsc::Receiver<Request>,
}

/// Runs until it is told to stop or nobody can tell it anything any more.
pub(super) async fn run<S: Store>(mut engine: Engine<S>, mut queues: Queues) {
    let mut ticks = tokio::time::interval(Duration::from_millis(TICK_MS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased;
            request = queues.requests.recv() => match request {
                Some(request) => {
                    if serve(&mut engine, request, &mut queues.requests).is_break() {
                        break;
                    }
                }
                None => break,
            },
            _ = ticks.tick() => engine.tick(),
            _ = queues.observations.recv_many(&mut batch, BATCH) => {
                engine.observe(std::mem::take(&mut batch));
            }
        }
    }
    drain(&mut engine, queues);
}

/// Does what was asked, and with an action all those that already wait behind it.
fn serve<S: Store>(
    engine: &mut Engine<S>,
    first: Request,
    queue: &mut mpsc::Receiver<Request>,
) -> ControlFlow<()> {
    let mut next = Some(first);
    while let Some(request) = next.take() {
        match request {
            Request::Stop => return ControlFlow::Break(()),
            Request::Act(request, reply) => {
                let (mut requests, mut replies) = (vec![*request], vec![reply]);
                while requests.len() < TOGETHER
                    && let Ok(request) = queue.try_recv()
                {
                    let Request::Act(request, reply) = request else {
                        next = Some(request);
                        break;
                    };
                    requests.push(*request);
                    replies.push(reply);
                }
                let outcomes = engine.act_together(&requests);
                for (reply, outcome) in replies.into_iter().zip(outcomes) {
                    // Whoever asked may have gone; what was stored stays stored.
                    let _ = reply.send(outcome);
                }
            }
            request => carry_out(engine, request),
        }
    }
    ControlFlow::Continue(())
}

/// Does what was asked. Whoever asked may have gone; what was stored stays stored.
fn carry_out<S: Store>(engine: &mut Engine<S>, request: Request) {
    match request {
        Request::Act(request, reply) => drop(reply.send(engine.act(&request))),
        Request::ActOnMany(order, reply) => drop(reply.send(engine.act_on_many(&order))),
        Request::Open(order, reply) => drop(reply.send(engine.open(&order))),
        Request::Silence(order, reply) => drop(reply.send(engine.silence(&order))),
        Request::Override(order, reply) => drop(reply.send(engine.change_override(&order))),
        Request::Calendar(reading, reply) => drop(reply.send(engine.read_calendar(&reading))),
        Request::Audit(row, reply) => drop(reply.send(engine.audit(row))),
        Request::BeginEpoch(why, reply) => drop(reply.send(engine.begin_epoch(why))),
        Request::Claim(ids, reply) => drop(reply.send(engine.claim(&ids))),
        Request::Report(report, reply) => drop(reply.send(engine.report(&report))),
        Request::Ask(ask, reply) => drop(reply.send(engine.ask(&ask))),
        Request::Stop => {}
    }
}

/// Nothing that was handed over is lost: requests get their answers, observations are taken in, all of it is stored.
fn drain<S: Store>(engine: &mut Engine<S>, mut queues: Queues) {
    queues.requests.close();
    queues.observations.close();
    let mut batch = Vec::new();
    while let Ok(observation) = queues.observations.try_recv() {
        batch.push(observation);
    }
    engine.observe(batch);
    while let Ok(request) = queues.requests.try_recv() {
        // Whether it is told to stop once more is nothing to it.
        let _ = serve(engine, request, &mut queues.requests);
    }
    if let Err(error) = engine.flush() {
        tracing::error!(%error, "the last changes could not be stored");
    }
}
