//! One worker a channel: it takes what is due, has it claimed by the engine, sends it and reports. A channel that
//! hangs or fails holds nobody up but itself, and itself no longer than its time limit.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::outbox::{Notification, OutboxQuery};
use super::outcome::{Report, TryError};
use super::pace::{Next, Pace};
use super::send::{Channel, MAIL_PORTS, Sender};
use crate::clock::Clock;
use crate::config::Config;
use crate::engine::EngineHandle;
use crate::sources::address::AddressRules;
use crate::sources::asking::{AskerError, Lookup, Network};
use crate::sources::own_listener::OwnListener;
use crate::sources::schedule::Chance;

/// A worker looks for itself this often, in milliseconds, should it ever miss being woken.
const LOOK_EVERY_MS: i64 = 15_000;
/// A worker that the engine does not answer tries again after this long.
const AGAIN: Duration = Duration::from_secs(1);

/// The running workers.
#[derive(Debug)]
#[must_use = "workers run until they are stopped"]
pub struct Workers {
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Why people cannot be told at all.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The rules for addresses are malformed; checked configurations have sound ones.
    #[error("probing: {0}")]
    Rules(String),
    /// Sending cannot be set up.
    #[error(transparent)]
    Sender(#[from] AskerError),
}

/// All channels of the configuration, with secrets from the environment.
#[must_use]
pub fn channels(config: &Config, environment: &dyn Fn(&str) -> Option<String>) -> Vec<Channel> {
    let gateway = &config.gateway;
    let public_url = gateway.notifications.public_url.as_deref();
    let site = public_url.map(|it| format!("{}{}", it.trim_end_matches('/'), gateway.base_path));
    let channels = gateway.channels.iter();
    channels
        .map(|it| Channel::new(it, site.clone(), environment))
        .collect()
}

/// What goes out reaches what probes reach, and mail servers also at their own ports.
///
/// # Errors
/// [`NotifyError`] when the rules are malformed or TLS cannot be set up.
pub fn sender(
    config: &Config,
    own: Option<OwnListener>,
    lookup: &Arc<dyn Lookup>,
) -> Result<Sender, NotifyError> {
    let probing = &config.gateway.probing;
    let mut mailing = probing.clone();
    mailing.allow_ports.extend(MAIL_PORTS.map(str::to_owned));
    let network = |probing| {
        let rules = AddressRules::new(probing).map_err(NotifyError::Rules)?;
        Ok::<_, NotifyError>(Network::new(rules, own.clone(), Arc::clone(lookup)))
    };
    Ok(Sender::new(network(probing)?, network(&mailing)?)?)
}

impl Workers {
    /// Starts a worker for each channel. Needs a Tokio runtime.
    pub fn start(
        channels: Vec<Channel>,
        sender: &Sender,
        engine: &EngineHandle,
        clock: &Clock,
        chance: impl Fn() -> Chance,
    ) -> Self {
        let workers = Self {
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        for channel in channels {
            if let Some(problem) = channel.problem() {
                tracing::warn!(channel = %channel.id, problem, "nobody can be told on this channel");
            }
            let worker = Worker {
                pace: Pace::new(channel.per_minute),
                channel: Arc::new(channel),
                sender: sender.clone(),
                engine: engine.clone(),
                clock: clock.clone(),
                chance: chance(),
            };
            workers.tasks.spawn(worker.run(workers.stop.clone()));
        }
        workers
    }

    /// Begins nothing more, and waits for what is on its way.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

struct Worker {
    channel: Arc<Channel>,
    sender: Sender,
    engine: EngineHandle,
    clock: Clock,
    pace: Pace,
    chance: Chance,
}

impl Worker {
    async fn run(mut self, stop: CancellationToken) {
        let mut changed = self.engine.outbox_changes();
        while !stop.is_cancelled() {
            changed.mark_unchanged();
            let pause = self.round().await;
            let Some(pause) = pause else { continue };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
                woken = changed.changed() => {
                    // The engine is gone, so that nothing can be claimed any more.
                    if woken.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Sends what is next; `None` when there may be more at once, else how long to wait.
    async fn round(&mut self) -> Option<Duration> {
        let question = OutboxQuery::Waiting {
            channel: self.channel.id.clone(),
        };
        let Ok(waiting) = self.engine.outbox(question).await else {
            return Some(AGAIN);
        };
        let now = self.clock.now();
        let due = waiting.partition_point(|it| it.next_at <= now);
        let later_ms = waiting
            .get(due)
            .map_or(LOOK_EVERY_MS, |it| it.next_at.since_ms(now));
        let ids = match self.pace.next(&waiting[..due], self.clock.monotonic_ms()) {
            Next::Nothing => return Some(pause(later_ms)),
            Next::Wait(ms) => return Some(pause(ms)),
            Next::One(id) => vec![id],
            Next::Digest(ids) => ids,
        };
        let Ok(claimed) = self.engine.claim(ids).await else {
            return Some(AGAIN);
        };
        // Withdrawn, muted or too old: the engine has noted it.
        let claimed = claimed?;
        self.pace.sent(self.clock.monotonic_ms());
        let report = self.deliver(claimed.row, claimed.members).await;
        while self.engine.report(report.clone()).await.is_err() {
            if self.engine.is_gone() {
                return Some(AGAIN);
            }
            tokio::time::sleep(AGAIN).await;
        }
        None
    }

    /// One try, in a task of its own, so that a mistake in it ends the try and not the channel.
    async fn deliver(&mut self, row: Notification, members: Vec<Notification>) -> Report {
        let (id, attempt) = (row.id.clone(), row.attempts);
        let (sender, channel) = (self.sender.clone(), Arc::clone(&self.channel));
        let now = self.clock.now();
        let started_ms = self.clock.monotonic_ms();
        let sending = tokio::spawn(async move { sender.send(&channel, &row, &members, now).await });
        let result = sending.await.unwrap_or_else(|_| {
            Err(TryError::passing(
                "a mistake of the gateway; its log says more".to_owned(),
            ))
        });
        let took_ms = self.clock.monotonic_ms().saturating_sub(started_ms);
        Report {
            id,
            attempt,
            took_ms,
            result,
            unit: (self.chance)(),
        }
    }
}

fn pause(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms.clamp(1, LOOK_EVERY_MS)).unwrap_or(1))
}
