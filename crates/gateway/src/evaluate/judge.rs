//! Rules become alerts, alerts become statuses.

use std::sync::Arc;

use watchfloor_wire::alert::AlertState;
use watchfloor_wire::entity::{Key, Kind};
use watchfloor_wire::id::CheckId;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::alert::{Reading, Standing, Timing};
use super::check::{Raised, Settled};
use super::rule::{Absent, Condition, Judgement, RuleSpec};
use super::{Evaluator, Output};

impl Evaluator {
    /// Judges all rules of a check.
    pub(super) fn judge_check(&mut self, check: &CheckId, now: UnixMs, out: &mut Output) {
        let count = self.rules_of.get(check).map_or(0, Vec::len);
        for place in 0..count {
            let index = self.rules_of.get(check).and_then(|all| all.get(place));
            if let Some(index) = index.copied() {
                self.judge(index, now, out);
            }
        }
    }

    /// Judges one rule.
    pub(super) fn judge(&mut self, index: usize, now: UnixMs, out: &mut Output) {
        let Some(rule) = self.catalogue.rules.get(index) else {
            return;
        };
        let judgement = self.read(rule, now);
        let Some(life) = self.lives.get_mut(index) else {
            return;
        };
        // By far the most rules: nothing is wrong, and nothing was.
        if life.is_idle() && !judgement.holds() {
            return;
        }
        let rule = Arc::clone(rule);
        let before = life.standing();
        let timing = Timing {
            hold_ms: rule.config.hold.ms,
            keep_ms: rule.config.keep_firing_for.ms,
            is_lost: self.data_is_due(&rule.check, now),
        };
        let Some(life) = self.lives.get_mut(index) else {
            return;
        };
        let levels = life.levels.iter_mut().zip(judgement.levels);
        for (level, reading) in levels.take(rule.levels.len()) {
            *level = level.next(timing, reading, now);
        }
        let after = life.standing();
        if before.firing() != after.firing() {
            life.turns.turned(&rule.flapping, now);
        }
        life.turns.calmed(&rule.flapping, now);
        let shown = if life.turns.is_flapping() {
            self.held(&rule, after)
        } else {
            after
        };
        self.show(index, &rule, shown, judgement, now, out);
    }

    /// A flapping alert fires on, as bad as it was or as it is, whichever is worse.
    fn held(&self, rule: &RuleSpec, now: Standing) -> Standing {
        let shown = self.alert(&rule.fingerprint);
        let before = shown
            .filter(|it| it.state == AlertState::Firing)
            .map(|it| rule.level_of(it.severity));
        let worst = before.into_iter().chain(now.firing()).min();
        worst.map_or(now, Standing::Firing)
    }

    fn read(&self, rule: &RuleSpec, now: UnixMs) -> Judgement {
        let Some(check) = self.checks.get(&rule.check) else {
            return Judgement::default();
        };
        let own = check.own_status(now);
        let judgement = match &rule.condition {
            Condition::Verdict(status) => {
                Judgement::all(match self.verdict(&rule.check, own, now) {
                    None => Reading::Nothing,
                    Some(own) if own == *status => Reading::Holds,
                    Some(_) => Reading::Clear,
                })
            }
            Condition::Limit(limit) => {
                let of = limit.of.as_ref().and_then(|of| self.windows.get(of));
                let window = self.windows.get(&limit.series);
                rule.judged(limit, window.and_then(|it| limit.value(it, of, now)))
            }
            Condition::Absent(absent) => Judgement::all(self.silence(rule, absent, now)),
        };
        // Work was announced: it begins no alerts, and ends none.
        if own == Some(Status::Maintenance) && judgement.levels[0] != Reading::Clear {
            return Judgement::default();
        }
        judgement
    }

    /// Whether a series or a check was heard of in time. After a start it is given its grace to speak.
    fn silence(&self, rule: &RuleSpec, absent: &Absent, now: UnixMs) -> Reading {
        let was_heard = match &absent.series {
            Some(series) => self
                .windows
                .get(series)
                .is_some_and(|it| it.has_value(absent.window_ms, now)),
            None => self
                .checks
                .get(&rule.check)
                .and_then(|it| it.entity.observed_at)
                .is_some_and(|at| now.since_ms(at) <= absent.window_ms),
        };
        match was_heard {
            true => Reading::Clear,
            false if now.since_ms(self.started_at) < absent.grace_ms => Reading::Nothing,
            false => Reading::Holds,
        }
    }

    /// The check's own verdict. After a start its source is given one validity's time to speak.
    fn verdict(&self, check: &CheckId, own: Option<Status>, now: UnixMs) -> Option<Status> {
        own.or_else(|| self.data_is_due(check, now).then_some(Status::Unknown))
    }

    /// Whether the gateway has run for so long that a check should have spoken.
    pub(super) fn data_is_due(&self, check: &CheckId, now: UnixMs) -> bool {
        let spec = self.catalogue.checks.get(check);
        spec.is_some_and(|it| now.since_ms(self.started_at) > it.validity_ms)
    }

    /// Brings a check's status up to date with its verdict, its alerts and its age.
    pub(super) fn settle_check(&mut self, check: &CheckId, now: UnixMs, out: &mut Output) {
        let worst = self
            .rules_of
            .get(check)
            .into_iter()
            .flatten()
            .filter_map(|index| {
                let rule = self.catalogue.rules.get(*index)?;
                let alert = &self.alerts.get(&rule.fingerprint)?.entity;
                let firing = alert.state == AlertState::Firing;
                let status = alert.severity.status().filter(|_| firing)?;
                Some(Raised {
                    status,
                    summary: &alert.summary,
                    measured: alert.value.is_some(),
                })
            })
            .min_by_key(|it| (it.status.rank(), !it.measured));
        let Some(state) = self.checks.get_mut(check) else {
            return;
        };
        let key = || Key::new(Kind::Check, check);
        match state.settle(worst, now) {
            Settled::Same => {}
            Settled::Reason => {
                out.dirty.quiet(key());
                self.touched.insert(state.entity.product.clone());
            }
            Settled::Status => {
                out.dirty.urgent(key());
                self.touched.insert(state.entity.product.clone());
            }
        }
    }
}
