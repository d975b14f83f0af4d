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

/// Marks a result as one whose age nobody knows, and which is therefore unknown until a newer one comes.
pub const fn doubt(check: &mut Check) {
    check.valid_until = None;
}

/// Whether a result must be [doubted](doubt) at `now`, when the gateway's clock has just been set back from `before`:
/// what had passed its time must not look valid again, and what lies in the future must not become valid later.
#[must_use]
pub fn is_doubtful(check: &Check, before: UnixMs, now: UnixMs) -> bool {
    let had_passed = check
        .valid_until
        .is_some_and(|until| now <= until && until < before);
    had_passed || is_from_the_future(check, now)
}

/// What to keep of a check that arrives at `now`, where `held` was kept of it before: a result that is doubted stays so
/// however often it is told again.
#[must_use]
pub fn received(held: Option<&Check>, mut arrived: Check, now: UnixMs) -> Check {
    let is_told_again = held
        .is_some_and(|held| held.valid_until.is_none() && held.observed_at == arrived.observed_at);
    if is_told_again || is_from_the_future(&arrived, now) {
        doubt(&mut arrived);
    }
    arrived
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

    #[test]
    fn what_had_passed_its_time_is_doubted_when_the_clock_goes_back() {
        // Observed at 50, valid until 100.
        let result = check("a", Status::Ok, Some(100));
        for (before, now, doubtful) in [
            (101, 100, true),
            (101, 60, true),
            // It had not passed its time.
            (100, 60, false),
            // It still has.
            (300, 101, false),
            // It lies in the future, but no further than it is valid.
            (90, 0, false),
            (90, -1, true),
        ] {
            let found = is_doubtful(&result, UnixMs(before), UnixMs(now));
            assert_eq!(found, doubtful, "from {before} to {now}");
        }
        assert!(!is_doubtful(
            &check("a", Status::Unknown, None),
            UnixMs(9),
            UnixMs(1)
        ));
    }

    #[test]
    fn a_doubted_result_that_is_told_again_stays_doubted_until_a_newer_one_comes() {
        let result = check("a", Status::Ok, Some(100));
        let from_the_future = received(None, result.clone(), UnixMs(-1));
        assert_eq!(status_at(&from_the_future, UnixMs(60)), Status::Unknown);

        let again = received(Some(&from_the_future), result.clone(), UnixMs(60));
        assert_eq!(status_at(&again, UnixMs(60)), Status::Unknown);
        assert!(is_overdue(&again, UnixMs(60)));

        let mut newer = result.clone();
        newer.observed_at = Some(UnixMs(55));
        let newer = received(Some(&again), newer, UnixMs(60));
        assert_eq!(status_at(&newer, UnixMs(60)), Status::Ok);

        let usual = received(Some(&result), result.clone(), UnixMs(60));
        assert_eq!(usual, result);
    }

    #[test]
    fn the_first_result_of_a_check_without_one_is_believed() {
        let never = check("a", Status::Unknown, None);
        let first = received(Some(&never), check("a", Status::Ok, Some(100)), UnixMs(60));
        assert_eq!(status_at(&first, UnixMs(60)), Status::Ok);
    }
}
