//! How many clients are connected, in all and by account.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

/// How many clients may be connected.
#[derive(Clone, Copy, Debug)]
pub struct SeatLimits {
    /// By one account.
    pub per_account: u64,
    /// In all; must stay below the process's limit of open files.
    pub total: u64,
}

impl Default for SeatLimits {
    fn default() -> Self {
        Self {
            per_account: 50,
            total: 12_000,
        }
    }
}

/// Counts clients.
#[derive(Debug)]
pub struct Seats {
    limits: SeatLimits,
    by_account: Mutex<HashMap<String, u64>>,
    taken: watch::Sender<u64>,
    opened: AtomicU64,
}

/// A client's place; given back when dropped.
#[derive(Debug)]
pub struct Seat {
    seats: Arc<Seats>,
    account: String,
    /// The connection's number since the start, from 1.
    pub number: u64,
}

impl Seats {
    /// No client yet.
    #[must_use]
    pub fn new(limits: SeatLimits) -> Self {
        Self {
            limits,
            by_account: Mutex::default(),
            taken: watch::Sender::new(0),
            opened: AtomicU64::new(0),
        }
    }

    /// How many clients are connected.
    #[must_use]
    pub fn taken(&self) -> u64 {
        *self.taken.borrow()
    }

    /// Watches how many clients are connected.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.taken.subscribe()
    }

    /// Takes a place for `account`; `None` when the account or the process has no more.
    #[must_use]
    pub fn take(self: &Arc<Self>, account: &str) -> Option<Seat> {
        let mut by_account = self
            .by_account
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let own = by_account.get(account).copied().unwrap_or(0);
        if own >= self.limits.per_account || self.taken() >= self.limits.total {
            return None;
        }
        by_account.insert(account.to_owned(), own + 1);
        self.taken.send_modify(|taken| *taken += 1);
        self.report();
        Some(Seat {
            seats: Arc::clone(self),
            account: account.to_owned(),
            number: self.opened.fetch_add(1, Ordering::Relaxed) + 1,
        })
    }

    fn report(&self) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "there are at most some thousands"
        )]
        metrics::gauge!("watchfloor_feed_clients").set(self.taken() as f64);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut by_account = self
            .seats
            .by_account
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = by_account.get_mut(&self.account) {
            *own -= 1;
            if *own == 0 {
                by_account.remove(&self.account);
            }
        }
        self.seats.taken.send_modify(|taken| *taken -= 1);
        self.seats.report();
    }
}

#[cfg(test)]
mod tests {
    use super::{SeatLimits, Seats};
    use std::sync::Arc;

    #[test]
    fn limits_hold_by_account_and_in_all_and_places_come_back() {
        let seats = Arc::new(Seats::new(SeatLimits {
            per_account: 2,
            total: 3,
        }));
        let first = seats.take("ann");
        let second = seats.take("ann");
        assert!(first.is_some() && second.is_some());
        assert!(seats.take("ann").is_none());
        let third = seats.take("bob");
        assert!(third.is_some());
        assert!(seats.take("cyd").is_none());
        drop(first);
        assert_eq!(seats.taken(), 2);
        assert!(seats.take("ann").is_some());
    }
}
