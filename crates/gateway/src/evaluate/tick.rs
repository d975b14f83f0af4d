//! What time alone does: results grow old, conditions have held long enough, days pass.

use std::collections::{BTreeMap, BTreeSet};

use watchfloor_wire::alert::AlertState;
use watchfloor_wire::entity::{Key, Kind};
use watchfloor_wire::id::{CheckId, ProductId};
use watchfloor_wire::status::Status;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};

use super::alert::{Life, Standing};
use super::target;
use super::{Evaluator, Output};

/// Resolved alerts stay to be seen for this long, in milliseconds.
const RESOLVED_STAY_MS: i64 = HOUR_MS;
/// Deploys stay for this long, in milliseconds.
const DEPLOYS_STAY_MS: i64 = 7 * DAY_MS;
/// Deploys kept at most.
const MAX_DEPLOYS: usize = 1_000;

/// When each regular piece of work is due next.
#[derive(Clone, Debug)]
pub(super) struct Due {
    last_tick_at: UnixMs,
    rules_at: UnixMs,
    targets_at: UnixMs,
    uptime_at: UnixMs,
    prune_at: UnixMs,
}

impl Due {
    pub(super) const fn starting_at(now: UnixMs) -> Self {
        Self {
            last_tick_at: now,
            rules_at: now,
            targets_at: now.plus_ms(target::EVERY_MS),
            uptime_at: now.plus_ms(MINUTE_MS),
            prune_at: now,
        }
    }
}

/// Whether something is due; if so it is due again `every_ms` from now.
fn comes_due(at: &mut UnixMs, every_ms: i64, now: UnixMs) -> bool {
    // The second condition is a clock that was set back.
    let due = now >= *at || at.since_ms(now) > every_ms;
    if due {
        *at = now.plus_ms(every_ms);
    }
    due
}

impl Evaluator {
    /// Does what is due at `now`. Called a few times a second; an idle call changes nothing.
    pub fn tick(&mut self, now: UnixMs, out: &mut Output) {
        if now < self.due.last_tick_at.plus_ms(-SECOND_MS) {
            self.clock_was_set_back(self.due.last_tick_at.since_ms(now), now, out);
        }
        self.due.last_tick_at = now;
        let before = self.statuses();
        self.judge_by_time(now, out);
        for check in self.checks.keys().cloned().collect::<Vec<_>>() {
            self.settle_check(&check, now, out);
        }
        self.settle_products(now, out);
        self.count_uptime(&before, now, out);
        if comes_due(&mut self.due.targets_at, target::EVERY_MS, now) {
            for (id, target) in &mut self.targets {
                if target.work_out(now) {
                    out.dirty.quiet(Key::new(Kind::Target, id));
                }
            }
        }
        if comes_due(&mut self.due.prune_at, MINUTE_MS, now) {
            self.prune(now, out);
        }
    }

    /// All rules once a second; those that wait for a time to run out at each call.
    fn judge_by_time(&mut self, now: UnixMs, out: &mut Output) {
        let all = comes_due(&mut self.due.rules_at, SECOND_MS, now);
        for index in 0..self.lives.len() {
            let waits = |life: &Life| {
                matches!(life.standing(), Standing::Pending(_)) || life.clear_since().is_some()
            };
            if all || self.lives.get(index).is_some_and(waits) {
                self.judge(index, now, out);
            }
        }
    }

    /// What each product's time counts to: its status, but for what a maintenance window covers. A check that is not
    /// well there counts as under maintenance; one that is well counts as well.
    fn statuses(&self) -> BTreeMap<ProductId, Status> {
        let mut statuses: BTreeMap<ProductId, Status> = self
            .products
            .values()
            .map(|it| (it.id.clone(), it.status))
            .collect();
        for product in self.maintained_products() {
            let checks = self.checks.iter();
            let worst = checks
                .filter(|(_, it)| it.entity.product == product)
                .map(|(id, it)| match it.entity.status {
                    Status::Ok => Status::Ok,
                    _ if self.maintained.contains_key(id) => Status::Maintenance,
                    observed => observed,
                })
                .min_by_key(|status| status.rank());
            statuses.insert(product, worst.unwrap_or(Status::Unknown));
        }
        statuses
    }

    fn maintained_products(&self) -> BTreeSet<ProductId> {
        let checks = self.maintained.keys();
        checks
            .filter_map(|id| self.checks.get(id))
            .map(|it| it.entity.product.clone())
            .collect()
    }

    /// Time since the last tick counts to the status that the product had until now.
    fn count_uptime(
        &mut self,
        before: &BTreeMap<ProductId, Status>,
        now: UnixMs,
        out: &mut Output,
    ) {
        let due = comes_due(&mut self.due.uptime_at, MINUTE_MS, now);
        let after = self.statuses();
        for (id, status) in before {
            let Some(uptime) = self.uptime.get_mut(id) else {
                continue;
            };
            uptime.look(*status, now);
            if due || after.get(id) != Some(status) {
                uptime.work_out(now);
                out.dirty.quiet(Key::new(Kind::Uptime, id));
            }
        }
    }

    /// The clock went back by `by_ms`: results stay as old as they are, also those that had passed their time, and
    /// values from the future would keep newer ones out. One that came since the clock was set, and was not looked at
    /// before, is taken for an older one; the next tells.
    pub(super) fn clock_was_set_back(&mut self, by_ms: i64, now: UnixMs, out: &mut Output) {
        for window in self.windows.values_mut() {
            window.clear();
        }
        let back = |at: UnixMs| at.plus_ms(-by_ms).min(now);
        for (id, state) in &mut self.checks {
            let check = &mut state.entity;
            if let (Some(observed_at), Some(valid_until)) = (check.observed_at, check.valid_until) {
                check.observed_at = Some(back(observed_at));
                check.valid_until =
                    Some(back(observed_at).plus_ms(valid_until.since_ms(observed_at)));
                out.dirty.quiet(Key::new(Kind::Check, id));
            }
        }
        for (id, reading) in &mut self.readings {
            let valid_ms = reading.valid_until.since_ms(reading.observed_at);
            reading.observed_at = back(reading.observed_at);
            reading.valid_until = reading.observed_at.plus_ms(valid_ms);
            out.dirty.quiet(Key::new(Kind::Reading, id));
        }
    }

    fn prune(&mut self, now: UnixMs, out: &mut Output) {
        self.alerts.retain(|id, record| {
            let over = record.entity.state == AlertState::Resolved
                && now.since_ms(record.touched_at) > RESOLVED_STAY_MS;
            if over {
                out.dirty.quiet(Key::new(Kind::Alert, id));
            }
            !over
        });
        let surplus = self.deploys.len().saturating_sub(MAX_DEPLOYS);
        let mut ages: Vec<UnixMs> = self.deploys.values().map(|it| it.at).collect();
        ages.sort_unstable();
        let oldest = match surplus.checked_sub(1) {
            Some(last) => ages[last].max(now.plus_ms(-DEPLOYS_STAY_MS)),
            None => now.plus_ms(-DEPLOYS_STAY_MS),
        };
        self.deploys.retain(|id, deploy| {
            let keep = deploy.at > oldest;
            if !keep {
                out.dirty.quiet(Key::new(Kind::Deploy, id));
            }
            keep
        });
    }

    /// How many checks have no valid result at `now`.
    #[must_use]
    pub fn checks_unknown(&self, now: UnixMs) -> usize {
        let unknown = |id: &CheckId| {
            self.checks
                .get(id)
                .is_some_and(|it| it.entity.status == Status::Unknown || it.is_overdue(now))
        };
        self.checks.keys().filter(|id| unknown(id)).count()
    }
}
