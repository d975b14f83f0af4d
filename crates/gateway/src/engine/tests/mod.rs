#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod actions;
mod clock;
mod epochs;
mod histories;
mod on_call;
mod outbox;
mod outbox_ends;
mod outbox_histories;
mod silences;
mod threaded;
mod together;

use std::sync::{Arc, Mutex};

use watchfloor_wire::action::{AcknowledgeRequest, ActionAnswer, NoteRequest};
use watchfloor_wire::incident::{IncidentStatus, LeaseScope, TimelineKind};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::{HOUR_MS, UnixMs};

use super::*;
use crate::evaluate::tests::{PRODUCT, config, seen};
use crate::observation::Outcome;
use crate::store::MemoryStore;
use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::id::IncidentId;

use crate::change::AuditRow;

/// Keeps everything that was published.
#[derive(Clone, Default)]
struct Published(Arc<Mutex<Vec<Committed>>>);

impl Publish for Published {
    fn publish(&self, committed: &Committed) {
        self.0.lock().unwrap().push(committed.clone());
    }
}

impl Published {
    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

struct Bench {
    engine: Engine<MemoryStore>,
    store: MemoryStore,
    published: Published,
    clock: Clock,
}

impl Bench {
    fn new() -> Self {
        let clock = Clock::manual(UnixMs(1_000_000));
        Self::on(MemoryStore::new(clock.clone()), clock, Published::default())
    }

    fn on(store: MemoryStore, clock: Clock, published: Published) -> Self {
        Self::configured(&config(PRODUCT), store, clock, published)
    }

    fn configured(config: &Config, store: MemoryStore, clock: Clock, published: Published) -> Self {
        let engine = Engine::new(
            config,
            store.clone(),
            Box::new(published.clone()),
            clock.clone(),
        )
        .unwrap();
        Self {
            engine,
            store,
            published,
            clock,
        }
    }

    /// The process dies and another one starts on the same store.
    fn restart(self) -> Self {
        Self::on(self.store, self.clock, self.published)
    }

    fn wait(&mut self, ms: i64) {
        for _ in 0..ms / 250 {
            self.clock.advance_ms(250);
            self.engine.tick();
        }
    }

    fn answer(&mut self, outcome: Outcome) {
        let now = self.clock.now();
        self.engine.observe(vec![seen(now, outcome, Some(0.0))]);
    }

    /// Opens incident 1.
    fn broken() -> Self {
        let mut bench = Self::new();
        bench.answer(Outcome::Down("HTTP 503".to_owned()));
        bench
    }

    fn stored(&self) -> Incident {
        Store::incident(&self.store, IncidentId(1))
            .unwrap()
            .unwrap()
    }

    fn act(&mut self, action: ActionBody, key: &str) -> ActionOutcome {
        let if_match = self.stored().version;
        self.engine.act(&request(action, if_match, key, "priya"))
    }
}

fn request(action: ActionBody, if_match: u64, key: &str, account: &str) -> ActionRequest {
    ActionRequest {
        incident: IncidentId(1),
        fingerprint: format!("{action:?}"),
        action,
        if_match,
        key: key.to_owned(),
        actor: Actor {
            account: account.to_owned(),
            name: account.to_uppercase(),
            role: Role::Operator,
        },
    }
}

fn acknowledge() -> ActionBody {
    ActionBody::Acknowledge(AcknowledgeRequest {
        note: "looking at {{SEQ}}".to_owned(),
        lease_ms: HOUR_MS,
        scope: LeaseScope::UntilResolved,
        offer_to: None,
        notify: None,
    })
}

fn resolve() -> ActionBody {
    ActionBody::Resolve(NoteRequest {
        note: "restarted it".to_owned(),
    })
}

fn comment() -> ActionBody {
    ActionBody::Comment(NoteRequest {
        note: "see the graph".to_owned(),
    })
}

fn body(outcome: &ActionOutcome) -> ActionAnswer {
    let ActionOutcome::Answered { status, body, .. } = outcome else {
        panic!("not answered: {outcome:?}")
    };
    assert_eq!(*status, 200);
    serde_json::from_str(body).unwrap()
}

#[test]
fn a_broken_check_opens_an_incident_within_the_same_commit() {
    let bench = Bench::broken();
    let published = bench.published.0.lock().unwrap();
    let keys: Vec<&str> = published[1].ops.iter().map(|op| op.k.as_str()).collect();
    assert!(keys.contains(&"incident/1") && keys.contains(&"check/shop.api"));
    assert!(keys.contains(&"product/shop"));
    let incident = bench.stored();
    assert_eq!(incident.title, "Shop API: down");
    let alert = &incident.alerts[0];
    let alert = bench.engine.entity(&Key::new(Kind::Alert, alert)).unwrap();
    assert!(matches!(alert, Entity::Alert(it) if it.incident == Some(IncidentId(1))));
}

#[test]
fn an_alert_that_goes_on_after_resolve_opens_nothing_until_it_fires_again() {
    let mut bench = Bench::broken();
    body(&bench.act(resolve(), "r"));
    bench.wait(5_000);
    bench.answer(Outcome::Down("HTTP 503".to_owned()));
    bench.wait(5_000);
    assert_eq!(bench.engine.incidents().count(), 1);
    bench.answer(Outcome::Ok);
    bench.wait(1_000);
    bench.answer(Outcome::Down("HTTP 503".to_owned()));
    assert_eq!(bench.engine.incidents().count(), 2);
}

#[test]
fn while_the_store_fails_actions_are_refused_and_watching_goes_on() {
    let mut bench = Bench::broken();
    bench.wait(250);
    let before = (bench.stored(), bench.published.count());
    bench.store.faults().fail_commits(100);
    let outcome = bench.act(acknowledge(), "k");
    assert!(
        matches!(outcome, ActionOutcome::StoreFailed(_)),
        "{outcome:?}"
    );
    bench.answer(Outcome::Ok);
    bench.wait(10_000);
    let check = bench
        .engine
        .entity(&Key::new(Kind::Check, &"shop.api"))
        .unwrap();
    assert!(matches!(check, Entity::Check(it) if it.reason.is_empty()));
    assert_eq!((bench.stored(), bench.published.count()), before);
    assert!(bench.engine.ages().read().store_ms.unwrap() >= 10_000);
    bench.store.faults().fail_commits(0);
    bench.wait(250);
    assert_eq!(bench.engine.ages().read().store_ms, Some(0));
    assert!(bench.stored().alerts.is_empty());
    let answer = body(&bench.act(acknowledge(), "k"));
    assert_eq!(answer.incident.version, before.0.version + 2);
}

#[test]
fn refreshes_after_a_pause_and_changes_are_stored_at_once_and_other_refreshes_with_the_tick() {
    let mut bench = Bench::new();
    bench.answer(Outcome::Ok);
    bench.wait(1_000);
    let count = bench.published.count();
    bench.answer(Outcome::Ok);
    assert_eq!(bench.published.count(), count + 1);
    bench.clock.advance_ms(249);
    bench.answer(Outcome::Ok);
    assert_eq!(bench.published.count(), count + 1);
    bench.wait(250);
    assert_eq!(bench.published.count(), count + 2);
    bench.wait(5_000);
    assert_eq!(bench.published.count(), count + 2);
    bench.answer(Outcome::Ok);
    bench.answer(Outcome::Down("x".to_owned()));
    assert_eq!(bench.published.count(), count + 4);
}

#[test]
fn escalation_happens_once_also_after_a_restart() {
    let mut bench = Bench::broken();
    bench.wait(500);
    let mut bench = bench.restart();
    bench.clock.advance_ms(25 * 60_000);
    bench.wait(500);
    let timeline = Store::timeline(&bench.store, IncidentId(1), 20).unwrap();
    let texts: Vec<&str> = timeline
        .iter()
        .map(|it| it.text.as_str())
        .filter(|it| it.starts_with("Escalated") || it.starts_with("Passed"))
        .collect();
    assert_eq!(
        texts,
        [
            "Escalated to CTO",
            "Passed over: Team lead, it was due before",
            "Escalated to On-call"
        ]
    );
}

#[test]
fn what_the_configuration_lost_is_deleted_when_the_engine_starts() {
    let bench = Bench::new();
    let smaller = config(&PRODUCT.replace("\"mail\"", "\"post\""));
    let engine = Engine::new(
        &smaller,
        bench.store.clone(),
        Box::new(bench.published.clone()),
        bench.clock.clone(),
    );
    assert!(engine.is_ok());
    let keys: Vec<String> = bench
        .store
        .entities()
        .unwrap()
        .into_iter()
        .map(|(key, _, _)| key.to_string())
        .collect();
    assert!(keys.contains(&"check/shop.post".to_owned()));
    assert!(!keys.contains(&"check/shop.mail".to_owned()));
}
