//! How many clients are connected, in all, by account and by address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

/// How many clients may be connected.
#[derive(Clone, Copy, Debug)]
pub struct SeatLimits {
    /// By one account.
    pub per_account: u64,
    /// From one address; walls in one building share theirs.
    pub per_address: u64,
    /// In all; must stay below the process's limit of open files.
    pub total: u64,
}

impl Default for SeatLimits {
    fn default() -> Self {
        Self {
            per_account: 50,
            per_address: 200,
            total: 12_000,
        }
    }
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSeat {
    /// The account's.
    Account,
    /// The address's.
    Address,
    /// The gateway's.
    Gateway,
}

impl NoSeat {
    /// In words, for the one who is refused.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Account => "too many connections of this account",
            Self::Address => "too many connections from this address",
            Self::Gateway => "too many connections to this gateway",
        }
    }

    /// The word in metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::Gateway => "gateway",
        }
    }
}

/// Counts clients.
#[derive(Debug)]
pub struct Seats {
    limits: SeatLimits,
    counts: Mutex<Counts>,
    taken: watch::Sender<u64>,
    opened: AtomicU64,
}

#[derive(Debug, Default)]
struct Counts {
    by_account: HashMap<Arc<str>, u64>,
    by_address: HashMap<IpAddr, u64>,
}

/// A client's place; given back when dropped.
#[derive(Debug)]
pub struct Seat {
    seats: Arc<Seats>,
    account: Arc<str>,
    address: Option<IpAddr>,
    /// The connection's number since the start, from 1.
    pub number: u64,
}

impl Seats {
    /// No client yet.
    #[must_use]
    pub fn new(limits: SeatLimits) -> Self {
        Self {
            limits,
            counts: Mutex::default(),
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

    /// Takes a place for an account and its address; without an address only the other limits hold.
    ///
    /// # Errors
    /// [`NoSeat`] with the limit that is reached.
    pub fn take(self: &Arc<Self>, account: &str, address: Option<IpAddr>) -> Result<Seat, NoSeat> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if self.taken() >= self.limits.total {
            return Err(NoSeat::Gateway);
        }
        let of_account = counts.by_account.get_key_value(account);
        let (account, own) =
            of_account.map_or_else(|| (account.into(), 0), |(k, n)| (Arc::clone(k), *n));
        if own >= self.limits.per_account {
            return Err(NoSeat::Account);
        }
        if let Some(address) = address {
            let here = counts.by_address.entry(address).or_default();
            if *here >= self.limits.per_address {
                return Err(NoSeat::Address);
            }
            *here += 1;
        }
        counts.by_account.insert(Arc::clone(&account), own + 1);
        self.taken.send_modify(|taken| *taken += 1);
        self.report();
        Ok(Seat {
            seats: Arc::clone(self),
            account,
            address,
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
        let mut counts = self
            .seats
            .counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        give_back(&mut counts.by_account, &self.account);
        if let Some(address) = self.address {
            give_back(&mut counts.by_address, &address);
        }
        self.seats.taken.send_modify(|taken| *taken -= 1);
        self.seats.report();
    }
}

/// Counts one less; nobody is remembered who has nothing.
fn give_back<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, u64>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NoSeat, Seat, SeatLimits, Seats};
    use std::sync::Arc;

    fn take(seats: &Arc<Seats>, account: &str, last: u8) -> Result<Seat, NoSeat> {
        seats.take(account, Some([10, 0, 0, last].into()))
    }

    #[test]
    fn limits_hold_by_account_by_address_and_in_all_and_places_come_back() {
        let seats = Arc::new(Seats::new(SeatLimits {
            per_account: 2,
            per_address: 2,
            total: 3,
        }));
        let first = take(&seats, "ann", 1).unwrap();
        let _second = take(&seats, "ann", 2).unwrap();
        assert_eq!(take(&seats, "ann", 3).unwrap_err(), NoSeat::Account);
        let _third = take(&seats, "bob", 1).unwrap();
        assert_eq!(take(&seats, "cyd", 4).unwrap_err(), NoSeat::Gateway);
        drop(first);
        assert_eq!(seats.taken(), 2);
        let fourth = take(&seats, "ann", 1).unwrap();
        drop(fourth);
        let _fifth = take(&seats, "cyd", 1).unwrap();
        drop(_second);
        assert_eq!(take(&seats, "dot", 1).unwrap_err(), NoSeat::Address);
        assert!(seats.take("dot", None).is_ok());
    }

    #[test]
    fn who_is_refused_leaves_no_trace() {
        let seats = Arc::new(Seats::new(SeatLimits {
            per_account: 0,
            ..SeatLimits::default()
        }));
        assert!(take(&seats, "ann", 1).is_err());
        let counts = seats.counts.lock().unwrap();
        assert!(counts.by_account.is_empty() && counts.by_address.is_empty());
    }
}
