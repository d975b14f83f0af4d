//! Causes and symptoms: one broken database is one incident, with what it brought about listed under it. Pure.
//!
//! While a cause fires, its symptoms join its incident. A symptom that came a little earlier has an incident already:
//! that one becomes the cause's, so that whoever has it keeps it. When the causes are over, what still fires gets an
//! incident of its own.

use std::collections::BTreeSet;

use serde_json::json;
use watchfloor_wire::alert::Alert;
use watchfloor_wire::id::{Fingerprint, IncidentId, SeriesId};
use watchfloor_wire::incident::{Incident, IncidentStatus, Symptom, TimelineKind};
use watchfloor_wire::time::UnixMs;

use super::action::resolve;
use super::log::Log;
use super::{Desk, ends_by_itself, is_open, raise};
use crate::config::ProductConfig;
use crate::config::inhibit::InhibitConfig;

/// Symptoms listed in one incident at most; those that ended go first.
const MAX_SYMPTOMS: usize = 100;

/// An alert that another one brings about, under one of these rules.
fn brings_about(rules: &[InhibitConfig], cause: &Alert, symptom: &Alert) -> bool {
    rules
        .iter()
        .any(|it| it.cause.matches(cause) && it.symptom.matches(symptom))
}

/// As [`brings_about`], for a symptom that fires already when its cause begins to.
fn brought_about(rules: &[InhibitConfig], cause: &Alert, symptom: &Alert, now: UnixMs) -> bool {
    let age_ms = now.since_ms(symptom.firing_since.unwrap_or(symptom.since));
    rules
        .iter()
        .any(|it| it.cause.matches(cause) && it.symptom.matches(symptom) && age_ms <= it.within.ms)
}

/// The symptoms that fire.
pub(super) fn firing_symptoms(incident: &Incident) -> impl Iterator<Item = Fingerprint> {
    let firing = incident.symptoms.iter().filter(|it| it.ended_at.is_none());
    firing.map(|it| it.alert.clone())
}

fn has_symptom(incident: &Incident, alert: &Fingerprint) -> bool {
    incident
        .symptoms
        .iter()
        .any(|it| it.alert == *alert && it.ended_at.is_none())
}

impl Desk {
    /// An alert began to fire, or fires worse than before: it becomes a symptom of what brought it about, or joins
    /// the incident of its check, or opens one; and it takes over what it brought about itself. `others` are the
    /// product's other firing alerts. The answer says which alerts belong to which incident now.
    pub fn place(
        &mut self,
        alert: &Alert,
        headline: (String, Option<SeriesId>),
        others: &[&Alert],
        now: UnixMs,
        log: &mut Log,
    ) -> Vec<(Fingerprint, IncidentId)> {
        let Some(policy) = self.policies.get(&alert.product).cloned() else {
            return Vec::new();
        };
        if policy.priority_of(alert.severity).is_none() {
            return Vec::new();
        }
        let rules = &policy.inhibits;
        let is_cause_already = self.open_with(|it| it.alerts.contains(&alert.fingerprint));
        if is_cause_already.is_none() {
            let mut causes = others.iter().filter(|it| brings_about(rules, it, alert));
            let holder = self
                .open_with(|it| has_symptom(it, &alert.fingerprint))
                .or_else(|| causes.find_map(|cause| self.holder(&cause.fingerprint)));
            if let Some(id) = holder {
                self.add_symptom(id, alert, &policy, now, log);
                return vec![(alert.fingerprint.clone(), id)];
            }
        }
        let symptoms: Vec<&Alert> = others
            .iter()
            .copied()
            .filter(|it| brought_about(rules, alert, it, now))
            .collect();
        self.turn_round(alert, &headline, &symptoms, now, log);
        let Some(id) = self.fired(alert, headline, now, log) else {
            return Vec::new();
        };
        let mut placed = vec![(alert.fingerprint.clone(), id)];
        for symptom in symptoms {
            let here = self.absorb(id, symptom, &policy, now, log);
            placed.extend(here.into_iter().map(|it| (it, id)));
        }
        placed
    }

    /// The open incident in which an alert is a cause or a symptom.
    fn holder(&self, alert: &Fingerprint) -> Option<IncidentId> {
        self.open_with(|it| it.alerts.contains(alert) || has_symptom(it, alert))
    }

    /// The incident that consists of symptoms alone becomes that of their cause, unless the cause has one. Of several
    /// it is the one that somebody has, else the oldest. What a person opened stays what that person saw.
    fn turn_round(
        &mut self,
        cause: &Alert,
        (title, series): &(String, Option<SeriesId>),
        symptoms: &[&Alert],
        now: UnixMs,
        log: &mut Log,
    ) {
        let known: BTreeSet<&Fingerprint> = symptoms.iter().map(|it| &it.fingerprint).collect();
        if self.home(cause).is_some() {
            return;
        }
        let host = self
            .incidents
            .values_mut()
            .filter(|it| is_open(it) && it.opened_by_name.is_none() && !it.alerts.is_empty())
            .filter(|it| it.alerts.iter().all(|alert| known.contains(alert)))
            .min_by_key(|it| (it.status != IncidentStatus::Acknowledged, it.id));
        let Some(host) = host else { return };
        let former = std::mem::take(&mut host.alerts);
        for symptom in symptoms
            .iter()
            .filter(|it| former.contains(&it.fingerprint))
        {
            list(host, symptom);
        }
        host.check.clone_from(&cause.check);
        host.title.clone_from(title);
        host.series.clone_from(series);
        if cause.runbook_url.is_some() {
            host.runbook_url.clone_from(&cause.runbook_url);
        }
        host.version += 1;
        let text = format!("Cause found by rule {}: {}", cause.rule, cause.summary);
        log.note(host, now, TimelineKind::Alert, text);
    }

    /// A firing alert of another incident turns out to be a symptom of this one; so are that one's symptoms when it
    /// has no other cause. The answer says which alerts belong here now.
    fn absorb(
        &mut self,
        id: IncidentId,
        symptom: &Alert,
        policy: &ProductConfig,
        now: UnixMs,
        log: &mut Log,
    ) -> Vec<Fingerprint> {
        if policy.priority_of(symptom.severity).is_none() {
            return Vec::new();
        }
        let before = self.holder(&symptom.fingerprint);
        let mut here = vec![symptom.fingerprint.clone()];
        if before == Some(id) {
            return here;
        }
        self.add_symptom(id, symptom, policy, now, log);
        let Some(left) = before.and_then(|before| self.incidents.get_mut(&before)) else {
            return here;
        };
        left.alerts.retain(|it| *it != symptom.fingerprint);
        left.symptoms.retain(|it| it.alert != symptom.fingerprint);
        left.version += 1;
        let text = format!("Now a symptom of {id}: {}", symptom.summary);
        log.note(left, now, TimelineKind::Alert, text);
        if ends_by_itself(left) {
            let was = left.status;
            resolve(left, None, &format!("A symptom of {id}"), now);
            let text = format!("Resolved: all of it is a symptom of {id}");
            log.note(left, now, TimelineKind::Resolved, text);
            log.audit(
                left,
                now,
                "resolve",
                json!({ "status": [was, left.status] }),
            );
            let left_id = left.id;
            let moved = std::mem::take(&mut left.symptoms);
            self.cleared_at.remove(&left_id);
            here.extend(self.take_over(id, moved));
        }
        here
    }

    /// Symptoms of an incident that turned out to be a symptom itself.
    fn take_over(&mut self, id: IncidentId, moved: Vec<Symptom>) -> Vec<Fingerprint> {
        let incident = self.incidents.get_mut(&id);
        incident.map_or_else(Vec::new, |incident| take_symptoms(incident, moved))
    }

    fn add_symptom(
        &mut self,
        id: IncidentId,
        alert: &Alert,
        policy: &ProductConfig,
        now: UnixMs,
        log: &mut Log,
    ) {
        let Some(incident) = self.incidents.get_mut(&id) else {
            return;
        };
        let is_new = list(incident, alert);
        incident.version += 1;
        log.touched.push(id);
        if is_new {
            let text = format!("Symptom: {}", alert.summary);
            log.note(incident, now, TimelineKind::Alert, text);
        }
        if alert.severity < incident.severity {
            incident.severity = alert.severity;
            if let Some(priority) = policy.priority_of(alert.severity) {
                raise(incident, priority, Some(policy), now, log);
            }
        }
    }

    /// A firing alert ended: where it is a symptom, it is listed as over.
    pub fn symptom_ended(&mut self, alert: &Alert, now: UnixMs, log: &mut Log) {
        let Some(id) = self.open_with(|it| has_symptom(it, &alert.fingerprint)) else {
            return;
        };
        if let Some(incident) = self.incidents.get_mut(&id) {
            end(incident, now, |it| *it == alert.fingerprint);
            incident.version += 1;
            log.touched.push(id);
        }
    }

    /// Symptoms that fire on although their incident is over; each is given out once.
    pub fn take_orphans(&mut self) -> Vec<Fingerprint> {
        std::mem::take(&mut self.orphans)
    }

    /// After a start: symptoms that do not fire any more are over.
    pub(super) fn reconcile_symptoms(
        &mut self,
        firing: &BTreeSet<Fingerprint>,
        now: UnixMs,
        log: &mut Log,
    ) {
        for incident in self.incidents.values_mut().filter(|it| is_open(it)) {
            if end(incident, now, |it| !firing.contains(it)) {
                incident.version += 1;
                log.touched.push(incident.id);
            }
        }
    }
}

/// Moves the symptoms that fire from an incident to the one in which it goes on. The answer says which moved.
pub(super) fn move_symptoms(from: &mut Incident, to: &mut Incident) -> Vec<Fingerprint> {
    let firing = from.symptoms.extract_if(.., |it| it.ended_at.is_none());
    let firing = firing.collect();
    take_symptoms(to, firing)
}

/// Takes over those of the symptoms that fire. The answer says which are new here.
fn take_symptoms(incident: &mut Incident, moved: Vec<Symptom>) -> Vec<Fingerprint> {
    let own: BTreeSet<Fingerprint> = firing_symptoms(incident).collect();
    let is_new = |it: &Symptom| !own.contains(&it.alert) && !incident.alerts.contains(&it.alert);
    let moved: Vec<Symptom> = moved
        .into_iter()
        .filter(|it| it.ended_at.is_none() && is_new(it))
        .collect();
    let here = moved.iter().map(|it| it.alert.clone()).collect();
    incident
        .symptoms
        .retain(|own| !moved.iter().any(|it| it.alert == own.alert));
    incident.symptoms.extend(moved);
    here
}

/// Lists an alert among the symptoms; false when it is there already.
fn list(incident: &mut Incident, alert: &Alert) -> bool {
    let known = incident
        .symptoms
        .iter_mut()
        .find(|it| it.alert == alert.fingerprint);
    if let Some(symptom) = known {
        symptom.ended_at = None;
        symptom.severity = symptom.severity.min(alert.severity);
        symptom.summary.clone_from(&alert.summary);
        return false;
    }
    if incident.symptoms.len() >= MAX_SYMPTOMS {
        let over = incident
            .symptoms
            .iter()
            .position(|it| it.ended_at.is_some());
        incident.symptoms.remove(over.unwrap_or(0));
    }
    incident.symptoms.push(Symptom {
        alert: alert.fingerprint.clone(),
        check: alert.check.clone(),
        severity: alert.severity,
        summary: alert.summary.clone(),
        since: alert.firing_since.unwrap_or(alert.since),
        ended_at: None,
    });
    true
}

/// Ends the firing symptoms that `is_over` names; whether there were any.
fn end(incident: &mut Incident, now: UnixMs, is_over: impl Fn(&Fingerprint) -> bool) -> bool {
    let mut ended = false;
    for symptom in &mut incident.symptoms {
        if symptom.ended_at.is_none() && is_over(&symptom.alert) {
            symptom.ended_at = Some(now);
            ended = true;
        }
    }
    ended
}

#[cfg(test)]
#[path = "grouping_tests/mod.rs"]
mod tests;
