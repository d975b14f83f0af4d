//! An alert as people see it, brought in line with where it stands.

use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::entity::{Key, Kind};
use watchfloor_wire::id::CheckId;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use super::alert::{Reading, Standing};
use super::rule::{Judgement, RuleSpec};
use super::{AlertRecord, Evaluator, News, Output};

/// The text of an alert that goes on is brought up to date at most this often, in milliseconds.
const REWORD_EVERY_MS: i64 = 5_000;

impl Evaluator {
    /// Shows the alert of a rule as it stands now.
    pub(super) fn show(
        &mut self,
        index: usize,
        rule: &RuleSpec,
        standing: Standing,
        judgement: Judgement,
        now: UnixMs,
        out: &mut Output,
    ) {
        let state = self.alert(&rule.fingerprint).map(|it| it.state);
        let lasting = state.filter(|it| *it != AlertState::Resolved);
        match (lasting, standing) {
            (None, Standing::Calm) => {}
            (Some(AlertState::Firing), Standing::Calm | Standing::Pending(_)) => {
                self.end(rule, now, out);
            }
            (Some(_), Standing::Calm) => self.drop_alert(rule, out),
            (None, Standing::Pending(level) | Standing::Firing(level))
            | (Some(AlertState::Pending), Standing::Firing(level)) => {
                self.begin(rule, (standing, level), judgement, now, out);
            }
            (Some(_), Standing::Pending(level) | Standing::Firing(level)) => {
                self.go_on(rule, level, judgement, now, out);
            }
        }
        self.mark(index, rule, judgement, now, out);
    }

    fn begin(
        &mut self,
        rule: &RuleSpec,
        (standing, level): (Standing, usize),
        judgement: Judgement,
        now: UnixMs,
        out: &mut Output,
    ) {
        let state = if standing.firing().is_some() {
            AlertState::Firing
        } else {
            AlertState::Pending
        };
        let pending_since = self
            .alert(&rule.fingerprint)
            .filter(|it| it.state == AlertState::Pending)
            .map(|it| it.since);
        let spec = rule.level(level);
        let alert = Alert {
            fingerprint: rule.fingerprint.clone(),
            product: rule.product.clone(),
            check: Some(rule.check.clone()),
            rule: rule.config.name.clone(),
            severity: spec.severity,
            state,
            summary: rule.summary(spec, judgement.value, self.own_reason(&rule.check)),
            value: judgement.value.and_then(|it| rule.measurement(it)),
            threshold: spec.threshold,
            since: pending_since.unwrap_or(now),
            firing_since: (state == AlertState::Firing).then_some(now),
            runbook_url: rule.config.runbook.clone(),
            incident: None,
            labels: rule.config.labels.clone(),
            owner: rule.config.owner.clone(),
            no_data_since: None,
            clear_since: None,
            flapping: None,
            turned_at: Vec::new(),
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

    /// An alert that lasts: its severity follows its level, its number is brought up to date, not more often than
    /// people can read.
    fn go_on(
        &mut self,
        rule: &RuleSpec,
        level: usize,
        judgement: Judgement,
        now: UnixMs,
        out: &mut Output,
    ) {
        let Some(shown) = self.alerts.get(&rule.fingerprint) else {
            return;
        };
        let spec = rule.level(level);
        let turns = spec.severity != shown.entity.severity;
        let rises = spec.severity < shown.entity.severity;
        let is_due = now.since_ms(shown.touched_at) >= REWORD_EVERY_MS;
        let says_more = is_due && says_more(judgement, level);
        if !turns && !says_more {
            return;
        }
        let summary = rule.summary(spec, judgement.value, self.own_reason(&rule.check));
        let Some(record) = self.alerts.get_mut(&rule.fingerprint) else {
            return;
        };
        let alert = &mut record.entity;
        if !turns && alert.summary == summary {
            return;
        }
        alert.severity = spec.severity;
        alert.threshold = spec.threshold;
        alert.summary = summary;
        alert.value = judgement.value.and_then(|it| rule.measurement(it));
        record.touched_at = now;
        let key = Key::new(Kind::Alert, &rule.fingerprint);
        if turns {
            out.dirty.urgent(key);
        } else {
            out.dirty.quiet(key);
        }
        if rises && record.entity.state == AlertState::Firing {
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

    /// Says of an alert what is not its text: whether data comes, whether it is about to end, whether it flaps.
    fn mark(
        &mut self,
        index: usize,
        rule: &RuleSpec,
        judgement: Judgement,
        now: UnixMs,
        out: &mut Output,
    ) {
        let is_blind = judgement.is_nothing() && self.data_should_come(&rule.check, now);
        let (Some(life), Some(record)) = (
            self.lives.get(index),
            self.alerts.get_mut(&rule.fingerprint),
        ) else {
            return;
        };
        let alert = &mut record.entity;
        let lasts = alert.state != AlertState::Resolved;
        let no_data_since = (lasts && is_blind).then(|| alert.no_data_since.unwrap_or(now));
        let clear_since = life.clear_since().filter(|_| lasts);
        let turned = alert.turned_at != life.turns.at();
        let flapping = if turned || !life.turns.is_flapping() {
            life.turns.shown(&rule.flapping, now)
        } else {
            alert.flapping
        };
        if !turned
            && (alert.no_data_since, alert.clear_since, alert.flapping)
                == (no_data_since, clear_since, flapping)
        {
            return;
        }
        let news = match (alert.flapping, flapping) {
            (None, Some(_)) => Some(News::Flapping(rule.fingerprint.clone())),
            (Some(_), None) if lasts => Some(News::Calmed(rule.fingerprint.clone())),
            _ => None,
        };
        alert.no_data_since = no_data_since;
        alert.clear_since = clear_since;
        alert.flapping = flapping;
        alert.turned_at = life.turns.at().to_vec();
        out.dirty.quiet(Key::new(Kind::Alert, &rule.fingerprint));
        out.news.extend(news);
    }

    /// Whether data should come: the check had time to speak since the start, and no work on it is announced.
    fn data_should_come(&self, check: &CheckId, now: UnixMs) -> bool {
        let own = self.checks.get(check).and_then(|it| it.own_status(now));
        own != Some(Status::Maintenance) && self.data_is_due(check, now)
    }

    fn own_reason(&self, check: &CheckId) -> &str {
        self.checks
            .get(check)
            .and_then(|it| it.verdict.as_ref())
            .map_or("", |it| it.reason.as_str())
    }
}

/// Whether the text should follow: what no longer holds, or of which nothing is known, keeps its last words.
fn says_more(judgement: Judgement, level: usize) -> bool {
    matches!(
        judgement.levels.get(level),
        Some(Reading::Holds | Reading::Easing)
    )
}
