//! The engine: the core with a store and a publisher. Synchronous, so that tests and simulation drive it without
//! threads; [`super::thread`] gives it a thread.

use std::sync::Arc;

use tokio::sync::watch;
use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::incident::Incident;
use watchfloor_wire::time::{DAY_MS, MINUTE_MS, UnixMs};

use super::Publish;
use super::ages::{Ages, Rhythm};
use super::core::{Core, LastNumbers};
use crate::change::{AuditRow, Committed, Transaction};
use crate::clock::Clock;
use crate::config::Config;
use crate::config::gateway::Retention;
use crate::config::probe::ProbeConfig;
use crate::evaluate::Since;
use crate::machine_clock::MachineClock;
use crate::observation::{Observation, Sample};
use crate::silences::preview::LOOK_BACK_MS;
use crate::store::{RetainBefore, Store, StoreError};

/// How often time is looked at, in milliseconds, and quiet changes are stored while they keep coming.
pub const TICK_MS: u64 = 250;
/// Quiet changes do not wait for a tick when nothing was stored for this span, in milliseconds: where little happens
/// everything is told at once, and where much happens nothing is stored more often.
const PAUSE_MS: i64 = 250;
/// How long an answer is kept for a retry, in milliseconds.
const ANSWERS_STAY_MS: i64 = DAY_MS;
/// How long a notification that has come to its end is shown, in milliseconds; the audit keeps its outcome.
const NOTIFICATIONS_STAY_MS: i64 = 30 * DAY_MS;
/// How often what is past its time is dropped, in milliseconds. One call does a bounded amount of work.
const RETAIN_EVERY_MS: i64 = MINUTE_MS;

/// The core with its store.
pub struct Engine<S> {
    pub(super) core: Core,
    pub(super) store: S,
    publish: Box<dyn Publish>,
    pub(super) clock: Clock,
    outbox_changed: watch::Sender<u64>,
    ages: Arc<Ages>,
    retention: Retention,
    retained_at: UnixMs,
    /// While the store fails, it is tried again at each tick only.
    failing: bool,
    /// When something was stored last, on the clock that nobody can set.
    stored_ms: i64,
    /// Where the wall clock stood when the store noted it last.
    noted_clock: Option<MachineClock>,
}

impl<S: Store> Engine<S> {
    /// Begins with what is stored, and stores and publishes what the configuration changed since then.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read or written: a gateway that cannot store does not start.
    pub fn new(
        config: &Config,
        store: S,
        publish: Box<dyn Publish>,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let stored = store.entities()?;
        let stored = stored.into_iter().map(|(_, _, entity)| entity).collect();
        let now = clock.now();
        let probes = config.products.iter().flat_map(|it| &it.probes);
        let last = LastNumbers {
            incident: store.last_incident()?,
            silence: store.last_silence()?,
        };
        let noted_clock = store.machine_clock()?;
        let since = Since {
            now,
            set_back_ms: set_back_ms(&clock, noted_clock.as_ref()),
        };
        let core = Core::new(config, stored, last, since);
        let mut engine = Self {
            core,
            store,
            publish,
            ages: Arc::new(Ages::new(clock.clone(), probes.map(rhythm))),
            stored_ms: clock.monotonic_ms(),
            clock,
            outbox_changed: watch::channel(0).0,
            retention: config.gateway.retention.clone(),
            retained_at: now,
            failing: false,
            noted_clock,
        };
        engine.restore_on_call()?;
        engine.flush()?;
        engine.note_clock();
        engine.recover_outbox()?;
        Ok(engine)
    }

    /// The ages, shared.
    #[must_use]
    pub fn ages(&self) -> Arc<Ages> {
        Arc::clone(&self.ages)
    }

    /// Changes whenever the outbox does.
    #[must_use]
    pub fn outbox_changes(&self) -> watch::Receiver<u64> {
        self.outbox_changed.subscribe()
    }

    /// The entity as evaluation has it now, stored or not.
    #[must_use]
    pub fn entity(&self, key: &Key) -> Option<Entity> {
        self.core.entity(key)
    }

    /// All incidents that are open or were until a day ago.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.core.incidents()
    }

    /// Takes a batch of observations in. What people wait for is stored at once, and so is what comes after a pause; the
    /// rest with the next tick.
    pub fn observe(&mut self, observations: Vec<Observation>) {
        for observation in &observations {
            self.note_age(observation);
        }
        self.core.observe(observations, self.clock.now());
        self.ages.evaluated();
        let after_pause = self.clock.monotonic_ms() - self.stored_ms >= PAUSE_MS;
        if !self.failing && (after_pause || self.core.is_urgent()) {
            // The failure was counted and logged; the next tick tries again.
            let _ = self.flush();
        }
    }

    fn note_age(&self, observation: &Observation) {
        let sent_in = |samples: &[Sample]| samples.iter().any(|it| self.core.is_pushed(&it.series));
        match observation {
            Observation::Check(seen) if !sent_in(&seen.samples) => self.ages.probed(),
            Observation::Samples(samples) if !sent_in(samples) => {}
            _ => self.ages.ingested(),
        }
    }

    /// Adds a row to the audit; false when it could not be stored yet. It is then stored with the next commit.
    pub fn audit(&mut self, row: AuditRow) -> bool {
        self.core.audit(row);
        self.flush().is_ok()
    }

    /// Begins another history, on the disk and then for everybody who follows; false when it could not be stored.
    pub fn begin_epoch(&mut self, why: String) -> bool {
        let head = match self.store.begin_epoch() {
            Ok(head) => head,
            Err(error) => {
                metrics::counter!("watchfloor_store_failures_total").increment(1);
                tracing::error!(%error, "another epoch could not be stored");
                return false;
            }
        };
        self.publish.begin_epoch(&head);
        self.ages.epoch_began();
        self.audit(AuditRow {
            at: self.clock.now(),
            actor: "gateway".to_owned(),
            action: "feed.begin_epoch".to_owned(),
            subject: format!("epoch/{}", head.epoch),
            detail: why,
        });
        true
    }

    /// Looks at the time, and stores what waits.
    pub fn tick(&mut self) {
        // Before what is found under this clock: whoever starts next must not take it for older than it is.
        self.note_clock();
        let now = self.clock.now();
        self.core.tick(now);
        self.ages.evaluated();
        // The failure was counted and logged; the next tick tries again.
        let _ = self.flush();
        if now.since_ms(self.retained_at) >= RETAIN_EVERY_MS || now < self.retained_at {
            self.retained_at = now;
            self.retain(now);
        }
    }

    /// Notes where the wall clock stands, when it was set.
    fn note_clock(&mut self) {
        if self.failing {
            return;
        }
        let Some(clock) = self.clock.machine() else {
            return;
        };
        if !clock.is_news(self.noted_clock.as_ref()) {
            return;
        }
        match self.store.note_machine_clock(&clock) {
            Ok(()) => self.noted_clock = Some(clock),
            Err(error) => {
                tracing::warn!(%error, "where the clock stands could not be stored; the next tick tries again");
            }
        }
    }

    fn retain(&mut self, now: UnixMs) {
        let before = RetainBefore {
            feed_log: now.plus_ms(-self.retention.feed_log.ms),
            answers: now.plus_ms(-ANSWERS_STAY_MS),
            incidents: now.plus_ms(-self.retention.incidents.ms),
            fired: now.plus_ms(-LOOK_BACK_MS),
            notifications: now.plus_ms(-NOTIFICATIONS_STAY_MS),
        };
        if let Err(error) = self.store.retain(&before) {
            tracing::warn!(%error, "what is past its time could not be dropped; tried again in a minute");
        }
    }

    /// Stores everything that waits. When that fails, all of it goes on waiting, and evaluation goes on in memory.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        if !self.core.has_waiting() {
            self.ages.stored();
            return Ok(());
        }
        let mut transaction = self.core.waiting(self.clock.now());
        self.withdraw_answered(&mut transaction)?;
        self.commit(&transaction)?;
        self.core.stored();
        Ok(())
    }

    pub(super) fn commit(&mut self, transaction: &Transaction) -> Result<Committed, StoreError> {
        match self.store.commit(transaction) {
            Ok(committed) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the store takes changes again");
                }
                self.ages.stored();
                self.stored_ms = self.clock.monotonic_ms();
                self.publish.publish(&committed);
                if !transaction.outbox.is_empty() {
                    self.outbox_changed.send_modify(|count| *count += 1);
                }
                Ok(committed)
            }
            Err(error) => {
                metrics::counter!("watchfloor_store_failures_total").increment(1);
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::error!(%error, "the store takes no changes; actions are refused until it does");
                }
                Err(error)
            }
        }
    }
}

/// By how much the wall clock was set back since it was noted, as far as can be told.
fn set_back_ms(clock: &Clock, noted: Option<&MachineClock>) -> i64 {
    match (clock.machine(), noted) {
        (Some(machine), Some(noted)) => machine.set_back_since_ms(noted),
        _ => 0,
    }
}

const fn rhythm(probe: &ProbeConfig) -> Rhythm {
    Rhythm {
        interval_ms: probe.interval.ms,
        timeout_ms: probe.timeout.ms,
    }
}
