//! The order on the screen, which follows the wanted one slowly: nothing moves under a pointer or the focus, and
//! nothing moves more often than every five seconds.

use watchfloor_wire::time::{SECOND_MS, UnixMs};

/// How long an order stays at least, in milliseconds.
pub const ORDER_KEPT_MS: i64 = 5 * SECOND_MS;

/// An order as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The ids, in order.
    pub ids: Vec<String>,
    /// When it was last changed.
    pub changed_at: UnixMs,
}

/// The order to show next. What has gone leaves at once and what is new joins at the end at once; everything else
/// keeps its place while somebody is at it or the last change is too recent.
#[must_use]
pub fn next(shown: Option<&Shown>, wanted: Vec<String>, now: UnixMs, is_held: bool) -> Shown {
    let Some(shown) = shown else {
        return Shown {
            ids: wanted,
            changed_at: now,
        };
    };
    if shown.ids == wanted {
        return shown.clone();
    }
    let may_move = !is_held && now.since_ms(shown.changed_at) >= ORDER_KEPT_MS;
    if may_move {
        return Shown {
            ids: wanted,
            changed_at: now,
        };
    }
    let mut ids: Vec<String> = shown
        .ids
        .iter()
        .filter(|id| wanted.contains(id))
        .cloned()
        .collect();
    for id in wanted {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Shown {
        ids,
        changed_at: shown.changed_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    fn shown(text: &str) -> Shown {
        Shown {
            ids: ids(text),
            changed_at: UnixMs(0),
        }
    }

    #[test]
    fn an_order_stays_for_five_seconds() {
        assert_eq!(
            next(Some(&shown("abc")), ids("cab"), UnixMs(4_999), false),
            shown("abc")
        );
        assert_eq!(
            next(Some(&shown("abc")), ids("cab"), UnixMs(5_000), false).ids,
            ids("cab")
        );
    }

    #[test]
    fn nothing_moves_while_somebody_is_at_it() {
        assert_eq!(
            next(Some(&shown("abc")), ids("cab"), UnixMs(60_000), true),
            shown("abc")
        );
    }

    #[test]
    fn members_come_and_go_at_once() {
        assert_eq!(
            next(Some(&shown("abc")), ids("dca"), UnixMs(1), true).ids,
            ids("acd")
        );
    }
}
