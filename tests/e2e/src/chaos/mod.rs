//! A real page behind a bad network: it says in time that it is not current, comes back in time, and then holds what
//! the gateway holds, key by key.
//!
//! Reading order: [`faults`] are the cases, [`watch`] notes inside the page what it got and what it showed and judges
//! that, [`held`] compares what it holds, [`campaign`] runs cases side by side, [`network`] is the proxy;
//! [`start`] is about a page that never got its program.

pub mod campaign;
pub mod faults;
pub mod held;
pub mod network;
mod start;
pub mod watch;

use std::time::{SystemTime, UNIX_EPOCH};

/// The promise: without a frame for this long, in seconds, the page says that it is not current.
pub const STALE_WITHIN_S: f64 = 26.0;
/// The promise: this long after the network is well, in seconds, the page is live.
pub const LIVE_WITHIN_S: f64 = 35.0;

/// Seconds since 1970 by this machine's clock, which is the page's too.
#[must_use]
pub fn unix_s() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |it| it.as_secs_f64())
}
