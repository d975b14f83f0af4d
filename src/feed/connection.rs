//! The connection as a pure state machine: events in, effects out. It holds no socket and no clock; the
//! shell in [`super::driver`] carries out the effects and reports what came of them.
//!
//! Each attempt has a number. Answers that carry the number of an attempt that was given up are ignored,
//! so that nothing late can disturb the one that is under way. Which way an attempt goes chooses
//! [`super::transport`], how old what came is reckons [`super::freshness`], and what people see of it all
//! is in [`super::shown`].

use watchfloor_wire::feed::STALE_AFTER_MS;
use watchfloor_wire::time::MINUTE_MS;

use super::backoff;
use super::ending::Ending;
use super::freshness::Freshness;
pub use super::steps::{Attempt, Effect, Event, Failure, ORDINARY, Wake};
use super::transport::{Choice, Refusal, Transport};

/// Each step of connecting must be done within this span, in milliseconds.
pub const STEP_LIMIT_MS: i64 = 15_000;
/// A socket that is only tried must be heard within this span, in milliseconds: until then the page, which has
/// events that work, hears nothing.
pub const TRIAL_LIMIT_MS: i64 = 8_000;
/// After this span without trouble, in milliseconds, waits begin at the shortest one again.
pub const HEALTHY_AFTER_MS: i64 = 30_000;
/// Even after a final answer the feed is tried again after this span, in milliseconds: a wall has nobody
/// to press a key.
pub const FINAL_RETRY_MS: i64 = 300_000;
/// A page that nobody looks at gives its stream of events back after this span, in milliseconds: a browser opens only
/// six connections to one server for all its pages together, and six streams would leave none for anything else.
pub const RESTS_AFTER_MS: i64 = MINUTE_MS;
/// After a wake-up the next attempt begins within this span, in milliseconds.
const WAKE_SPREAD_MS: i64 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nobody is signed in, as far as is known.
    Stopped,
    /// Nobody looks; the stream was given back.
    Resting,
    Snapshot {
        since: i64,
    },
    Ticket {
        since: i64,
    },
    Opening {
        since: i64,
    },
    Greeting {
        since: i64,
    },
    Live {
        since: i64,
    },
    Waiting {
        until: i64,
    },
    Ended {
        until: i64,
        ending: Ending,
    },
}

/// The connection. All instants are milliseconds of a clock that never goes back.
#[derive(Clone, Debug)]
pub struct Connection {
    pub(super) phase: Phase,
    pub(super) attempt: Attempt,
    pub(super) failures: u32,
    pub(super) needs_snapshot: bool,
    pub(super) choice: Choice,
    pub(super) fresh: Freshness,
    hidden_since: Option<i64>,
    /// When the newest attempt began.
    begun_at: i64,
    /// Something was not answered in time, or nothing was heard, since the feed was live last.
    pub(super) was_silent: bool,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            phase: Phase::Stopped,
            attempt: 0,
            failures: 0,
            needs_snapshot: true,
            choice: Choice::default(),
            fresh: Freshness::default(),
            hidden_since: None,
            begun_at: 0,
            was_silent: false,
        }
    }
}

impl Connection {
    /// Takes an event; `chance` gives random numbers from 0 to 1.
    pub fn handle(
        &mut self,
        event: Event,
        now: i64,
        chance: &mut impl FnMut() -> f64,
    ) -> Vec<Effect> {
        self.forgive(now);
        match event {
            Event::Started if self.phase == Phase::Stopped => self.begin(now),
            Event::Stopped => self.stop(),
            Event::SessionEnded => self.ask_sign_in(),
            Event::Ticked => self.ticked(now, chance),
            Event::Woken(wake) => self.woken(wake, now, chance),
            Event::Hidden => {
                self.hidden_since.get_or_insert(now);
                Vec::new()
            }
            event if event.attempt() == Some(self.attempt) => self.answered(event, now, chance),
            // An attempt that was given up, or what changes nothing here.
            _ => Vec::new(),
        }
    }

    /// Whether answers that carry this number still matter.
    #[must_use]
    pub const fn is_current(&self, attempt: Attempt) -> bool {
        self.attempt == attempt
    }

    /// The number of the newest attempt; 0 before the first.
    #[must_use]
    pub const fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// How long the newest ping or welcome was on its way beyond what the fastest one took, in milliseconds.
    #[must_use]
    pub const fn delay_ms(&self) -> i64 {
        self.fresh.delay_ms()
    }

    /// When time alone changes something next; `None` when it never will.
    #[must_use]
    pub fn next_wake(&self) -> Option<i64> {
        match self.phase {
            Phase::Stopped | Phase::Resting => None,
            Phase::Snapshot { since } | Phase::Ticket { since } => Some(since + STEP_LIMIT_MS),
            Phase::Opening { since } | Phase::Greeting { since } => {
                let trial = self.choice.is_trial();
                Some(since + if trial { TRIAL_LIMIT_MS } else { STEP_LIMIT_MS })
            }
            Phase::Live { since } => {
                let due = [self.stale_at(since)]
                    .into_iter()
                    .chain(self.choice.socket_at())
                    .chain(self.rests_at());
                due.min()
            }
            Phase::Waiting { until } | Phase::Ended { until, .. } => Some(until),
        }
    }

    fn stale_at(&self, live_since: i64) -> i64 {
        self.fresh.as_of().unwrap_or(live_since).max(live_since) + STALE_AFTER_MS
    }

    fn rests_at(&self) -> Option<i64> {
        let by_events = self.choice.transport() == Transport::Events;
        self.hidden_since
            .filter(|_| by_events)
            .map(|since| since + RESTS_AFTER_MS)
    }

    /// An answer of the attempt that is under way.
    fn answered(
        &mut self,
        event: Event,
        now: i64,
        chance: &mut impl FnMut() -> f64,
    ) -> Vec<Effect> {
        match (event, self.phase) {
            (Event::SnapshotRead(_), Phase::Snapshot { since }) => {
                self.fresh.snapshot(since);
                self.needs_snapshot = false;
                self.phase = Phase::Ticket { since: now };
                vec![Effect::GetTicket(self.attempt)]
            }
            (Event::TicketCame(_, ticket), Phase::Ticket { .. }) => self.open(ticket, now),
            (Event::Opened(_), Phase::Opening { .. }) => {
                self.phase = Phase::Greeting { since: now };
                match self.choice.transport() {
                    Transport::Socket => vec![Effect::SayHello(self.attempt)],
                    Transport::Events => Vec::new(),
                }
            }
            (Event::Welcomed(_, sent), Phase::Greeting { .. }) => {
                self.choice.worked();
                self.fresh.welcomed(sent, now);
                self.phase = Phase::Live { since: now };
                // What was opened for requests while the way swallowed everything is as dead as what was before.
                let was_silent = std::mem::take(&mut self.was_silent);
                was_silent
                    .then_some(Effect::RenewConnections)
                    .into_iter()
                    .collect()
            }
            (Event::RequestFailed(_, failure), Phase::Snapshot { .. } | Phase::Ticket { .. }) => {
                self.request_failed(failure, now, chance)
            }
            (event, Phase::Live { .. }) if self.took(&event, now) => Vec::new(),
            (event, Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Live { .. }) => {
                self.interrupted(&event, now, chance)
            }
            _ => Vec::new(),
        }
    }

    /// What a live connection hears all the time; false when it is something else.
    fn took(&mut self, event: &Event, now: i64) -> bool {
        match event {
            Event::Pinged(_, sent) => self.fresh.pinged(*sent, now),
            Event::CaughtUp(_) => self.fresh.caught_up(),
            Event::Heard(_) => self.fresh.heard(now),
            _ => return false,
        }
        true
    }

    fn open(&mut self, ticket: String, now: i64) -> Vec<Effect> {
        self.phase = Phase::Opening { since: now };
        vec![match self.choice.transport() {
            Transport::Socket => Effect::OpenSocket(self.attempt, ticket),
            Transport::Events => Effect::OpenEvents(self.attempt),
        }]
    }

    fn ticked(&mut self, now: i64, chance: &mut impl FnMut() -> f64) -> Vec<Effect> {
        if self.next_wake().is_none_or(|at| now < at) {
            return Vec::new();
        }
        match self.phase {
            Phase::Waiting { .. } => self.begin(now),
            Phase::Ended { .. } => {
                self.needs_snapshot = true;
                self.begin(now)
            }
            Phase::Opening { .. } | Phase::Greeting { .. } => {
                self.choice.refused(Refusal::Silence, now);
                self.retry(now, chance)
            }
            Phase::Live { since } if now >= self.stale_at(since) => {
                self.choice.broke(now);
                // What keeps a feed silent has often killed the other connections as well, and the next thing that
                // somebody presses must not wait on one of them.
                self.unanswered(now, chance)
            }
            Phase::Live { .. } if self.choice.socket_at().is_some_and(|at| now >= at) => {
                self.begin_anew(now)
            }
            Phase::Live { .. } => self.rest(),
            _ => self.unanswered(now, chance),
        }
    }

    fn woken(&mut self, wake: Wake, now: i64, chance: &mut impl FnMut() -> f64) -> Vec<Effect> {
        match wake {
            Wake::Shown => self.hidden_since = None,
            Wake::Online | Wake::Slept => self.choice.network_changed(now),
        }
        match self.phase {
            Phase::Stopped | Phase::Ended { .. } => Vec::new(),
            Phase::Resting => self.begin(now),
            Phase::Waiting { until } => {
                // Everybody in the building gets the network back in the same instant.
                let soon = now + backoff::within_ms(0, WAKE_SPREAD_MS, chance());
                self.phase = Phase::Waiting {
                    until: until.min(soon),
                };
                Vec::new()
            }
            Phase::Live { .. } => {
                if wake == Wake::Slept || self.fresh.is_late(now) {
                    return self.begin_anew(now);
                }
                Vec::new()
            }
            _ if wake == Wake::Slept => self.begin_anew(now),
            _ => Vec::new(),
        }
    }

    /// Thirty seconds of health make up for all failures of before.
    fn forgive(&mut self, now: i64) {
        if let Phase::Live { since } = self.phase
            && now - since >= HEALTHY_AFTER_MS
        {
            self.failures = 0;
            self.choice.held();
        }
    }

    fn begin(&mut self, now: i64) -> Vec<Effect> {
        self.attempt += 1;
        self.begun_at = now;
        self.choice.begin(now);
        if self.needs_snapshot {
            self.phase = Phase::Snapshot { since: now };
            vec![Effect::ReadSnapshot(self.attempt)]
        } else {
            self.phase = Phase::Ticket { since: now };
            vec![Effect::GetTicket(self.attempt)]
        }
    }

    fn begin_anew(&mut self, now: i64) -> Vec<Effect> {
        self.failures += 1;
        let mut effects = vec![Effect::Close(ORDINARY)];
        effects.extend(self.begin(now));
        effects
    }

    /// The wait is counted from the beginning of an attempt that came to nothing: on a way that swallows everything
    /// the attempt has waited long enough itself, and after the way is mended nobody waits for both.
    pub(super) fn retry(&mut self, now: i64, chance: &mut impl FnMut() -> f64) -> Vec<Effect> {
        let delay_ms = backoff::delay_ms(self.failures, chance());
        let was_live = matches!(self.phase, Phase::Live { .. });
        let from = if was_live { now } else { self.begun_at };
        self.wait(now.max(from + delay_ms))
    }

    pub(super) fn wait(&mut self, until: i64) -> Vec<Effect> {
        self.failures = self.failures.saturating_add(1);
        self.attempt += 1;
        self.phase = Phase::Waiting { until };
        vec![Effect::Close(ORDINARY)]
    }

    fn rest(&mut self) -> Vec<Effect> {
        self.attempt += 1;
        self.phase = Phase::Resting;
        vec![Effect::Close(ORDINARY)]
    }

    /// Whoever signs in next may see other things, so the state is read again.
    pub(super) fn stop(&mut self) -> Vec<Effect> {
        *self = Self {
            attempt: self.attempt + 1,
            choice: self.choice.clone(),
            fresh: self.fresh,
            hidden_since: self.hidden_since,
            ..Self::default()
        };
        vec![Effect::Close(ORDINARY)]
    }

    pub(super) fn ask_sign_in(&mut self) -> Vec<Effect> {
        let mut effects = self.stop();
        effects.push(Effect::AskSignIn);
        effects
    }
}
