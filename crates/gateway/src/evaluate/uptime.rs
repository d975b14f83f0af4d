//! Uptime by UTC day: how long a product spent in each status while it was being watched.

use watchfloor_wire::id::ProductId;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::{DAY_MS, UnixMs};
use watchfloor_wire::uptime::{DayUptime, Uptime};

/// Days kept.
const DAYS: usize = 90;
/// Days over which a promise is counted.
const BUDGET_DAYS: i64 = 30;
/// A longer silence between two looks was not watched, for example because the machine slept.
const LONGEST_LOOK_MS: i64 = 10_000;

/// A product's uptime with what is needed to continue it.
#[derive(Clone, Debug)]
pub struct UptimeState {
    /// As people see it.
    pub entity: Uptime,
    looked_at: UnixMs,
}

impl UptimeState {
    /// Begins to watch at `now`; `before` is what was known before a restart. The time between was not watched.
    #[must_use]
    pub fn new(
        product: &ProductId,
        target_ratio: Option<f64>,
        before: Option<Uptime>,
        now: UnixMs,
    ) -> Self {
        let mut entity = before.unwrap_or_else(|| Uptime {
            product: product.clone(),
            target_ratio,
            days: Vec::new(),
            budget_left_ms: None,
            observed_at: now,
        });
        entity.target_ratio = target_ratio;
        Self {
            entity,
            looked_at: now,
        }
    }

    /// Counts the time since the last look to `status`, which the product had until `now`.
    pub fn look(&mut self, status: Status, now: UnixMs) {
        let from = std::mem::replace(&mut self.looked_at, now);
        let span_ms = now.since_ms(from);
        if !(1..=LONGEST_LOOK_MS).contains(&span_ms) {
            return;
        }
        let midnight = now.start_of_day();
        if from < midnight {
            self.count(from, midnight, status);
            self.count(midnight, now, status);
        } else {
            self.count(from, now, status);
        }
    }

    fn count(&mut self, from: UnixMs, to: UnixMs, status: Status) {
        let ms = to.since_ms(from);
        let number = i32::try_from(from.0.div_euclid(DAY_MS)).unwrap_or(i32::MAX);
        let days = &mut self.entity.days;
        let place = days.partition_point(|it| it.day < number);
        if days.get(place).is_none_or(|it| it.day != number) {
            days.insert(
                place,
                DayUptime {
                    day: number,
                    ..DayUptime::default()
                },
            );
        }
        let day = &mut days[place];
        let spent = match status {
            Status::Ok => &mut day.ok_ms,
            Status::Degraded => &mut day.degraded_ms,
            Status::Down => &mut day.down_ms,
            Status::Unknown => &mut day.unknown_ms,
            Status::Maintenance => &mut day.maintenance_ms,
        };
        *spent += ms;
        let surplus = days.len().saturating_sub(DAYS);
        days.drain(..surplus);
    }

    /// Works the budget out, for telling people.
    pub fn work_out(&mut self, now: UnixMs) {
        let first = now.0.div_euclid(DAY_MS) - BUDGET_DAYS + 1;
        let down_ms: i64 = self
            .entity
            .days
            .iter()
            .filter(|it| i64::from(it.day) >= first)
            .map(|it| it.down_ms)
            .sum();
        self.entity.budget_left_ms = self
            .entity
            .target_ratio
            .map(|ratio| allowed_ms(ratio) - down_ms);
        self.entity.observed_at = now;
    }
}

/// Milliseconds of `down` that a promise leaves over [`BUDGET_DAYS`].
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "30 days of milliseconds are far below 2^52, and a ratio is between 0 and 1"
)]
fn allowed_ms(target_ratio: f64) -> i64 {
    ((1.0 - target_ratio) * (BUDGET_DAYS * DAY_MS) as f64).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(now: i64) -> UptimeState {
        UptimeState::new(&ProductId::from("p"), Some(0.999), None, UnixMs(now))
    }

    #[test]
    fn time_counts_to_the_status_it_was_spent_in() {
        let mut it = state(0);
        it.look(Status::Ok, UnixMs(250));
        it.look(Status::Down, UnixMs(350));
        it.look(Status::Unknown, UnixMs(400));
        let day = it.entity.days[0];
        assert_eq!((day.ok_ms, day.down_ms, day.unknown_ms), (250, 100, 50));
    }

    #[test]
    fn a_look_over_midnight_counts_to_both_days() {
        let mut it = state(DAY_MS - 100);
        it.look(Status::Ok, UnixMs(DAY_MS + 150));
        let days: Vec<(i32, i64)> = it.entity.days.iter().map(|d| (d.day, d.ok_ms)).collect();
        assert_eq!(days, [(0, 100), (1, 150)]);
    }

    #[test]
    fn sleep_and_a_clock_set_back_are_not_watched() {
        let mut it = state(100_000);
        it.look(Status::Ok, UnixMs(100_000 + LONGEST_LOOK_MS + 1));
        it.look(Status::Ok, UnixMs(50_000));
        assert!(it.entity.days.is_empty());
        it.look(Status::Ok, UnixMs(50_250));
        assert_eq!(it.entity.days[0].ok_ms, 250);
    }

    #[test]
    fn the_budget_is_what_the_promise_leaves_over_30_days() {
        let mut it = state(0);
        it.work_out(UnixMs(0));
        assert_eq!(it.entity.budget_left_ms, Some(2_592_000));
        it.look(Status::Down, UnixMs(1_000));
        it.work_out(UnixMs(1_000));
        assert_eq!(it.entity.budget_left_ms, Some(2_591_000));
        it.work_out(UnixMs(31 * DAY_MS));
        assert_eq!(it.entity.budget_left_ms, Some(2_592_000));
    }

    #[test]
    fn ninety_days_are_kept() {
        let mut it = state(0);
        for day in 0..100 {
            it.looked_at = UnixMs(day * DAY_MS);
            it.look(Status::Ok, UnixMs(day * DAY_MS + 10));
        }
        assert_eq!(it.entity.days.len(), DAYS);
        assert_eq!(it.entity.days[0].day, 10);
    }
}
