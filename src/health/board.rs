//! Who is how, right now: the roll-up of everything that is watched, worst first.

use leptos::prelude::*;
use watchfloor_wire::check::Check;
use watchfloor_wire::freshness::{is_overdue, rollup, since, status_at};
use watchfloor_wire::id::{CheckId, ProductId};
use watchfloor_wire::product::Product;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use crate::clock::use_clock;
use crate::rank::{Rank, sort_by_rank};
use crate::store::use_stores;

/// A product with its effective status.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductRow {
    /// The product.
    pub id: ProductId,
    /// Its name for people.
    pub name: String,
    /// The worst status of its checks at the time of the board.
    pub status: Status,
    /// Why, in one sentence.
    pub reason: String,
    /// Since when.
    pub since: UnixMs,
    /// When announced work ends.
    pub maintenance_until: Option<UnixMs>,
    /// What it was, while it is unknown.
    pub last_known: Option<Status>,
    /// How many checks it has.
    pub checks: usize,
}

/// A check with its effective status.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckRow {
    /// The check.
    pub id: CheckId,
    /// Its product.
    pub product: ProductId,
    /// Its status at the time of the board.
    pub status: Status,
    /// Since when.
    pub since: UnixMs,
}

/// Everything that is watched, worst first; among equals the one that has been so for the longest comes first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// The products.
    pub products: Vec<ProductRow>,
    /// Their checks.
    pub checks: Vec<CheckRow>,
}

impl Board {
    /// How many checks have a status.
    #[must_use]
    pub fn checks_in(&self, status: Status) -> usize {
        self.checks.iter().filter(|it| it.status == status).count()
    }

    /// How many products have a status.
    #[must_use]
    pub fn products_in(&self, status: Status) -> usize {
        self.products
            .iter()
            .filter(|it| it.status == status)
            .count()
    }

    /// One product's row.
    #[must_use]
    pub fn product(&self, id: &ProductId) -> Option<&ProductRow> {
        self.products.iter().find(|it| it.id == *id)
    }
}

/// Rolls everything up at an instant.
#[must_use]
pub fn board(products: &[Product], checks: &[Check], now: UnixMs) -> Board {
    let mut rows: Vec<ProductRow> = products
        .iter()
        .map(|it| product_row(it, checks, now))
        .collect();
    // Names break ties, so that the order of healthy products is the same every time.
    sort_by_rank(&mut rows, |it| {
        Rank::of([i64::from(it.status.rank()), it.since.0]).then(&it.name)
    });
    let mut check_rows: Vec<CheckRow> = checks.iter().map(|it| check_row(it, now)).collect();
    sort_by_rank(&mut check_rows, |it| {
        let is_ok = it.status == Status::Ok;
        let since = if is_ok { 0 } else { it.since.0 };
        Rank::of([i64::from(it.status.rank()), since]).then(&it.id.0)
    });
    Board {
        products: rows,
        checks: check_rows,
    }
}

fn product_row(product: &Product, checks: &[Check], now: UnixMs) -> ProductRow {
    let own: Vec<&Check> = checks
        .iter()
        .filter(|it| it.product == product.id)
        .collect();
    let rolled = rollup(product, own.iter().copied(), now);
    let is_gateways_word = rolled.status == product.status && !product.reason.is_empty();
    ProductRow {
        id: product.id.clone(),
        name: product.name.clone(),
        status: rolled.status,
        // The gateway knows the rule behind a status; this page knows only what it can see.
        reason: if is_gateways_word {
            product.reason.clone()
        } else {
            rolled.reason
        },
        since: if is_gateways_word {
            product.since
        } else {
            rolled.since
        },
        maintenance_until: product.maintenance_until,
        last_known: last_known(&own, now),
        checks: own.len(),
    }
}

/// What a product's unknown members were before, at worst; `None` when one of them never had a result.
fn last_known(own: &[&Check], now: UnixMs) -> Option<Status> {
    let unknown = own
        .iter()
        .filter(|it| status_at(it, now) == Status::Unknown);
    let before: Option<Vec<Status>> = unknown.map(|it| known_before(it, now)).collect();
    Status::worst(before?)
}

/// What a check was when it was last known; `None` when it never was.
#[must_use]
pub fn known_before(check: &Check, now: UnixMs) -> Option<Status> {
    if check.status != Status::Unknown && is_overdue(check, now) {
        Some(check.status)
    } else {
        check.last_known
    }
}

fn check_row(check: &Check, now: UnixMs) -> CheckRow {
    let status = status_at(check, now);
    CheckRow {
        id: check.id.clone(),
        product: check.product.clone(),
        status,
        since: since(check, status),
    }
}

/// The board, worked out once a second and whenever a product changes. A check's own change shows on its tile at
/// once; its place in the order may follow within the second.
#[must_use]
pub fn use_board() -> Memo<Board> {
    let stores = use_stores();
    let clock = use_clock();
    Memo::new(move |_| {
        stores.checks.track_ids();
        let products = stores.products.all();
        let checks = stores.checks.all_untracked();
        board(&products, &checks, clock.now())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(id: &str, status: Status) -> Product {
        Product {
            id: ProductId::from(id),
            name: id.to_owned(),
            status,
            reason: format!("{id} by the gateway"),
            since: UnixMs(1),
            maintenance_until: None,
            acknowledge: None,
            charts: Vec::new(),
        }
    }

    fn check(product: &str, name: &str, status: Status, valid_until: i64) -> Check {
        Check {
            id: CheckId::from(format!("{product}.{name}")),
            product: ProductId::from(product),
            name: name.to_owned(),
            status,
            reason: String::new(),
            since: UnixMs(1),
            observed_at: Some(UnixMs(1)),
            valid_until: Some(UnixMs(valid_until)),
            interval_ms: 10,
            value: None,
            series: None,
            last_known: None,
        }
    }

    #[test]
    fn the_worst_stands_first_and_unknown_above_degraded() {
        let products = [
            product("fine", Status::Ok),
            product("slow", Status::Degraded),
            product("silent", Status::Ok),
            product("gone", Status::Down),
        ];
        let checks = [
            check("fine", "a", Status::Ok, 100),
            check("slow", "a", Status::Degraded, 100),
            check("silent", "a", Status::Ok, 10),
            check("gone", "a", Status::Down, 100),
        ];
        let it = board(&products, &checks, UnixMs(50));
        let order: Vec<&str> = it.products.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(order, ["gone", "silent", "slow", "fine"]);
    }

    #[test]
    fn an_overdue_product_is_unknown_by_this_pages_own_clock() {
        let products = [product("p", Status::Ok)];
        let checks = [check("p", "api", Status::Ok, 10)];
        let it = board(&products, &checks, UnixMs(50));
        assert_eq!(it.products[0].status, Status::Unknown);
        assert_eq!(it.products[0].reason, "api: no reading");
        assert_eq!(it.products[0].last_known, Some(Status::Ok));
    }

    #[test]
    fn the_gateways_reason_is_used_while_its_status_holds() {
        let products = [product("p", Status::Down)];
        let checks = [check("p", "api", Status::Down, 100)];
        assert_eq!(
            board(&products, &checks, UnixMs(50)).products[0].reason,
            "p by the gateway"
        );
    }

    #[test]
    fn a_product_without_checks_is_unknown() {
        assert_eq!(
            board(&[product("p", Status::Ok)], &[], UnixMs(0)).products[0].status,
            Status::Unknown
        );
    }
}
