//! How often each thing may be asked for.

use std::sync::{Mutex, PoisonError};

use super::failure::Failure;
use super::rate::{Buckets, Rate};
use crate::clock::Clock;

/// The limits of the API. Each answers 429 with `Retry-After` when it is reached.
#[derive(Debug)]
pub struct Rates {
    clock: Clock,
    /// By session: walls and consoles fetch one each time they cannot resume.
    snapshots: Mutex<Buckets>,
    /// By session: each opening of a socket needs one.
    tickets: Mutex<Buckets>,
    /// By account.
    actions: Mutex<Buckets>,
    /// By address, whatever the account, besides the wait that each account has.
    sign_ins: Mutex<Buckets>,
    /// By address, and for all together.
    page_failures: Mutex<Buckets>,
    all_page_failures: Mutex<Buckets>,
    /// By address, and for all together.
    csp_reports: Mutex<Buckets>,
    all_csp_reports: Mutex<Buckets>,
    /// For all together: a report reads much.
    reports: Mutex<Buckets>,
    /// For all together: a preview reads a week of what fired.
    previews: Mutex<Buckets>,
}

impl Rates {
    /// The stated limits.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let rate = |per_minute, burst| Mutex::new(Buckets::new(Rate { per_minute, burst }));
        Self {
            clock,
            snapshots: rate(60.0, 60.0),
            tickets: rate(30.0, 30.0),
            actions: rate(30.0, 10.0),
            sign_ins: rate(30.0, 30.0),
            page_failures: rate(6.0, 6.0),
            all_page_failures: rate(60.0, 60.0),
            csp_reports: rate(20.0, 20.0),
            all_csp_reports: rate(120.0, 120.0),
            reports: rate(12.0, 6.0),
            previews: rate(120.0, 30.0),
        }
    }

    /// A snapshot for this session.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn snapshot(&self, session: &str) -> Result<(), Failure> {
        self.take(&self.snapshots, session)
    }

    /// A ticket for this session.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn ticket(&self, session: &str) -> Result<(), Failure> {
        self.take(&self.tickets, session)
    }

    /// An action of this account.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn action(&self, account: &str) -> Result<(), Failure> {
        self.take(&self.actions, account)
    }

    /// An attempt to sign in from this address.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn sign_in(&self, address: &str) -> Result<(), Failure> {
        self.take(&self.sign_ins, address)
    }

    /// A page's failure from this address.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn page_failure(&self, address: &str) -> Result<(), Failure> {
        self.take(&self.page_failures, address)?;
        self.take(&self.all_page_failures, "")
    }

    /// Reports about the content security policy from this address.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn csp_report(&self, address: &str) -> Result<(), Failure> {
        self.take(&self.csp_reports, address)?;
        self.take(&self.all_csp_reports, "")
    }

    /// A report.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn report(&self) -> Result<(), Failure> {
        self.take(&self.reports, "")
    }

    /// A preview of a silence.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn preview(&self) -> Result<(), Failure> {
        self.take(&self.previews, "")
    }

    fn take(&self, buckets: &Mutex<Buckets>, key: &str) -> Result<(), Failure> {
        let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets
            .take(key, self.clock.monotonic_ms())
            .map_err(Failure::too_many)
    }
}
