//! What people see of a connection.

use watchfloor_wire::time::UnixMs;

use super::FeedState;
use super::connection::{Connection, Phase};

impl Connection {
    /// What people see; `at` turns this clock's instants into the gateway's.
    #[must_use]
    pub fn state(&self, now: i64, at: impl Fn(i64) -> UnixMs) -> FeedState {
        if let Phase::Ended { ending, .. } = self.phase {
            return FeedState::Ended { ending };
        }
        let next_at = match self.phase {
            Phase::Waiting { until } => Some(at(until)),
            _ => None,
        };
        let (Some(as_of), Some(sent_at)) = (self.fresh.as_of(), self.fresh.sent_at()) else {
            return self.first_state(next_at.unwrap_or_else(|| at(now)));
        };
        match self.phase {
            Phase::Stopped => FeedState::NotLive {
                since: at(as_of),
                retry_at: None,
            },
            _ if self.fresh.is_stale(now) => FeedState::NotLive {
                since: at(as_of),
                retry_at: next_at,
            },
            Phase::Live { .. } if self.fresh.is_late(now) => FeedState::Late {
                last_frame_at: at(as_of),
            },
            Phase::Live { .. } => FeedState::Live {
                last_frame_at: at(sent_at),
                by: self.choice.transport(),
            },
            _ if self.failures == 0 => FeedState::Connecting,
            _ => FeedState::Reconnecting {
                attempt: self.failures,
                retry_at: next_at.unwrap_or_else(|| at(now)),
                last_frame_at: Some(at(sent_at)),
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
}
