//! The board as text: what the overview says, for a terminal. Worst first, one line a check that is not OK.

use std::fmt::Write as _;

use watchfloor_wire::check::Check;
use watchfloor_wire::freshness::{Rollup, reason, rollup, since, status_at};
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::product::Product;
use watchfloor_wire::snapshot::Snapshot;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};

use super::export::one_line;
use crate::instant::rfc3339;

/// Writes the board as it stands at `now`.
#[must_use]
pub fn board_text(snapshot: &Snapshot, now: UnixMs) -> String {
    let mut text = String::new();
    let mut rows: Vec<(&Product, Rollup)> = snapshot
        .products
        .iter()
        .map(|product| (product, roll_up(snapshot, product, now)))
        .collect();
    // Stable: among equals the configured order stays.
    rows.sort_by_key(|(_, rollup)| rollup.status.rank());
    let _infallible = writeln!(text, "Watchfloor at {}: {}", rfc3339(now), summary(&rows));
    for (product, rollup) in &rows {
        write_product(&mut text, snapshot, product, rollup, now);
    }
    write_incidents(&mut text, snapshot, now);
    text
}

fn roll_up(snapshot: &Snapshot, product: &Product, now: UnixMs) -> Rollup {
    let checks = snapshot.checks.iter().filter(|it| it.product == product.id);
    rollup(product, checks, now)
}

fn summary(rows: &[(&Product, Rollup)]) -> String {
    if rows.is_empty() {
        return "no products configured".to_owned();
    }
    let counts = Status::WORST_FIRST.into_iter().filter_map(|status| {
        let count = rows.iter().filter(|(_, it)| it.status == status).count();
        (count > 0).then(|| format!("{count} {}", status.word()))
    });
    counts.collect::<Vec<_>>().join(", ")
}

fn write_product(
    text: &mut String,
    snapshot: &Snapshot,
    product: &Product,
    rollup: &Rollup,
    now: UnixMs,
) {
    let _infallible = writeln!(
        text,
        "\n{:12} {}  {} (for {})",
        rollup.status.word().to_uppercase(),
        one_line(&product.name),
        one_line(&rollup.reason),
        span(now.since_ms(rollup.since))
    );
    let checks = snapshot.checks.iter().filter(|it| it.product == product.id);
    for check in checks {
        write_check(text, check, now);
    }
}

fn write_check(text: &mut String, check: &Check, now: UnixMs) {
    let status = status_at(check, now);
    if status == Status::Ok {
        return;
    }
    let _infallible = writeln!(
        text,
        "  {:12} {} (for {})",
        status.word(),
        one_line(&reason(check, status)),
        span(now.since_ms(since(check, status)))
    );
}

fn write_incidents(text: &mut String, snapshot: &Snapshot, now: UnixMs) {
    let mut open: Vec<&Incident> = snapshot
        .incidents
        .iter()
        .filter(|it| it.status != IncidentStatus::Resolved)
        .collect();
    open.sort_by_key(|it| (it.priority, it.opened_at));
    if open.is_empty() {
        text.push_str("\nNo open incidents.\n");
        return;
    }
    let _infallible = writeln!(text, "\nOpen incidents: {}", open.len());
    for it in open {
        let owner = it.lease.as_ref().map_or_else(
            || it.status.word().to_owned(),
            |lease| format!("{} has it", one_line(&lease.owner_name)),
        );
        let _infallible = writeln!(
            text,
            "  {} {} {}: {} ({owner}, open for {})",
            it.id,
            it.priority,
            it.product,
            one_line(&it.title),
            span(now.since_ms(it.opened_at))
        );
    }
}

/// A span in its two largest units, rounded down.
fn span(ms: i64) -> String {
    let ms = ms.max(0);
    match ms {
        _ if ms < MINUTE_MS => format!("{} s", ms / SECOND_MS),
        _ if ms < HOUR_MS => format!("{} min {} s", ms / MINUTE_MS, ms % MINUTE_MS / SECOND_MS),
        _ if ms < 2 * DAY_MS => format!("{} h {} min", ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS),
        _ => format!("{} days", ms / DAY_MS),
    }
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::{CheckId, ProductId};

    use super::*;

    fn snapshot() -> Snapshot {
        let mut it = Snapshot::empty("e".to_owned(), 1, UnixMs(0), String::new());
        for (id, status, reason) in [
            ("calm", Status::Ok, ""),
            ("sick", Status::Down, "no answer within 5 s\u{1b}[2J"),
        ] {
            it.products.push(Product {
                id: ProductId::from(id),
                name: id.to_uppercase(),
                status,
                reason: String::new(),
                since: UnixMs(0),
                maintenance_until: None,
                acknowledge: None,
                charts: Vec::new(),
            });
            it.checks.push(Check {
                id: CheckId::from(format!("{id}.api")),
                product: ProductId::from(id),
                name: "API".to_owned(),
                status,
                reason: reason.to_owned(),
                since: UnixMs(0),
                observed_at: Some(UnixMs(0)),
                valid_until: Some(UnixMs(100_000)),
                interval_ms: 10_000,
                value: None,
                series: None,
                last_known: None,
            });
        }
        it
    }

    #[test]
    fn the_worst_product_comes_first_and_hostile_text_stays_text() {
        let text = board_text(&snapshot(), UnixMs(65_000));
        assert!(text.starts_with("Watchfloor at 1970-01-01T00:01:05.000Z: 1 Down, 1 OK\n"));
        assert!(text.find("SICK") < text.find("CALM"));
        assert!(text.contains("API: no answer within 5 s\u{fffd}[2J (for 1 min 5 s)"));
        assert!(!text.contains('\u{1b}'));
        assert!(text.ends_with("No open incidents.\n"));
    }

    #[test]
    fn what_is_overdue_is_unknown_not_ok() {
        let text = board_text(&snapshot(), UnixMs(100_001));
        assert!(text.contains("2 Unknown"));
        assert!(!text.contains("OK"));
    }

    #[test]
    fn spans_round_down() {
        for (ms, text) in [
            (-5, "0 s"),
            (59_999, "59 s"),
            (60_000, "1 min 0 s"),
            (HOUR_MS - 1, "59 min 59 s"),
            (HOUR_MS, "1 h 0 min"),
            (2 * DAY_MS, "2 days"),
        ] {
            assert_eq!(span(ms), text);
        }
    }
}
