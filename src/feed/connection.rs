//! The connection as a pure state machine: events in, effects out. It holds no socket and no clock; the
//! shell in [`super::driver`] carries out the effects and reports what came of them.
//!
//! Each attempt has a number. Answers that carry the number of an attempt that was given up are ignored,
//! so that nothing late can disturb the one that is under way.

use watchfloor_wire::feed::{PING_EVERY_MS, STALE_AFTER_MS, close};
use watchfloor_wire::time::UnixMs;

use super::FeedState;
use super::backoff;

/// Each step of connecting must be done within this span, in milliseconds.
pub const STEP_LIMIT_MS: i64 = 15_000;
/// After this span without trouble, in milliseconds, waits begin at the shortest one again.
pub const HEALTHY_AFTER_MS: i64 = 30_000;
/// Past this span without a frame, in milliseconds, a ping is overdue.
pub const LATE_AFTER_MS: i64 = PING_EVERY_MS + 2_000;
/// Even after a final answer the feed is tried again after this span, in milliseconds: a wall has nobody
/// to press a key.
pub const FINAL_RETRY_MS: i64 = 300_000;
/// After a wake-up the next attempt begins within this span, in milliseconds.
const WAKE_SPREAD_MS: i64 = 500;

/// The number of an attempt to connect.
pub type Attempt = u64;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// There may be a session now: connect.
    Started,
    /// Somebody signed out here.
    Stopped,
    /// A request anywhere in the console was answered "nobody is signed in".
    SessionEnded,
    /// The snapshot was read and is in the stores.
    SnapshotRead(Attempt),
    /// A ticket for the socket came.
    TicketCame(Attempt, String),
    /// The snapshot or the ticket could not be had.
    RequestFailed(Attempt, Failure),
    /// The socket is open.
    Opened(Attempt),
    /// The hello was taken.
    Welcomed(Attempt),
    /// Any message came.
    Heard(Attempt),
    /// The state cannot be continued from where it stands.
    Discontinued(Attempt),
    /// The server is about to close; reconnect within this span, in milliseconds.
    Leaving(Attempt, [u64; 2]),
    /// The socket closed, with this code.
    Closed(Attempt, u16),
    /// The device or the network came back.
    Woken(Wake),
    /// Time went on.
    Ticked,
}

/// Why a request failed, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody is signed in.
    SignedOut,
    /// The account may not see the board.
    Forbidden,
    /// Anything that may be better next time.
    Passing,
}

/// What woke the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// The page is visible again.
    Shown,
    /// The browser says that there is a network.
    Online,
    /// The page came back from the back-forward cache, or the clocks say that the device slept: whatever
    /// was open is dead.
    Slept,
}

/// What the shell is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read the snapshot into the stores.
    ReadSnapshot(Attempt),
    /// Get a ticket.
    GetTicket(Attempt),
    /// Open the socket with the ticket.
    OpenSocket(Attempt, String),
    /// Say hello with the replica's cursor.
    SayHello(Attempt),
    /// Close the socket, if there is one, and forget what it may still say.
    CloseSocket,
    /// Ask people to sign in.
    AskSignIn,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// Nobody is signed in, as far as is known.
    Stopped,
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
        reason: String,
    },
}

/// The connection. All instants are milliseconds of a clock that never goes back.
#[derive(Clone, Debug)]
pub struct Connection {
    phase: Phase,
    attempt: Attempt,
    failures: u32,
    needs_snapshot: bool,
    last_frame_at: Option<i64>,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            phase: Phase::Stopped,
            attempt: 0,
            failures: 0,
            needs_snapshot: true,
            last_frame_at: None,
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
            Event::Started => Vec::new(),
            Event::SnapshotRead(attempt)
            | Event::TicketCame(attempt, _)
            | Event::RequestFailed(attempt, _)
            | Event::Opened(attempt)
            | Event::Welcomed(attempt)
            | Event::Heard(attempt)
            | Event::Discontinued(attempt)
            | Event::Leaving(attempt, _)
            | Event::Closed(attempt, _)
                if attempt != self.attempt =>
            {
                Vec::new()
            }
            event => self.answered(event, now, chance),
        }
    }

    /// Whether answers that carry this number still matter.
    #[must_use]
    pub const fn is_current(&self, attempt: Attempt) -> bool {
        self.attempt == attempt
    }

    /// When time alone changes something next; `None` when it never will.
    #[must_use]
    pub fn next_wake(&self) -> Option<i64> {
        match self.phase {
            Phase::Stopped => None,
            Phase::Snapshot { since }
            | Phase::Ticket { since }
            | Phase::Opening { since }
            | Phase::Greeting { since } => Some(since + STEP_LIMIT_MS),
            Phase::Live { since } => Some(self.last_frame_at.unwrap_or(since) + STALE_AFTER_MS),
            Phase::Waiting { until } | Phase::Ended { until, .. } => Some(until),
        }
    }

    /// What people see; `at` turns this clock's instants into the gateway's.
    #[must_use]
    pub fn state(&self, now: i64, at: impl Fn(i64) -> UnixMs) -> FeedState {
        if let Phase::Ended { reason, .. } = &self.phase {
            return FeedState::Ended {
                reason: reason.clone(),
            };
        }
        let next_at = match self.phase {
            Phase::Waiting { until } => Some(at(until)),
            _ => None,
        };
        let Some(last) = self.last_frame_at else {
            return self.first_state(next_at.unwrap_or_else(|| at(now)));
        };
        let age = now - last;
        match self.phase {
            Phase::Stopped => FeedState::NotLive {
                since: at(last),
                retry_at: None,
            },
            _ if age > STALE_AFTER_MS => FeedState::NotLive {
                since: at(last),
                retry_at: next_at,
            },
            Phase::Live { .. } if age > LATE_AFTER_MS => FeedState::Late {
                last_frame_at: at(last),
            },
            Phase::Live { .. } => FeedState::Live {
                last_frame_at: at(last),
            },
            _ if self.failures == 0 => FeedState::Connecting,
            _ => FeedState::Reconnecting {
                attempt: self.failures,
                retry_at: next_at.unwrap_or_else(|| at(now)),
                last_frame_at: Some(at(last)),
            },
        }
    }

    fn first_state(&self, retry_at: UnixMs) -> FeedState {
        if self.failures == 0 {
            return FeedState::Connecting;
        }
        FeedState::Reconnecting {
            attempt: self.failures,
            retry_at,
            last_frame_at: None,
        }
    }

    /// An answer of the attempt that is under way.
    fn answered(
        &mut self,
        event: Event,
        now: i64,
        chance: &mut impl FnMut() -> f64,
    ) -> Vec<Effect> {
        match (event, &self.phase) {
            (Event::SnapshotRead(_), Phase::Snapshot { .. }) => {
                self.needs_snapshot = false;
                self.last_frame_at = Some(now);
                self.phase = Phase::Ticket { since: now };
                vec![Effect::GetTicket(self.attempt)]
            }
            (Event::TicketCame(_, ticket), Phase::Ticket { .. }) => {
                self.phase = Phase::Opening { since: now };
                vec![Effect::OpenSocket(self.attempt, ticket)]
            }
            (Event::Opened(_), Phase::Opening { .. }) => {
                self.phase = Phase::Greeting { since: now };
                vec![Effect::SayHello(self.attempt)]
            }
            (Event::Welcomed(_), Phase::Greeting { .. }) => {
                self.phase = Phase::Live { since: now };
                self.last_frame_at = Some(now);
                Vec::new()
            }
            (Event::Heard(_), Phase::Live { .. }) => {
                self.last_frame_at = Some(now);
                Vec::new()
            }
            (Event::RequestFailed(_, failure), Phase::Snapshot { .. } | Phase::Ticket { .. }) => {
                self.request_failed(failure, now, chance)
            }
            (Event::Discontinued(_), Phase::Greeting { .. } | Phase::Live { .. }) => {
                self.needs_snapshot = true;
                self.retry(now, chance)
            }
            (Event::Leaving(_, [from, to]), Phase::Greeting { .. } | Phase::Live { .. }) => {
                let wait = backoff::within_ms(capped_ms(from), capped_ms(to), chance());
                self.wait(now + wait)
            }
            (
                Event::Closed(_, code),
                Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Live { .. },
            ) => self.closed(code, now, chance),
            _ => Vec::new(),
        }
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
            _ => self.retry(now, chance),
        }
    }

    fn woken(&mut self, wake: Wake, now: i64, chance: &mut impl FnMut() -> f64) -> Vec<Effect> {
        match self.phase {
            Phase::Stopped | Phase::Ended { .. } => Vec::new(),
            Phase::Waiting { until } => {
                // Everybody in the building gets the network back in the same instant.
                let soon = now + backoff::within_ms(0, WAKE_SPREAD_MS, chance());
                self.phase = Phase::Waiting {
                    until: until.min(soon),
                };
                Vec::new()
            }
            Phase::Live { .. } => {
                let overdue = self
                    .last_frame_at
                    .is_none_or(|last| now - last > LATE_AFTER_MS);
                if wake == Wake::Slept || overdue {
                    return self.begin_anew(now);
                }
                Vec::new()
            }
            _ if wake == Wake::Slept => self.begin_anew(now),
            _ => Vec::new(),
        }
    }

    fn closed(&mut self, code: u16, now: i64, chance: &mut impl FnMut() -> f64) -> Vec<Effect> {
        if close::reconnects(code) {
            return self.retry(now, chance);
        }
        match code {
            close::REVOKED => self.ask_sign_in(),
            close::LIMIT => self.end(
                now,
                "Too many pages of this account are open. Close some, then reload this one.",
            ),
            close::VERSION => {
                self.end(now, "The gateway speaks a newer version. Reload this page.")
            }
            close::MALFORMED => self.end(
                now,
                "The gateway could not read what this page sent. Reload this page.",
            ),
            _ => self.end(now, "The gateway ended the feed. Reload this page."),
        }
    }

    fn request_failed(
        &mut self,
        failure: Failure,
        now: i64,
        chance: &mut impl FnMut() -> f64,
    ) -> Vec<Effect> {
        match failure {
            Failure::SignedOut => self.ask_sign_in(),
            Failure::Forbidden => self.end(
                now,
                "This account may not see the board. Sign in with another one.",
            ),
            Failure::Passing => self.retry(now, chance),
        }
    }

    /// Thirty seconds of health make up for all failures of before.
    fn forgive(&mut self, now: i64) {
        if let Phase::Live { since } = self.phase
            && now - since >= HEALTHY_AFTER_MS
        {
            self.failures = 0;
        }
    }

    fn begin(&mut self, now: i64) -> Vec<Effect> {
        self.attempt += 1;
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
        let mut effects = vec![Effect::CloseSocket];
        effects.extend(self.begin(now));
        effects
    }

    fn retry(&mut self, now: i64, chance: &mut impl FnMut() -> f64) -> Vec<Effect> {
        self.wait(now + backoff::delay_ms(self.failures, chance()))
    }

    fn wait(&mut self, until: i64) -> Vec<Effect> {
        self.failures = self.failures.saturating_add(1);
        self.attempt += 1;
        self.phase = Phase::Waiting { until };
        vec![Effect::CloseSocket]
    }

    fn end(&mut self, now: i64, reason: &str) -> Vec<Effect> {
        self.attempt += 1;
        self.failures = self.failures.saturating_add(1);
        self.phase = Phase::Ended {
            until: now + FINAL_RETRY_MS,
            reason: reason.to_owned(),
        };
        vec![Effect::CloseSocket]
    }

    /// Whoever signs in next may see other things, so the state is read again.
    fn stop(&mut self) -> Vec<Effect> {
        let last_frame_at = self.last_frame_at;
        *self = Self {
            attempt: self.attempt + 1,
            last_frame_at,
            ..Self::default()
        };
        vec![Effect::CloseSocket]
    }

    fn ask_sign_in(&mut self) -> Vec<Effect> {
        let mut effects = self.stop();
        effects.push(Effect::AskSignIn);
        effects
    }
}

/// A server's wish in milliseconds, but never more than a minute: what it asks for may be nonsense.
fn capped_ms(wish: u64) -> i64 {
    i64::try_from(wish.min(60_000)).unwrap_or(60_000)
}
