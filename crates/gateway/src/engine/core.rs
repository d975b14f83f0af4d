//! The gateway's judgement as one pure value: evaluation and incidents side by side, and what of them is not stored
//! yet. No clock, no storage, no threads.

use std::collections::BTreeSet;

use watchfloor_wire::alert::Alert;
use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::id::{IncidentId, SeriesId};
use watchfloor_wire::incident::Incident;
use watchfloor_wire::time::UnixMs;

use crate::change::{AuditRow, Change, KeptAnswer, Transaction};
use crate::config::Config;
use crate::evaluate::catalogue::Catalogue;
use crate::evaluate::{Evaluator, News, Output};
use crate::incidents::Desk;
use crate::incidents::action::{Acted, ActionRequest, Objection, act};
use crate::incidents::log::Log;
use crate::observation::Observation;

/// Timeline entries that wait for a store that fails, at most; the oldest go first.
const MAX_WAITING_ENTRIES: usize = 10_000;

/// Evaluation, incidents, and what waits to be stored.
#[derive(Debug)]
pub struct Core {
    evaluator: Evaluator,
    desk: Desk,
    out: Output,
    log: Log,
}

impl Core {
    /// Begins with what was stored. What the configuration changed since then waits to be stored.
    /// `last_incident` is the highest number that an incident ever had.
    #[must_use]
    pub fn new(config: &Config, stored: Vec<Entity>, last_incident: u64, now: UnixMs) -> Self {
        let mut out = Output::default();
        let mut log = Log::default();
        let incidents: Vec<Incident> = stored
            .iter()
            .filter_map(|it| match it {
                Entity::Incident(incident) => Some(incident.clone()),
                _ => None,
            })
            .collect();
        let evaluator = Evaluator::new(Catalogue::new(config), stored, now, &mut out);
        let firing: BTreeSet<_> = evaluator
            .firing()
            .map(|it| it.fingerprint.clone())
            .collect();
        let desk = Desk::new(config, incidents, last_incident, &firing, now, &mut log);
        Self {
            evaluator,
            desk,
            out,
            log,
        }
    }

    /// Takes observations in.
    pub fn observe(&mut self, observations: impl IntoIterator<Item = Observation>, now: UnixMs) {
        for observation in observations {
            self.evaluator.observe(observation, now, &mut self.out);
        }
        self.evaluator.settle_products(now, &mut self.out);
        self.pass_news_on(now);
    }

    /// Does what time alone does.
    pub fn tick(&mut self, now: UnixMs) {
        self.evaluator.tick(now, &mut self.out);
        self.pass_news_on(now);
        self.desk.tick(now, &mut self.log);
        for fingerprint in self.desk.take_orphans() {
            self.open_or_join(&fingerprint, now);
        }
        self.bound_waiting();
    }

    /// Adds a row to the audit.
    pub fn audit(&mut self, row: AuditRow) {
        self.log.audit.push(row);
    }

    fn pass_news_on(&mut self, now: UnixMs) {
        for news in std::mem::take(&mut self.out.news) {
            match news {
                News::Fired(fingerprint) => self.open_or_join(&fingerprint, now),
                News::Ended(fingerprint) => {
                    if let Some(alert) = self.evaluator.alert(&fingerprint) {
                        self.desk.ended(alert, now, &mut self.log);
                        self.desk.symptom_ended(alert, now, &mut self.log);
                    }
                }
                News::Flapping(fingerprint) => {
                    if let Some(alert) = self.evaluator.alert(&fingerprint) {
                        self.desk.flapping(alert, now, &mut self.log);
                    }
                }
                News::Calmed(fingerprint) => {
                    if let Some(alert) = self.evaluator.alert(&fingerprint) {
                        self.desk.calmed(alert, now, &mut self.log);
                    }
                }
                News::Deployed(id) => {
                    if let Some(deploy) = self.evaluator.deploy(&id) {
                        self.desk.deployed(deploy, now, &mut self.log);
                    }
                }
            }
        }
    }

    /// An alert opens an incident or joins one, by itself or as what another alert brought about.
    fn open_or_join(&mut self, fingerprint: &watchfloor_wire::id::Fingerprint, now: UnixMs) {
        let Some(alert) = self.evaluator.alert(fingerprint) else {
            return;
        };
        let headline = self.evaluator.headline(alert);
        let others: Vec<&Alert> = self
            .evaluator
            .firing()
            .filter(|it| it.product == alert.product && it.fingerprint != *fingerprint)
            .collect();
        let placed = self
            .desk
            .place(alert, headline, &others, now, &mut self.log);
        for (fingerprint, incident) in placed {
            self.evaluator.link(&fingerprint, incident, &mut self.out);
        }
    }

    fn bound_waiting(&mut self) {
        let surplus = self.log.timeline.len().saturating_sub(MAX_WAITING_ENTRIES);
        if surplus > 0 {
            self.log.timeline.drain(..surplus);
            metrics::counter!("watchfloor_timeline_dropped_total").increment(surplus as u64);
        }
    }

    /// Whether something waits to be stored.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        !(self.out.dirty.is_empty()
            && self.log.touched.is_empty()
            && self.log.timeline.is_empty()
            && self.log.audit.is_empty())
    }

    /// Whether people wait for it.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.out.dirty.is_urgent() || !self.log.touched.is_empty() || !self.log.audit.is_empty()
    }

    /// Everything that waits, as one transaction.
    #[must_use]
    pub fn waiting(&self) -> Transaction {
        let incidents: BTreeSet<IncidentId> = self.log.touched.iter().copied().collect();
        let keys = self.out.dirty.keys().into_iter();
        let keys = keys.chain(incidents.iter().map(|id| Key::new(Kind::Incident, &id.0)));
        Transaction {
            changes: keys
                .map(|key| match self.entity(&key) {
                    Some(entity) => Change::Upsert(entity),
                    None => Change::Delete(key),
                })
                .collect(),
            timeline: self.log.timeline.clone(),
            audit: self.log.audit.clone(),
            answers: Vec::new(),
        }
    }

    /// What [`Self::waiting`] gave is stored; nothing happened in between.
    pub fn stored(&mut self) {
        self.out.dirty.clear();
        self.log = Log::default();
    }

    /// The entity as it is now; `None` when it is gone.
    #[must_use]
    pub fn entity(&self, key: &Key) -> Option<Entity> {
        if key.kind() == Some(Kind::Incident) {
            let id = IncidentId::parse(key.id())?;
            return self.desk.get(id).cloned().map(Entity::Incident);
        }
        self.evaluator.entity(key)
    }

    /// The incident, while it is open and for a day after.
    #[must_use]
    pub fn incident(&self, id: IncidentId) -> Option<&Incident> {
        self.desk.get(id)
    }

    /// All incidents that are open or were until a day ago.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.desk.all()
    }

    /// Carries an action out in thought: nothing changes before the transaction is stored and the incident handed
    /// to [`Self::adopt`].
    ///
    /// # Errors
    /// The [`Objection`].
    pub fn decide(
        &self,
        incident: &Incident,
        request: &ActionRequest,
        now: UnixMs,
    ) -> Result<(Incident, Transaction), Objection> {
        let policy = self.desk.policy(&incident.product);
        let Acted {
            incident,
            entry,
            audit,
        } = act(incident, request, policy, now)?;
        let transaction = Transaction {
            changes: vec![Change::Upsert(Entity::Incident(incident.clone()))],
            timeline: vec![entry],
            audit: vec![audit],
            answers: vec![answer(&incident, request, now)],
        };
        Ok((incident, transaction))
    }

    /// Takes over an incident that somebody acted on, once that is stored.
    pub fn adopt(&mut self, incident: Incident) {
        self.desk.adopt(incident);
    }

    /// True when the series is one that products send in.
    #[must_use]
    pub fn is_pushed(&self, series: &SeriesId) -> bool {
        self.evaluator.is_pushed(series)
    }
}

/// The answer as a `KeptAnswer`: the JSON of [`watchfloor_wire::action::ActionAnswer`], whose sequence number the
/// store fills in.
fn answer(incident: &Incident, request: &ActionRequest, now: UnixMs) -> KeptAnswer {
    // An incident is plain data and always has a JSON form; an empty object would be refused by every reader.
    let json = serde_json::to_string(incident).unwrap_or_else(|_| "{}".to_owned());
    KeptAnswer {
        actor: request.actor.account.clone(),
        key: request.key.clone(),
        fingerprint: request.fingerprint.clone(),
        at: now,
        status: 200,
        body: format!("{{\"incident\":{json},\"seq\":{{{{SEQ}}}}}}"),
    }
}
