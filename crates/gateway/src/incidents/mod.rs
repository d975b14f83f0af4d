//! Incidents: alerts open and join them, people act on them, time lapses leases and takes escalation steps.
//! Pure: no clock, no storage.
//!
//! [`action`] is what people do (with [`lease`], [`hand_over`] and [`merge`] for what it changes, and [`bulk`] for
//! many at once), [`opening`] is how incidents come to be, [`Desk`] is what alerts do, [`time`] is what time does,
//! [`policy`] says how soon.

pub mod action;
pub mod bulk;
mod flapping;
mod grouping;
mod hand_over;
mod lease;
pub mod log;
pub mod merge;
pub mod opening;
pub mod policy;
pub mod refusal;
#[cfg(test)]
mod tests;
pub mod time;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use watchfloor_wire::alert::Alert;
use watchfloor_wire::deploy::{Deploy, DeployKind};
use watchfloor_wire::id::{Fingerprint, IncidentId, ProductId, SeriesId};
use watchfloor_wire::incident::{Incident, IncidentStatus, LeaseScope, TimelineKind};
use watchfloor_wire::priority::Priority;
use watchfloor_wire::time::UnixMs;

use crate::config::{Config, ProductConfig};
use crate::on_call::Roster;
use log::Log;

/// All incidents that are open or were until a day ago.
#[derive(Clone, Debug)]
pub struct Desk {
    policies: BTreeMap<ProductId, ProductConfig>,
    incidents: BTreeMap<IncidentId, Incident>,
    /// Since when each open incident has no firing alert.
    cleared_at: BTreeMap<IncidentId, UnixMs>,
    /// Symptoms whose incident resolved while they fire on, until they get one of their own.
    orphans: Vec<Fingerprint>,
    last_id: u64,
    /// Incidents that a silence mutes, with the words for it.
    muted: BTreeMap<IncidentId, String>,
    /// Who is on call, for steps that name a rotation.
    roster: Roster,
}

impl Desk {
    /// Begins with the stored incidents. Alerts that do not fire any more, because their rules are gone, leave their
    /// incidents.
    #[must_use]
    pub fn new(
        config: &Config,
        stored: impl IntoIterator<Item = Incident>,
        last_id: u64,
        firing: &BTreeSet<Fingerprint>,
        now: UnixMs,
        log: &mut Log,
    ) -> Self {
        let policies = config
            .products
            .iter()
            .map(|it| (ProductId::from(it.id.as_str()), it.clone()))
            .collect();
        let incidents: BTreeMap<IncidentId, Incident> =
            stored.into_iter().map(|it| (it.id, it)).collect();
        let newest = incidents.keys().next_back().map_or(0, |id| id.0);
        let mut desk = Self {
            policies,
            incidents,
            cleared_at: BTreeMap::new(),
            orphans: Vec::new(),
            last_id: last_id.max(newest),
            muted: BTreeMap::new(),
            roster: Roster::new(config),
        };
        desk.reconcile(firing, now, log);
        desk.reconcile_symptoms(firing, now, log);
        desk
    }

    fn reconcile(&mut self, firing: &BTreeSet<Fingerprint>, now: UnixMs, log: &mut Log) {
        for incident in self.incidents.values_mut().filter(|it| is_open(it)) {
            let before = incident.alerts.len();
            incident.alerts.retain(|it| firing.contains(it));
            if incident.alerts.len() != before {
                incident.version += 1;
                let text = "Rules behind it are no longer configured".to_owned();
                log.note(incident, now, TimelineKind::Alert, text);
            }
            if ends_by_itself(incident) {
                self.cleared_at.insert(incident.id, now);
            }
        }
    }

    /// The incident, while it is open and for a day after.
    #[must_use]
    pub fn get(&self, id: IncidentId) -> Option<&Incident> {
        self.incidents.get(&id)
    }

    /// All of them, by number.
    pub fn all(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values()
    }

    /// What the product asks of people.
    #[must_use]
    pub fn policy(&self, product: &ProductId) -> Option<&ProductConfig> {
        self.policies.get(product)
    }

    /// Who is on call.
    #[must_use]
    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Who is on call, to take over what was stored about it.
    pub const fn roster_mut(&mut self) -> &mut Roster {
        &mut self.roster
    }

    /// Says which incidents are muted from now on, each with the words for it. Nothing stops for them: steps of the
    /// ladder are taken as ever, and the timeline says that they were muted.
    pub fn mute(&mut self, muted: BTreeMap<IncidentId, String>) {
        self.muted = muted;
    }

    /// Notes in an open incident's timeline what became of a silence.
    pub fn silenced(&mut self, id: IncidentId, text: String, now: UnixMs, log: &mut Log) {
        if let Some(incident) = self.incidents.get_mut(&id).filter(|it| is_open(it)) {
            incident.version += 1;
            log.note(incident, now, TimelineKind::Silenced, text);
        }
    }

    /// The number of the next incident.
    const fn next_id(&self) -> IncidentId {
        IncidentId(self.last_id + 1)
    }

    /// Takes over an incident that somebody acted on, once that is stored.
    pub fn adopt(&mut self, incident: Incident) {
        if !is_open(&incident) || !ends_by_itself(&incident) {
            self.cleared_at.remove(&incident.id);
        }
        self.last_id = self.last_id.max(incident.id.0);
        self.incidents.insert(incident.id, incident);
    }

    /// An alert began to fire: it joins the open incident of its product and check, or opens one. `None` when the
    /// product's policy opens no incident for this severity.
    pub fn fired(
        &mut self,
        alert: &Alert,
        headline: (String, Option<SeriesId>),
        now: UnixMs,
        log: &mut Log,
    ) -> Option<IncidentId> {
        let policy = self.policies.get(&alert.product);
        let priority = policy?.priority_of(alert.severity)?;
        let home = self.home(alert);
        if let Some(incident) = home.and_then(|id| self.incidents.get_mut(&id)) {
            join(incident, alert, headline, priority, policy, now, log);
            self.cleared_at.remove(&incident.id);
            return Some(incident.id);
        }
        let id = self.next_id();
        self.last_id = id.0;
        let incident = opening::by_alert(id, alert, headline, priority, policy, now);
        let text = format!("Opened by rule {}: {}", alert.rule, alert.summary);
        log.note(&incident, now, TimelineKind::Opened, text);
        log.audit(
            &incident,
            now,
            "open",
            json!({ "status": [null, incident.status] }),
        );
        self.incidents.insert(id, incident);
        Some(id)
    }

    /// The open incident that the alert is behind already, else the one that is about what it is about.
    fn home(&self, alert: &Alert) -> Option<IncidentId> {
        self.open_with(|it| it.alerts.contains(&alert.fingerprint))
            .or_else(|| self.open_with(|it| belongs(alert, it)))
    }

    fn open_with(&self, holds: impl Fn(&Incident) -> bool) -> Option<IncidentId> {
        let mut open = self.incidents.values().filter(|it| is_open(it));
        open.find(|it| holds(it)).map(|it| it.id)
    }

    /// A firing alert ended: it leaves its incident.
    pub fn ended(&mut self, alert: &Alert, now: UnixMs, log: &mut Log) {
        let holder = self
            .incidents
            .values_mut()
            .find(|it| is_open(it) && it.alerts.contains(&alert.fingerprint));
        let Some(incident) = holder else { return };
        incident.alerts.retain(|it| *it != alert.fingerprint);
        incident.version += 1;
        let text = format!("Ended: {}", alert.summary);
        log.note(incident, now, TimelineKind::Alert, text);
        if ends_by_itself(incident) {
            self.cleared_at.insert(incident.id, now);
        }
    }

    /// A deploy goes into the timelines of its product's open incidents.
    pub fn deployed(&mut self, deploy: &Deploy, now: UnixMs, log: &mut Log) {
        let verb = match deploy.kind {
            DeployKind::Rollback => "Rolled back to",
            DeployKind::Deploy => "Deployed",
        };
        for incident in self.incidents.values_mut() {
            if is_open(incident) && incident.product == deploy.product {
                incident.version += 1;
                let text = format!("{verb} {}", deploy.version);
                log.note(incident, now, TimelineKind::Deploy, text);
            }
        }
    }
}

/// Whether it is not resolved.
#[must_use]
pub fn is_open(incident: &Incident) -> bool {
    incident.status != IncidentStatus::Resolved
}

/// Whether the alert is about what the incident is about: the check that opened it, or one of an incident that was
/// merged into it. What a person opened is about what people saw, until something is merged into it.
fn belongs(alert: &Alert, incident: &Incident) -> bool {
    let own = incident.opened_by_name.is_none() && incident.check == alert.check;
    let covered = alert
        .check
        .as_ref()
        .is_some_and(|check| incident.covers.contains(check));
    incident.product == alert.product && (own || covered)
}

/// Whether it ends once nothing has fired for it for a while. What a person opened only people end.
const fn ends_by_itself(incident: &Incident) -> bool {
    incident.alerts.is_empty() && incident.opened_by_name.is_none()
}

/// Another alert of the same check, or one of its alerts that got worse. Severity only ever rises while an incident is
/// open, so that an alert that flaps does not take the incident away from its owner again and again.
fn join(
    incident: &mut Incident,
    alert: &Alert,
    (title, series): (String, Option<SeriesId>),
    priority: Priority,
    policy: Option<&ProductConfig>,
    now: UnixMs,
    log: &mut Log,
) {
    let rises = alert.severity < incident.severity;
    if !incident.alerts.contains(&alert.fingerprint) {
        incident.alerts.push(alert.fingerprint.clone());
    } else if !rises {
        return;
    }
    incident.version += 1;
    if incident.runbook_url.is_none() {
        incident.runbook_url.clone_from(&alert.runbook_url);
    }
    let verb = if rises { "Worse" } else { "Also" };
    let text = format!("{verb}: {}", alert.summary);
    log.note(incident, now, TimelineKind::Alert, text);
    if rises {
        incident.severity = alert.severity;
        incident.title = title;
        incident.series = series.or(incident.series.take());
        raise(incident, priority, policy, now, log);
    }
}

fn raise(
    incident: &mut Incident,
    priority: Priority,
    policy: Option<&ProductConfig>,
    now: UnixMs,
    log: &mut Log,
) {
    raise_priority(incident, priority, policy, now);
    let ended_lease = incident
        .lease
        .take_if(|lease| lease.scope == LeaseScope::Severity);
    if let Some(lease) = ended_lease {
        lease::trigger_again(incident, policy, now);
        let text = format!(
            "The severity rose, which ends the lease of {}",
            lease.owner_name
        );
        log.note(incident, now, TimelineKind::Released, text);
        log.audit(incident, now, "lease_ended", lease::ended(&lease));
    }
}

/// Takes a more urgent priority, with its clock and its ladder.
fn raise_priority(
    incident: &mut Incident,
    priority: Priority,
    policy: Option<&ProductConfig>,
    now: UnixMs,
) {
    if priority < incident.priority {
        incident.priority = priority;
        let within_ms = policy::respond_within_ms(policy, priority);
        incident.respond_by = incident.respond_by.min(now.plus_ms(within_ms));
        let before = std::mem::take(&mut incident.escalation);
        incident.escalation = policy::raised_ladder(policy, priority, before, now);
    }
}
