//! A day of the demo, told faster: who is observed when, what breaks, who answers it, and what is forgotten.
//!
//! Checks are observed as often as they say themselves. What breaks, errors and deploys come at fixed rates. What is
//! kept for a time was there at the start for as long already, so that nothing grows only because the day is young.

mod happenings;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use watchfloor_wire::alert::{Alert, AlertState};
use watchfloor_wire::deploy::{Deploy, DeployKind};
use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::feed::{Cursor, Frame, Op, ServerMessage};
use watchfloor_wire::id::{CheckId, DeployId, Fingerprint, IncidentId};
use watchfloor_wire::incident::{Incident, IncidentStatus, Lease, LeaseScope, Resolution};
use watchfloor_wire::priority::{Priority, Severity};
use watchfloor_wire::snapshot::Snapshot;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};

use self::happenings::close;

/// A console gets at most one frame in this time.
const SLOT_MS: i64 = 100;
/// So many frames are kept for those who come back.
const KEPT: usize = 4_096;
/// How often a check breaks, until when somebody answers, and until when it is mended.
const BREAK_EVERY_MS: i64 = 2 * HOUR_MS;
const ANSWERED_AFTER_MS: i64 = 3 * MINUTE_MS;
const MENDED_AFTER_MS: i64 = 12 * MINUTE_MS;
/// How often a product is deployed, and how long that is kept.
const DEPLOY_EVERY_MS: i64 = 6 * HOUR_MS;
const DEPLOYS_KEPT_MS: i64 = 7 * DAY_MS;
const ERROR_EVERY_MS: i64 = 15 * SECOND_MS;
const ROLLED_UP_EVERY_MS: i64 = MINUTE_MS;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Observe(Key),
    Touch(Key),
    Error(usize),
    Break(usize),
    Answer(IncidentId),
    Mend(IncidentId),
    Deploy(usize),
    Forget(Key),
}

/// A frame as it is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The message.
    pub text: Arc<str>,
    /// How many changes are in it.
    pub changes: u64,
    from: u64,
    to: u64,
}

/// The day.
#[derive(Debug)]
pub struct Day {
    epoch: String,
    build: String,
    seq: u64,
    entities: BTreeMap<Key, Entity>,
    agenda: BTreeSet<(UnixMs, Event)>,
    kept: VecDeque<Told>,
    incidents: u64,
    /// What values move around: what they were when the real gateway told them.
    middles: BTreeMap<Key, f64>,
}

/// The value of a series at an instant: around `middle`, the same whenever it is asked for.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "an angle does not need the last bits"
)]
pub fn value_at(series: &str, middle: f64, at: UnixMs) -> f64 {
    let seed: u32 = series.bytes().map(u32::from).sum();
    let slow = (at.0.rem_euclid(HOUR_MS) as f64 / HOUR_MS as f64) * std::f64::consts::TAU;
    let fast = (at.0 / SECOND_MS).wrapping_mul(7_919).rem_euclid(101) as f64 / 101.0;
    let wave = (slow + f64::from(seed)).sin();
    // As a product rounds what it measures; short decimals also come out of JSON as they went in.
    (middle * (1.0 + 0.3 * wave + 0.1 * fast) * 1_000.0).round() / 1_000.0
}

impl Day {
    /// Goes on from a state that the real gateway had, as if it were `now`.
    #[must_use]
    pub fn new(state: Snapshot, now: UnixMs) -> Self {
        let mut day = Self {
            epoch: state.epoch.clone(),
            build: state.build.clone(),
            seq: state.seq,
            entities: BTreeMap::new(),
            agenda: BTreeSet::new(),
            kept: VecDeque::new(),
            incidents: 1_000,
            middles: BTreeMap::new(),
        };
        for entity in state.into_entities() {
            day.entities.insert(entity.key(), entity);
        }
        day.plan(now);
        day.remember(now);
        day
    }

    fn plan(&mut self, now: UnixMs) {
        let keys: Vec<Key> = self.entities.keys().cloned().collect();
        for (number, key) in (0..).zip(keys) {
            let event = match key.kind() {
                Some(Kind::Check) => Event::Observe(key),
                Some(Kind::Target | Kind::Uptime) => Event::Touch(key),
                _ => continue,
            };
            // Spread, as probes are.
            self.agenda
                .insert((now.plus_ms(number * 137 % 5_000), event));
        }
        self.agenda.insert((now, Event::Error(0)));
        self.agenda
            .insert((now.plus_ms(MINUTE_MS), Event::Break(0)));
        self.agenda.insert((now.plus_ms(HOUR_MS), Event::Deploy(0)));
    }

    /// What would be there if the days before had been like this one.
    fn remember(&mut self, now: UnixMs) {
        for number in 0..DAY_MS / BREAK_EVERY_MS {
            let opened_at = now.plus_ms(-(number + 1) * BREAK_EVERY_MS);
            if let Some(mut incident) =
                self.incident(usize::try_from(number).unwrap_or(0), opened_at)
            {
                let at = opened_at.plus_ms(MENDED_AFTER_MS);
                close(&mut incident, at);
                let key = Entity::Incident(incident.clone()).key();
                self.entities
                    .insert(key.clone(), Entity::Incident(incident));
                self.agenda.insert((at.plus_ms(DAY_MS), Event::Forget(key)));
            }
        }
        for number in 0..DEPLOYS_KEPT_MS / DEPLOY_EVERY_MS {
            let at = now.plus_ms(-(number + 1) * DEPLOY_EVERY_MS);
            if let Some(deploy) = self.deploy(usize::try_from(number).unwrap_or(0), at) {
                let key = Entity::Deploy(deploy.clone()).key();
                self.entities.insert(key.clone(), Entity::Deploy(deploy));
                self.agenda
                    .insert((at.plus_ms(DEPLOYS_KEPT_MS), Event::Forget(key)));
            }
        }
    }

    /// The build of the console.
    #[must_use]
    pub fn build(&self) -> &str {
        &self.build
    }

    /// Where the day stands.
    #[must_use]
    pub fn head(&self) -> Cursor {
        Cursor {
            e: self.epoch.clone(),
            s: self.seq,
        }
    }

    /// The frames after a position; `None` when they are no longer kept.
    #[must_use]
    pub fn after(&self, cursor: &Cursor) -> Option<Vec<String>> {
        let floor = self.kept.front().map_or(self.seq, |it| it.from);
        if cursor.e != self.epoch || cursor.s > self.seq || cursor.s < floor {
            return None;
        }
        let missed = self.kept.iter().filter(|it| it.to > cursor.s);
        Some(missed.map(|it| it.text.to_string()).collect())
    }

    /// Everything at the head.
    #[must_use]
    pub fn snapshot(&self, now: UnixMs) -> Snapshot {
        let mut all = Snapshot::empty(self.epoch.clone(), self.seq, now, self.build.clone());
        for entity in self.entities.values() {
            all.push(entity.clone());
        }
        all
    }

    /// Lets everything happen that is due until `now`; what falls into one tenth of a second is one frame.
    pub fn advance(&mut self, now: UnixMs) -> Vec<Told> {
        let mut told = Vec::new();
        let mut changed: BTreeMap<Key, Option<Entity>> = BTreeMap::new();
        let mut slot = i64::MIN;
        while let Some((at, event)) = self.agenda.first().cloned() {
            if at > now {
                break;
            }
            self.agenda.pop_first();
            if at.0.div_euclid(SLOT_MS) != slot {
                told.extend(self.tell(std::mem::take(&mut changed)));
                slot = at.0.div_euclid(SLOT_MS);
            }
            for (key, entity) in self.happen(at, event) {
                match &entity {
                    Some(entity) => self.entities.insert(key.clone(), entity.clone()),
                    None => self.entities.remove(&key),
                };
                changed.insert(key, entity);
            }
        }
        told.extend(self.tell(changed));
        told
    }

    fn tell(&mut self, changed: BTreeMap<Key, Option<Entity>>) -> Option<Told> {
        let from = self.seq;
        let mut ops = Vec::new();
        for (k, entity) in changed {
            self.seq += 1;
            let p = entity.and_then(|it| it.to_json().ok());
            ops.push(Op { k, v: self.seq, p });
        }
        let changes = u64::try_from(ops.len()).unwrap_or(0);
        let (f, s) = (from, self.seq);
        let text = ServerMessage::Frame(Frame { f, s, ops }).encode().ok()?;
        if changes == 0 {
            return None;
        }
        let told = Told {
            text: text.into(),
            changes,
            from,
            to: s,
        };
        self.kept.push_back(told.clone());
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        Some(told)
    }

    fn happen(&mut self, at: UnixMs, event: Event) -> Vec<(Key, Option<Entity>)> {
        let upsert = |entity: Entity| (entity.key(), Some(entity));
        match event {
            Event::Observe(key) => self.observe(at, &key).into_iter().map(upsert).collect(),
            Event::Touch(key) => {
                let next = at.plus_ms(ROLLED_UP_EVERY_MS);
                self.agenda.insert((next, Event::Touch(key.clone())));
                self.touch(at, &key).into_iter().map(upsert).collect()
            }
            Event::Error(number) => {
                let next = at.plus_ms(ERROR_EVERY_MS);
                self.agenda.insert((next, Event::Error(number + 1)));
                self.error(at, number).into_iter().map(upsert).collect()
            }
            Event::Break(number) => {
                let next = at.plus_ms(BREAK_EVERY_MS);
                self.agenda.insert((next, Event::Break(number + 1)));
                self.begin(at, number).into_iter().map(upsert).collect()
            }
            Event::Answer(id) => self.answer(at, id).into_iter().map(upsert).collect(),
            Event::Mend(id) => self.mend(at, id),
            Event::Deploy(number) => {
                let next = at.plus_ms(DEPLOY_EVERY_MS);
                self.agenda.insert((next, Event::Deploy(number + 1)));
                let deploy = self.deploy(number, at).map(Entity::Deploy);
                if let Some(deploy) = &deploy {
                    let forgotten = Event::Forget(deploy.key());
                    self.agenda.insert((at.plus_ms(DEPLOYS_KEPT_MS), forgotten));
                }
                deploy.into_iter().map(upsert).collect()
            }
            Event::Forget(key) => vec![(key, None)],
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
pub(super) mod tests {
    use watchfloor_wire::replica::{Applied, Replica};

    use super::*;

    pub(in super::super) fn state() -> Snapshot {
        let text = r#"{
            "epoch": "E", "seq": 5, "now": 0, "build": "b",
            "products": [{"id": "shop", "name": "Shop", "status": "ok", "reason": "", "since": 0}],
            "checks": [{"id": "shop.api", "product": "shop", "name": "API", "status": "ok", "since": 0,
                "interval_ms": 5000, "value": {"value": 120.0, "unit": "ms"}, "series": "shop.api.p95_ms"}],
            "readings": [{"series": "shop.api.p95_ms", "observed_at": 0, "valid_until": 0, "value": 120.0}]
        }"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_replica_that_follows_the_day_has_its_state_and_nothing_grows() {
        let start = UnixMs(1_000 * DAY_MS);
        let mut day = Day::new(state(), start);
        let mut replica = Replica::default();
        replica.reset(day.snapshot(start));
        let (mut frames, mut counts) = (0, Vec::new());
        for hour in 1..=48 {
            for told in day.advance(start.plus_ms(hour * HOUR_MS)) {
                let Ok(ServerMessage::Frame(frame)) = ServerMessage::decode(&told.text) else {
                    panic!("{}", told.text);
                };
                assert!(matches!(replica.apply(&frame), Ok(Applied::Changed(_))));
                frames += 1;
            }
            counts.push(day.entities.len());
        }
        assert!(replica.entities().eq(day.entities.iter()));
        // One observation each five seconds, for two days.
        assert!(frames >= 2 * DAY_MS / 5_000, "{frames}");
        assert_eq!(counts[23], counts[47]);
    }

    #[test]
    fn those_who_come_back_get_what_they_missed_if_it_is_kept() {
        let start = UnixMs(1_000 * DAY_MS);
        let mut day = Day::new(state(), start);
        let before = day.head();
        let told = day.advance(start.plus_ms(MINUTE_MS));
        assert_eq!(day.after(&before).map(|it| it.len()), Some(told.len()));
        assert_eq!(day.after(&day.head()), Some(Vec::new()));
        let _later = day.advance(start.plus_ms(DAY_MS));
        assert_eq!(day.after(&before), None);
    }
}
