//! Rules become alerts, alerts become statuses.

use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::entity::{Key, Kind};
use watchfloor_wire::id::CheckId;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::alert::{Reading, Step, step};
use super::check::{Raised, Settled};
use super::rule::{Condition, RuleSpec};
use super::{AlertRecord, Evaluator, News, Output};

/// The text of an alert that goes on is brought up to date at most this often, in milliseconds.
const REWORD_EVERY_MS: i64 = 5_000;

impl Evaluator {
    /// Judges all rules of a check.
    pub(super) fn judge_check(&mut self, check: &CheckId, now: UnixMs, out: &mut Output) {
        let Some(rules) = self.rules_of.get(check) else {
            return;
        };
        for index in rules.clone() {
            self.judge(index, now, out);
        }
    }

    /// Judges one rule; true when its alert changed.
    pub(super) fn judge(&mut self, index: usize, now: UnixMs, out: &mut Output) -> bool {
        let Some(rule) = self.catalogue.rules.get(index).cloned() else {
            return false;
        };
        let reading = self.read(&rule, now);
        let before = self.alerts.get(&rule.fingerprint).map(|it| &it.entity);
        let state = before.map(|it| it.state);
        let held_ms = before.map_or(0, |it| now.since_ms(it.since));
        match step(state, held_ms, rule.hold_ms, reading) {
            Step::Stay if self.is_lost(&rule, state, reading, now) => {
                self.drop_alert(&rule, out);
            }
            Step::Stay => return self.reword(&rule, reading, now, out),
            Step::Begin => self.begin(&rule, AlertState::Pending, reading, now, out),
            Step::Fire => self.begin(&rule, AlertState::Firing, reading, now, out),
            Step::Drop => self.drop_alert(&rule, out),
            Step::Resolve => self.end(&rule, now, out),
        }
        true
    }

    fn read(&self, rule: &RuleSpec, now: UnixMs) -> Reading {
        let Some(check) = self.checks.get(&rule.check) else {
            return Reading::Nothing;
        };
        let own = check.own_status(now);
        let reading = match &rule.condition {
            Condition::Verdict(status) => match self.verdict(&rule.check, own, now) {
                None => Reading::Nothing,
                Some(own) if own == *status => Reading::Holds(None),
                Some(_) => Reading::Clear,
            },
            Condition::Limit(limit) => self
                .windows
                .get(&limit.series)
                .map_or(Reading::Nothing, |window| limit.read(window, now)),
            Condition::Absent {
                series, window_ms, ..
            } => match self.windows.get(series) {
                Some(window) if window.has_value(*window_ms, now) => Reading::Clear,
                _ if now.since_ms(self.started_at) < *window_ms => Reading::Nothing,
                _ => Reading::Holds(None),
            },
        };
        // Work was announced: it begins no alerts, and ends none.
        if own == Some(Status::Maintenance) && reading != Reading::Clear {
            return Reading::Nothing;
        }
        reading
    }

    /// The check's own verdict. After a start its source is given one validity's time to speak.
    fn verdict(&self, check: &CheckId, own: Option<Status>, now: UnixMs) -> Option<Status> {
        if own.is_some() {
            return own;
        }
        let validity_ms = self.catalogue.checks.get(check)?.validity_ms;
        (now.since_ms(self.started_at) > validity_ms).then_some(Status::Unknown)
    }

    /// A pending alert whose data is gone for good cannot be shown to hold.
    fn is_lost(
        &self,
        rule: &RuleSpec,
        state: Option<AlertState>,
        reading: Reading,
        now: UnixMs,
    ) -> bool {
        let validity_ms = self
            .catalogue
            .checks
            .get(&rule.check)
            .map_or(0, |it| it.validity_ms);
        state == Some(AlertState::Pending)
            && reading == Reading::Nothing
            && now.since_ms(self.started_at) > validity_ms
    }

    fn begin(
        &mut self,
        rule: &RuleSpec,
        state: AlertState,
        reading: Reading,
        now: UnixMs,
        out: &mut Output,
    ) {
        let value = number(reading);
        let pending_since = self
            .alert(&rule.fingerprint)
            .filter(|it| it.state == AlertState::Pending)
            .map(|it| it.since);
        let alert = Alert {
            fingerprint: rule.fingerprint.clone(),
            product: rule.product.clone(),
            check: Some(rule.check.clone()),
            rule: rule.name.clone(),
            severity: rule.severity,
            state,
            summary: rule.summary(value, self.own_reason(&rule.check)),
            value: value.and_then(|value| rule.measurement(value)),
            threshold: rule.threshold(),
            since: pending_since.unwrap_or(now),
            firing_since: (state == AlertState::Firing).then_some(now),
            runbook_url: rule.runbook.clone(),
            incident: None,
        };
        let record = AlertRecord {
            entity: alert,
            touched_at: now,
        };
        self.alerts.insert(rule.fingerprint.clone(), record);
        out.dirty.urgent(Key::new(Kind::Alert, &rule.fingerprint));
        if state == AlertState::Firing {
            out.news.push(News::Fired(rule.fingerprint.clone()));
        }
    }

    fn end(&mut self, rule: &RuleSpec, now: UnixMs, out: &mut Output) {
        if let Some(record) = self.alerts.get_mut(&rule.fingerprint) {
            record.entity.state = AlertState::Resolved;
            record.touched_at = now;
            out.dirty.urgent(Key::new(Kind::Alert, &rule.fingerprint));
            out.news.push(News::Ended(rule.fingerprint.clone()));
        }
    }

    fn drop_alert(&mut self, rule: &RuleSpec, out: &mut Output) {
        self.alerts.remove(&rule.fingerprint);
        out.dirty.urgent(Key::new(Kind::Alert, &rule.fingerprint));
    }

    /// Brings the number in a lasting alert up to date, not more often than people can read.
    fn reword(&mut self, rule: &RuleSpec, reading: Reading, now: UnixMs, out: &mut Output) -> bool {
        if matches!(reading, Reading::Clear | Reading::Nothing) {
            return false;
        }
        let value = number(reading);
        let summary = rule.summary(value, self.own_reason(&rule.check));
        let Some(record) = self.alerts.get_mut(&rule.fingerprint) else {
            return false;
        };
        let lasting = record.entity.state != AlertState::Resolved;
        let due = now.since_ms(record.touched_at) >= REWORD_EVERY_MS;
        if !lasting || !due || record.entity.summary == summary {
            return false;
        }
        record.entity.summary = summary;
        record.entity.value = value.and_then(|value| rule.measurement(value));
        record.touched_at = now;
        out.dirty.quiet(Key::new(Kind::Alert, &rule.fingerprint));
        true
    }

    fn own_reason(&self, check: &CheckId) -> &str {
        self.checks
            .get(check)
            .and_then(|it| it.verdict.as_ref())
            .map_or("", |it| it.reason.as_str())
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
        let key = Key::new(Kind::Check, check);
        match state.settle(worst, now) {
            Settled::Same => {}
            Settled::Reason => {
                out.dirty.quiet(key);
                self.touched.insert(state.entity.product.clone());
            }
            Settled::Status => {
                out.dirty.urgent(key);
                self.touched.insert(state.entity.product.clone());
            }
        }
    }
}

const fn number(reading: Reading) -> Option<f64> {
    match reading {
        Reading::Holds(value) => value,
        Reading::Easing(value) => Some(value),
        Reading::Clear | Reading::Nothing => None,
    }
}
