//! Error groups: how often, since when, and how the last half hour went.

use watchfloor_wire::error_group::ErrorGroup;
use watchfloor_wire::time::{MINUTE_MS, UnixMs};

use crate::observation::ErrorSighting;

/// Groups kept; those seen longest ago go first.
pub const MAX_GROUPS: usize = 200;
/// Minutes in the small chart.
const MINUTES: usize = 30;

/// The group after another sighting.
#[must_use]
pub fn sighted(before: Option<ErrorGroup>, seen: ErrorSighting) -> ErrorGroup {
    let mut group = before.unwrap_or_else(|| ErrorGroup {
        id: seen.group.clone(),
        product: seen.product.clone(),
        service: String::new(),
        title: String::new(),
        error_type: String::new(),
        category: String::new(),
        boundary: String::new(),
        count: 0,
        first_seen_at: seen.at,
        last_seen_at: seen.at,
        first_version: seen.version.clone(),
        per_minute: vec![0; MINUTES],
    });
    group.service = seen.service;
    group.title = seen.title;
    group.error_type = seen.error_type;
    group.category = seen.category;
    group.boundary = seen.boundary;
    group.count = group.count.saturating_add(seen.count);
    group.first_seen_at = group.first_seen_at.min(seen.at);
    count(&mut group, seen.at, seen.count);
    group
}

fn count(group: &mut ErrorGroup, at: UnixMs, events: u64) {
    let minute = |at: UnixMs| at.0.div_euclid(MINUTE_MS);
    let per_minute = &mut group.per_minute;
    per_minute.resize(MINUTES, 0);
    let moved = minute(at) - minute(group.last_seen_at);
    let forward = usize::try_from(moved).unwrap_or(0).min(MINUTES);
    per_minute.rotate_left(forward % MINUTES);
    per_minute[MINUTES - forward..].fill(0);
    let back = usize::try_from(-moved).unwrap_or(0);
    if let Some(place) = (MINUTES - 1).checked_sub(back) {
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        per_minute[place] = per_minute[place].saturating_add(events);
    }
    group.last_seen_at = group.last_seen_at.max(at);
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::id::{ErrorGroupId, ProductId};

    fn sighting(at: i64, count: u64) -> ErrorSighting {
        ErrorSighting {
            group: ErrorGroupId::from("g"),
            product: ProductId::from("p"),
            service: String::new(),
            title: "pool timeout".to_owned(),
            error_type: "PoolTimeout".to_owned(),
            category: String::new(),
            boundary: String::new(),
            version: Some("v1".to_owned()),
            at: UnixMs(at),
            count,
        }
    }

    #[test]
    fn minutes_shift_with_time() {
        let first = sighted(None, sighting(0, 2));
        let second = sighted(Some(first), sighting(2 * MINUTE_MS, 3));
        assert_eq!(second.per_minute[27..], [2, 0, 3]);
        let late = sighted(Some(second), sighting(MINUTE_MS, 1));
        assert_eq!(late.per_minute[27..], [2, 1, 3]);
        assert_eq!(late.last_seen_at, UnixMs(2 * MINUTE_MS));
        assert_eq!(late.count, 6);
    }

    #[test]
    fn half_an_hour_later_only_the_new_minute_counts() {
        for minutes in [29, 30, 31, 500] {
            let first = sighted(None, sighting(0, 2));
            let later = sighted(Some(first), sighting(minutes * MINUTE_MS, 1));
            let sum: u32 = later.per_minute.iter().sum();
            assert_eq!(sum, if minutes < 30 { 3 } else { 1 }, "{minutes}");
            assert_eq!(later.per_minute.len(), MINUTES);
        }
    }

    #[test]
    fn a_very_old_event_counts_but_is_not_drawn() {
        let first = sighted(None, sighting(100 * MINUTE_MS, 1));
        let late = sighted(Some(first), sighting(0, 5));
        assert_eq!(late.per_minute.iter().sum::<u32>(), 1);
        assert_eq!((late.count, late.first_seen_at), (6, UnixMs(0)));
    }
}
