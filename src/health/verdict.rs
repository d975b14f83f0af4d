//! The page's title is the verdict. It never says that all is well while anything is unknown.

use watchfloor_wire::status::Status;

use super::board::Board;
use crate::ui::format::count_of;

/// The title: `1 product down, 1 without readings, 1 degraded`.
#[must_use]
pub fn verdict(board: &Board, is_loaded: bool, is_stale: bool) -> String {
    if !is_loaded {
        return "Waiting for the first readings".to_owned();
    }
    if board.products.is_empty() {
        return "No products are watched yet".to_owned();
    }
    let said = if is_stale { "Last known: " } else { "" };
    let worst = said_of_products(board);
    if worst.is_empty() {
        let all = count_of(board.products.len(), "product", "products");
        return format!("{said}{all} OK");
    }
    format!("{said}{}", worst.join(", "))
}

fn said_of_products(board: &Board) -> Vec<String> {
    let mut parts = Vec::new();
    for (status, words) in [
        (Status::Down, "down"),
        (Status::Unknown, "without readings"),
        (Status::Degraded, "degraded"),
        (Status::Maintenance, "in maintenance"),
    ] {
        let count = board.products_in(status);
        // Planned work is worth the title only where nothing else is.
        if count == 0 || (status == Status::Maintenance && !parts.is_empty()) {
            continue;
        }
        let who = if parts.is_empty() { count_of(count, "product", "products") } else { count.to_string() };
        parts.push(format!("{who} {words}"));
    }
    parts
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::ProductId;
    use watchfloor_wire::time::UnixMs;

    use super::super::board::ProductRow;
    use super::*;

    fn board(statuses: &[Status]) -> Board {
        let row = |(number, status): (usize, &Status)| ProductRow {
            id: ProductId::from(number.to_string()),
            name: number.to_string(),
            status: *status,
            reason: String::new(),
            since: UnixMs(0),
            maintenance_until: None,
            last_known: None,
            checks: 1,
        };
        Board {
            products: statuses.iter().enumerate().map(row).collect(),
            checks: Vec::new(),
        }
    }

    #[test]
    fn the_title_says_the_worst_first() {
        use Status::{Degraded, Down, Maintenance, Ok, Unknown};
        let it = board(&[Down, Unknown, Degraded, Maintenance, Ok]);
        assert_eq!(verdict(&it, true, false), "1 product down, 1 without readings, 1 degraded");
        assert_eq!(verdict(&board(&[Ok, Ok]), true, false), "2 products OK");
        assert_eq!(verdict(&board(&[Ok, Maintenance]), true, false), "1 product in maintenance");
    }

    #[test]
    fn nothing_is_never_all_well() {
        assert_eq!(verdict(&board(&[]), true, false), "No products are watched yet");
        assert_eq!(verdict(&board(&[Status::Ok]), false, false), "Waiting for the first readings");
        assert_eq!(verdict(&board(&[Status::Ok]), true, true), "Last known: 1 product OK");
    }
}
