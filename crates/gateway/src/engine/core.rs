//! The gateway's judgement as one pure value: evaluation and incidents side by side, and what of them is not stored
//! yet. No clock, no storage, no threads. What silences do to the rest is in [`super::muting`].

use std::collections::{BTreeMap, BTreeSet};

use watchfloor_wire::alert::Alert;
use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::id::{IncidentId, SeriesId};
use watchfloor_wire::incident::{Incident, IncidentStatus};
use watchfloor_wire::silence::{Silence, SilenceId};
use watchfloor_wire::time::UnixMs;

use crate::change::{AuditRow, Change, Transaction};
use crate::config::Config;
use crate::evaluate::catalogue::Catalogue;
use crate::evaluate::{Evaluator, News, Output, Since};
use crate::incidents::Desk;
use crate::incidents::action::{Acted, ActionRequest, Actor, Objection, act};
use crate::incidents::bulk::BulkOrder;
use crate::incidents::log::Log;
use crate::incidents::opening::OpenOrder;
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
    pub fn new(config: &Config, stored: Vec<Entity>, last: LastNumbers, since: Since) -> Self {
        let now = since.now;
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
        let evaluator = Evaluator::new(Catalogue::new(config), stored, since, &mut out);
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
        let maintained = self.silences.maintained(now);
        self.evaluator.maintain(maintained, &mut self.out);
        self.evaluator.tick(now, &mut self.out);
        self.pass_news_on(now);
        self.tell_of_silences(&news, now);
        self.mute(now);
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
            on_call: Vec::new(),
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

    /// Carries an action out in thought: nothing changes before the transaction is stored and handed to
    /// [`Self::adopt`]. `other` is the incident that the action names besides, `None` when there is none.
    ///
    /// # Errors
    /// The [`Objection`].
    pub fn decide(
        &self,
        incident: &Incident,
        other: Option<&Incident>,
        request: &ActionRequest,
        now: UnixMs,
    ) -> Result<Decision, Objection> {
        let policy = self.desk.policy(&incident.product);
        let acted = act(incident, other, request, policy, self.desk.roster(), now)?;
        let body = with_incident(&acted.incident);
        let mut decision = self.decided(acted, &request.actor, now);
        decision.transaction.answers = vec![request.identity().answer(200, body, now)];
        Ok(decision)
    }

    /// Opens an incident for a person in thought, as [`Self::decide`] acts on one.
    ///
    /// # Errors
    /// The [`Objection`].
    pub fn decide_open(&self, order: &OpenOrder, now: UnixMs) -> Result<Decision, Objection> {
        let acted = self.desk.open(order, now)?;
        let body = with_incident(&acted.incident);
        let mut decision = self.decided(acted, &order.actor, now);
        decision.transaction.answers = vec![order.identity().answer(201, body, now)];
        Ok(decision)
    }

    /// Acts on many incidents in thought, each by itself; `current` are those that there are, by the order's items.
    #[must_use]
    pub fn decide_bulk(
        &self,
        order: &BulkOrder,
        current: &[Option<Incident>],
        now: UnixMs,
    ) -> Decision {
        let mut decision = Decision::default();
        let mut results = Vec::with_capacity(order.items.len());
        for (item, current) in order.items.iter().zip(current) {
            let product = current.as_ref().map(|it| &it.product);
            let policy = product.and_then(|it| self.desk.policy(it));
            let (result, acted) =
                order.judge(*item, current.as_ref(), policy, self.desk.roster(), now);
            results.push(result);
            if let Some(acted) = acted {
                decision.add(self.decided(acted, &order.actor, now));
            }
        }
        // Results are plain data and always have a JSON form.
        let json = serde_json::to_string(&results).unwrap_or_else(|_| "[]".to_owned());
        let body = format!("{{\"items\":{json},\"seq\":{{{{SEQ}}}}}}");
        decision.transaction.answers = vec![order.identity().answer(200, body, now)];
        decision
    }

    fn decided(&self, acted: Acted, actor: &Actor, now: UnixMs) -> Decision {
        let holder = acted.other.as_ref().map(|it| it.id);
        let relinked: Vec<Alert> = acted
            .moved
            .iter()
            .filter_map(|fingerprint| self.evaluator.alert(fingerprint))
            .map(|alert| Alert {
                incident: holder,
                ..alert.clone()
            })
            .collect();
        let incidents: Vec<Incident> = std::iter::once(acted.incident).chain(acted.other).collect();
        let by = By {
            name: &actor.name,
            note: acted.entries.first().map_or("", |it| &it.note),
            notify: acted.notify,
        };
        let plan = |it: &Incident| self.planner.plan(it, Some(&by), now);
        let outbox: Vec<OutboxChange> = incidents.iter().flat_map(plan).collect();
        let entities = incidents.iter().cloned().map(Entity::Incident);
        let entities = entities.chain(relinked.iter().cloned().map(Entity::Alert));
        Decision {
            transaction: Transaction {
                changes: entities.map(Change::Upsert).collect(),
                timeline: acted.entries,
                audit: acted.audit,
                outbox,
                ..Transaction::default()
            },
            incidents,
            relinked,
        }
    }

    /// Takes over what was decided, once it is stored.
    pub fn adopt(&mut self, decision: Decision) {
        for incident in decision.incidents {
            self.adopt_incident(incident);
        }
        for alert in decision.relinked {
            if let Some(incident) = alert.incident {
                self.evaluator.relink(&alert.fingerprint, incident);
            }
        }
    }

    /// Takes over an incident as it is stored.
    pub(super) fn adopt_incident(&mut self, incident: Incident) {
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

/// What people decided in thought: it is true once its transaction is stored.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// What is to be stored, with the answer that is kept.
    pub transaction: Transaction,
    incidents: Vec<Incident>,
    /// Alerts that moved to another incident.
    relinked: Vec<Alert>,
}

impl Decision {
    /// Takes another one in, about other incidents; its answers follow those that are here.
    pub(super) fn add(&mut self, other: Self) {
        self.transaction.answers.extend(other.transaction.answers);
        self.transaction.changes.extend(other.transaction.changes);
        self.transaction.timeline.extend(other.transaction.timeline);
        self.transaction.audit.extend(other.transaction.audit);
        self.transaction.outbox.extend(other.transaction.outbox);
        self.incidents.extend(other.incidents);
        self.relinked.extend(other.relinked);
    }
}

/// The JSON of [`watchfloor_wire::action::ActionAnswer`], whose sequence number the store fills in.
fn with_incident(incident: &Incident) -> String {
    // An incident is plain data and always has a JSON form; an empty object would be refused by every reader.
    let json = serde_json::to_string(incident).unwrap_or_else(|_| "{}".to_owned());
    format!("{{\"incident\":{json},\"seq\":{{{{SEQ}}}}}}")
}
