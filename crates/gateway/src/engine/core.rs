//! The gateway's judgement as one pure value: evaluation and incidents side by side, and what of them is not stored
//! yet. No clock, no storage, no threads. What silences do to the rest is in [`super::muting`].

use std::collections::{BTreeMap, BTreeSet};

use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::id::{IncidentId, SeriesId};
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::silence::{Silence, SilenceId};
use watchfloor_wire::time::UnixMs;

use crate::change::{AuditRow, Change, KeptAnswer, Transaction};
use crate::config::Config;
use crate::evaluate::catalogue::Catalogue;
use crate::evaluate::{Evaluator, News, Output};
use crate::incidents::Desk;
use crate::incidents::action::{Acted, ActionRequest, Objection, act};
use crate::incidents::log::Log;
use crate::notify::outbox::OutboxChange;
use crate::notify::plan::{By, Planner};
use crate::observation::Observation;
use crate::silences::Silences;

/// Timeline entries that wait for a store that fails, at most; the oldest go first.
const MAX_WAITING_ENTRIES: usize = 10_000;

/// Evaluation, incidents, and what waits to be stored.
#[derive(Debug)]
pub struct Core {
    pub(super) evaluator: Evaluator,
    pub(super) desk: Desk,
    pub(super) silences: Silences,
    out: Output,
    pub(super) log: Log,
    planner: Planner,
    /// The channels' names for people.
    channels: BTreeMap<String, String>,
}

/// The highest numbers that there ever were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastNumbers {
    /// Of an incident.
    pub incident: u64,
    /// Of a silence.
    pub silence: u64,
}

impl Core {
    /// Begins with what was stored. What the configuration changed since then waits to be stored.
    #[must_use]
    pub fn new(config: &Config, stored: Vec<Entity>, last: LastNumbers, now: UnixMs) -> Self {
        let mut out = Output::default();
        let mut log = Log::default();
        let incidents: Vec<Incident> = stored
            .iter()
            .filter_map(|it| match it {
                Entity::Incident(incident) => Some(incident.clone()),
                _ => None,
            })
            .collect();
        let silences: Vec<Silence> = stored
            .iter()
            .filter_map(|it| match it {
                Entity::Silence(silence) => Some(silence.clone()),
                _ => None,
            })
            .collect();
        let silences = Silences::new(config, silences, last.silence, now, &mut log.audit);
        let planner = Planner::new(config, incidents.iter().cloned());
        let channels = config.gateway.channels.iter();
        let channels = channels
            .map(|it| (it.id.clone(), it.name.clone()))
            .collect();
        let evaluator = Evaluator::new(Catalogue::new(config), stored, now, &mut out);
        let firing: BTreeSet<_> = evaluator
            .firing()
            .map(|it| it.fingerprint.clone())
            .collect();
        let desk = Desk::new(config, incidents, last.incident, &firing, now, &mut log);
        Self {
            evaluator,
            desk,
            silences,
            out,
            log,
            planner,
            channels,
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
        let news = self.tick_silences(now);
        self.evaluator.maintain(self.silences.maintained(now));
        self.evaluator.tick(now, &mut self.out);
        self.pass_news_on(now);
        self.tell_of_silences(&news, now);
        self.mute(now);
        self.desk.tick(now, &mut self.log);
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

    fn open_or_join(&mut self, fingerprint: &watchfloor_wire::id::Fingerprint, now: UnixMs) {
        let Some(alert) = self.evaluator.alert(fingerprint) else {
            return;
        };
        let headline = self.evaluator.headline(alert);
        if let Some(incident) = self.desk.fired(alert, headline, now, &mut self.log) {
            self.evaluator.link(fingerprint, incident, &mut self.out);
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
            && self.log.audit.is_empty()
            && self.silences.touched().is_empty())
    }

    /// Whether people wait for it.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.out.dirty.is_urgent()
            || !self.log.touched.is_empty()
            || !self.log.audit.is_empty()
            || !self.silences.touched().is_empty()
    }

    /// Everything that waits, as one transaction, with what must be told of it.
    #[must_use]
    pub fn waiting(&self, now: UnixMs) -> Transaction {
        let incidents: BTreeSet<IncidentId> = self.log.touched.iter().copied().collect();
        let keys = self.out.dirty.keys().into_iter();
        let keys = keys.chain(incidents.iter().map(|id| Key::new(Kind::Incident, &id.0)));
        let silences = self.silences.touched().iter();
        let keys = keys.chain(silences.map(|id| Key::new(Kind::Silence, &id.0)));
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
            outbox: incidents
                .iter()
                .filter_map(|id| self.desk.get(*id))
                .flat_map(|it| self.planner.plan(it, None, now))
                .collect(),
        }
    }

    /// What [`Self::waiting`] gave is stored; nothing happened in between.
    pub fn stored(&mut self) {
        self.out.dirty.clear();
        for id in &self.log.touched {
            self.planner.stored(*id, self.desk.get(*id));
        }
        self.log = Log::default();
        self.silences.stored();
    }

    /// The entity as it is now; `None` when it is gone.
    #[must_use]
    pub fn entity(&self, key: &Key) -> Option<Entity> {
        if key.kind() == Some(Kind::Incident) {
            let id = IncidentId::parse(key.id())?;
            return self.desk.get(id).cloned().map(Entity::Incident);
        }
        if key.kind() == Some(Kind::Silence) {
            let id = SilenceId::parse(key.id())?;
            return self.silences.get(id).cloned().map(Entity::Silence);
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
        let by = By {
            name: &request.actor.name,
            note: &entry.note,
        };
        let outbox: Vec<OutboxChange> = self.planner.plan(&incident, Some(&by), now);
        let transaction = Transaction {
            changes: vec![Change::Upsert(Entity::Incident(incident.clone()))],
            timeline: vec![entry],
            audit: vec![audit],
            answers: vec![answer(&incident, request, now)],
            outbox,
        };
        Ok((incident, transaction))
    }

    /// Takes over an incident that somebody acted on, once that is stored.
    pub fn adopt(&mut self, incident: Incident) {
        self.planner.stored(incident.id, Some(&incident));
        self.desk.adopt(incident);
    }

    /// A channel's name for people; `None` when none is configured under this id.
    #[must_use]
    pub fn channel_name(&self, id: &str) -> Option<&str> {
        self.channels.get(id).map(String::as_str)
    }

    /// Whether the incident, once it is stored as it is here, answers those who were asked.
    #[must_use]
    pub fn is_answer(&self, incident: &Incident) -> bool {
        let before = self.planner.status(incident.id);
        incident.status != IncidentStatus::Triggered
            && before.is_some_and(|before| before != incident.status)
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
