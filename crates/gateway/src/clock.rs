//! The one place where time comes from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use watchfloor_wire::time::UnixMs;

use crate::machine_clock::MachineClock;

/// Where time comes from; cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Inner);

#[derive(Clone, Debug)]
enum Inner {
    System {
        started: Instant,
    },
    Manual {
        now_ms: Arc<AtomicI64>,
        monotonic_ms: Arc<AtomicI64>,
    },
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Inner::System {
            started: Instant::now(),
        })
    }

    /// A clock that stands at `now` until [`Self::advance_ms`] moves it, for tests and simulation.
    #[must_use]
    pub fn manual(now: UnixMs) -> Self {
        Self(Inner::Manual {
            now_ms: Arc::new(AtomicI64::new(now.0)),
            monotonic_ms: Arc::new(AtomicI64::new(now.0)),
        })
    }

    /// The time now, UTC. Steps with the machine's clock.
    #[must_use]
    pub fn now(&self) -> UnixMs {
        match &self.0 {
            Inner::System { .. } => {
                let since_epoch = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                UnixMs(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
            }
            Inner::Manual { now_ms, .. } => UnixMs(now_ms.load(Ordering::SeqCst)),
        }
    }

    /// Milliseconds that only ever grow, for measuring how long something took.
    #[must_use]
    pub fn monotonic_ms(&self) -> i64 {
        match &self.0 {
            Inner::System { started } => {
                i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX)
            }
            Inner::Manual { monotonic_ms, .. } => monotonic_ms.load(Ordering::SeqCst),
        }
    }

    /// Where the wall clock stands against the machine's own time; `None` where the system does not tell.
    #[must_use]
    pub fn machine(&self) -> Option<MachineClock> {
        match &self.0 {
            Inner::System { .. } => MachineClock::read(self.now()),
            Inner::Manual { .. } => Some(MachineClock {
                boot: "manual".to_owned(),
                ahead_ms: self.now().0.saturating_sub(self.monotonic_ms()),
            }),
        }
    }

    /// Moves a manual clock; the machine's clock stays as it is.
    pub fn advance_ms(&self, ms: i64) {
        if let Inner::Manual {
            now_ms,
            monotonic_ms,
        } = &self.0
        {
            now_ms.fetch_add(ms, Ordering::SeqCst);
            monotonic_ms.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Sets the time of a manual clock forward or back, as somebody sets a wall clock: [`Self::monotonic_ms`]
    /// goes on as before. The machine's clock stays as it is.
    pub fn set_forward_ms(&self, ms: i64) {
        if let Inner::Manual { now_ms, .. } = &self.0 {
            now_ms.fetch_add(ms, Ordering::SeqCst);
        }
    }
}
