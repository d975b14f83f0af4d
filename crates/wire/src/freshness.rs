//! What people may believe of a value, given its age. Green implies `now <= valid_until`.

use crate::check::Check;
use crate::product::Product;
use crate::status::Status;
use crate::time::UnixMs;

/// How long a result may be believed: two intervals and the probe's time-out, all in milliseconds.
#[must_use]
pub const fn validity_ms(interval_ms: i64, timeout_ms: i64) -> i64 {
    interval_ms.saturating_mul(2).saturating_add(timeout_ms)
}

/// The status of a check at `now` (the gateway's time): its status while its result is valid, else unknown.
///
/// Maintenance is announced, not observed, so it does not age. A result from further in the future than it is valid
/// says that the gateway's clock was set back since: how old it is nobody knows.
#[must_use]
pub fn status_at(check: &Check, now: UnixMs) -> Status {
    match (check.status, check.valid_until) {
        (Status::Maintenance, _) => Status::Maintenance,
        (status, Some(valid_until)) if now <= valid_until && !is_from_the_future(check, now) => {
            status
        }
        _ => Status::Unknown,
    }
}

fn is_from_the_future(check: &Check, now: UnixMs) -> bool {
    match (check.observed_at, check.valid_until) {
        (Some(observed_at), Some(valid_until)) => {
            observed_at.since_ms(now) > valid_until.since_ms(observed_at)
        }
        _ => false,
    }
}

/// Whether the check's result has passed its time at `now`.
#[must_use]
pub fn is_overdue(check: &Check, now: UnixMs) -> bool {
    check.status != Status::Maintenance && check.valid_until.is_none_or(|until| now > until)
}

/// A product's roll-up at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollup {
    /// The worst member's status.
    pub status: Status,
    /// Why, in one sentence.
    pub reason: String,
    /// Since when the member that decides has been so.
    pub since: UnixMs,
}

/// Rolls checks up to their product's status at `now`: the worst member decides, and among equals the one
/// that has been so for the longest. A product without checks is unknown, not healthy.
#[must_use]
pub fn rollup<'a>(
    product: &Product,
    checks: impl IntoIterator<Item = &'a Check>,
    now: UnixMs,
) -> Rollup {
    let members: Vec<(&Check, Status)> = checks
        .into_iter()
        .map(|check| (check, status_at(check, now)))
        .collect();
    let worst = members
        .iter()
        .min_by_key(|(check, status)| (status.rank(), since(check, *status)));
    let Some(&(check, status)) = worst else {
        return Rollup {
            status: Status::Unknown,
            reason: "No checks yet. Add one to its configuration.".to_owned(),
            since: product.since,
        };
    };
    if status == Status::Ok {
        let since = members
            .iter()
            .map(|(check, _)| check.since)
            .max()
            .unwrap_or(product.since);
        return Rollup {
            status,
            reason: all_ok(members.len()),
            since,
        };
    }
    Rollup {
        status,
        reason: reason(check, status),
        since: since(check, status),
    }
}

/// Since when the check has had this effective status.
#[must_use]
pub fn since(check: &Check, effective: Status) -> UnixMs {
    match check.valid_until {
        Some(valid_until) if effective == Status::Unknown && check.status != Status::Unknown => {
            valid_until
        }
        _ => check.since,
    }
}

/// Why the check has this effective status, in one sentence that names it.
#[must_use]
pub fn reason(check: &Check, effective: Status) -> String {
    if effective == Status::Unknown && check.status != Status::Unknown {
        return format!("{}: no reading", check.name);
    }
    if check.reason.is_empty() {
        return format!("{}: {}", check.name, effective.word());
    }
    format!("{}: {}", check.name, check.reason)
}

fn all_ok(count: usize) -> String {
    match count {
        1 => "The only service is OK".to_owned(),
        n => format!("All {n} services OK"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CheckId, ProductId};

    fn check(name: &str, status: Status, valid_until: Option<i64>) -> Check {
        Check {
            id: CheckId::from(format!("p.{name}")),
            product: ProductId::from("p"),
            name: name.to_owned(),
            status,
            reason: String::new(),
            since: UnixMs(10),
            observed_at: valid_until.map(|_| UnixMs(50)),
            valid_until: valid_until.map(UnixMs),
            interval_ms: 10_000,
            value: None,
            series: None,
            last_known: None,
        }
    }

    fn product() -> Product {
        Product {
            id: ProductId::from("p"),
            name: "P".to_owned(),
            status: Status::Unknown,
            reason: String::new(),
            since: UnixMs(0),
            maintenance_until: None,
            acknowledge: None,
            charts: Vec::new(),
        }
    }

    #[test]
    fn green_ends_with_its_validity() {
        let it = check("api", Status::Ok, Some(100));
        assert_eq!(status_at(&it, UnixMs(100)), Status::Ok);
        assert_eq!(status_at(&it, UnixMs(101)), Status::Unknown);
    }

    #[test]
    fn a_check_without_a_result_is_unknown() {
        assert_eq!(
            status_at(&check("api", Status::Ok, None), UnixMs(0)),
            Status::Unknown
        );
    }

    #[test]
    fn announced_maintenance_does_not_age() {
        let it = check("api", Status::Maintenance, Some(1));
        assert_eq!(status_at(&it, UnixMs(1_000)), Status::Maintenance);
    }

    #[test]
    fn an_overdue_member_makes_the_product_unknown_since_its_time_ran_out() {
        let checks = [
            check("api", Status::Ok, Some(200)),
            check("db", Status::Ok, Some(100)),
        ];
        let it = rollup(&product(), &checks, UnixMs(150));
        assert_eq!(it.status, Status::Unknown);
        assert_eq!(it.reason, "db: no reading");
        assert_eq!(it.since, UnixMs(100));
    }

    #[test]
    fn a_product_without_checks_is_unknown() {
        assert_eq!(rollup(&product(), &[], UnixMs(0)).status, Status::Unknown);
    }

    #[test]
    fn a_result_from_before_the_clock_was_set_back_is_unknown() {
        let mut it = check("API", Status::Ok, Some(12_000));
        it.observed_at = Some(UnixMs(0));
        assert_eq!(status_at(&it, UnixMs(-12_000)), Status::Ok);
        assert_eq!(status_at(&it, UnixMs(-12_001)), Status::Unknown);
    }
}
