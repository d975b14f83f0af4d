//! Random histories of telling: people, time, receivers that fail, workers that die, a store that fails, restarts.
//! Every row ends once, and nothing that asks for an answer begins after the answer.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use watchfloor_wire::notification::{NotificationKind, NotificationState};
use watchfloor_wire::silence::SilenceKind;
use watchfloor_wire::time::MINUTE_MS;

use super::*;
use crate::notify::outbox::{Notification, OutboxQuery};
use crate::notify::outcome::{Report, TryError};
use crate::notify::pace::{Next, Pace};

#[derive(Clone, Debug)]
enum Event {
    Wait(i64),
    Answer(Outcome),
    Act(u8),
    /// A worker takes what is next on a channel and hears this of it: delivered, failed, refused for good, or nothing
    /// because the worker dies.
    Send(bool, u8),
    /// Somebody silences the product for so many minutes.
    Mute(i64),
    Fail(u32),
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1_i64..200).prop_map(|ticks| Event::Wait(ticks * 250)),
        4 => prop_oneof![Just(Outcome::Ok), Just(Outcome::Down("x".to_owned()))]
            .prop_map(Event::Answer),
        4 => (0_u8..5).prop_map(Event::Act),
        10 => (any::<bool>(), 0_u8..4).prop_map(|(slack, end)| Event::Send(slack, end)),
        1 => (1_i64..20).prop_map(Event::Mute),
        1 => (1_u32..3).prop_map(Event::Fail),
        1 => Just(Event::Restart),
    ]
}

fn action(number: u8) -> ActionBody {
    let note = NoteRequest {
        note: "note".to_owned(),
    };
    match number {
        0 | 1 => ActionBody::Acknowledge(AcknowledgeRequest {
            note: "mine".to_owned(),
            lease_ms: 60_000,
            scope: LeaseScope::Severity,
            offer_to: None,
            notify: None,
        }),
        2 => ActionBody::Release(note),
        3 => ActionBody::Escalate(note),
        _ => resolve(),
    }
}

/// What must be so for ever.
#[derive(Default)]
struct Memory {
    ended: BTreeMap<String, NotificationState>,
    delivered: BTreeSet<String>,
    keys: u64,
}

impl Memory {
    fn check(&mut self, bench: &Bench) -> Result<(), TestCaseError> {
        let rows = bench.rows(&OutboxQuery::Recent);
        let ids: BTreeSet<&str> = rows.iter().map(|it| it.id.as_str()).collect();
        prop_assert_eq!(ids.len(), rows.len(), "an id is there once");
        for row in &rows {
            let is_part = row.state == NotificationState::Digested;
            prop_assert_eq!(is_part, row.digest.is_some() && is_part);
            prop_assert!(
                row.settled_at.is_none() || row.state.is_final(),
                "{:?}",
                row
            );
            prop_assert!(
                row.settled_at.is_some() || !row.state.is_final() || is_part,
                "{:?}",
                row
            );
            if row.settled_at.is_some() {
                let first = self.ended.insert(row.id.clone(), row.state);
                prop_assert!(
                    first.is_none_or(|it| it == row.state),
                    "{:?} ended twice",
                    row
                );
            } else {
                prop_assert!(!self.ended.contains_key(&row.id), "{:?} began again", row);
            }
        }
        Ok(())
    }

    /// I6, at the moment when something begins.
    fn begins(&self, bench: &Bench, row: &Notification) -> Result<(), TestCaseError> {
        prop_assert!(
            !self.delivered.contains(&row.id),
            "{} is sent twice",
            row.id
        );
        let Some(facts) = row.facts.as_ref().filter(|_| row.kind.asks()) else {
            return Ok(());
        };
        let incident = Store::incident(&bench.store, facts.incident)
            .unwrap()
            .unwrap();
        let by_hand = facts.by_name.is_some();
        let stands = incident.status == IncidentStatus::Triggered
            || (by_hand && incident.status == IncidentStatus::Acknowledged);
        prop_assert!(stands, "{} begins while {:?}", row.id, incident.status);
        // An answer after it would have withdrawn it, also one that has lapsed since.
        prop_assert!(row.answered.is_none());
        Ok(())
    }

    fn send(&mut self, bench: &mut Bench, slack: bool, end: u8) -> Result<(), TestCaseError> {
        let channel = if slack { "slack" } else { "mail" };
        let now = bench.clock.now();
        let channel = channel.to_owned();
        let mut due = bench.rows(&OutboxQuery::Waiting { channel });
        due.retain(|it| it.next_at <= now);
        let ids = match Pace::new(1).next(&due, now.0) {
            Next::One(id) => vec![id],
            Next::Digest(ids) => ids,
            Next::Nothing | Next::Wait(_) => return Ok(()),
        };
        let Ok(Some(claimed)) = bench.engine.claim(&ids) else {
            return Ok(());
        };
        let rows = std::iter::once(&claimed.row).chain(&claimed.members);
        let rows: Vec<Notification> = rows.cloned().collect();
        for row in &rows {
            self.begins(bench, row)?;
        }
        let result = match end {
            0 => Ok(()),
            1 => Err(TryError::passing("it answers 500".to_owned())),
            2 => Err(TryError::lasting("it answers 404".to_owned())),
            _ => return Ok(()),
        };
        let delivered = result.is_ok();
        let report = Report {
            id: claimed.row.id.clone(),
            attempt: claimed.row.attempts,
            took_ms: 5,
            result,
            unit: 0.5,
        };
        while bench.engine.report(&report).is_err() {}
        if delivered {
            self.delivered.extend(rows.into_iter().map(|it| it.id));
        }
        Ok(())
    }

    fn act(&mut self, bench: &mut Bench, number: u8) {
        self.keys += 1;
        let newest = bench.engine.incidents().max_by_key(|it| it.id).cloned();
        let Some(incident) = newest else { return };
        let key = format!("key-{}", self.keys);
        let mut asked = request(action(number), incident.version, &key, "priya");
        asked.incident = incident.id;
        // Refused or not: what is stored is looked at.
        let _ = bench.engine.act(&asked);
    }
}

/// Everything that still waits is delivered, and then nothing waits.
fn drain(bench: &mut Bench, memory: &mut Memory) -> Result<(), TestCaseError> {
    bench.store.faults().fail_commits(0);
    bench.engine.tick();
    for _ in 0..200 {
        bench.clock.advance_ms(700_000);
        for slack in [true, false] {
            memory.send(bench, slack, 0)?;
        }
        memory.check(bench)?;
        if bench.rows(&OutboxQuery::Unsettled).is_empty() {
            break;
        }
    }
    for row in bench.rows(&OutboxQuery::Recent) {
        prop_assert!(row.settled_at.is_some(), "{:?} never ends", row);
        if row.state == NotificationState::Digested {
            let digest = row.digest.clone().unwrap();
            let digest = bench.rows(&OutboxQuery::One(digest)).remove(0);
            prop_assert_eq!(digest.kind, NotificationKind::Digest);
            prop_assert!(digest.state.is_final());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn every_notification_ends_once_and_none_begins_after_the_answer(
        events in proptest::collection::vec(event(), 1..80),
    ) {
        let (mut bench, mut memory) = (Bench::telling(), Memory::default());
        for event in events {
            match event {
                Event::Wait(ms) => bench.wait(ms),
                Event::Answer(outcome) => bench.answer(outcome),
                Event::Act(number) => memory.act(&mut bench, number),
                Event::Send(slack, end) => memory.send(&mut bench, slack, end)?,
                Event::Mute(minutes) => {
                    let key = format!("mute at {}", bench.clock.now().0);
                    bench.make_as(&key, SilenceKind::Silence, minutes * MINUTE_MS);
                }
                Event::Fail(count) => bench.store.faults().fail_commits(count),
                Event::Restart => {
                    bench.store.faults().fail_commits(0);
                    bench = bench.restart_telling();
                }
            }
            memory.check(&bench)?;
        }
        bench = bench.restart_telling_healed();
        drain(&mut bench, &mut memory)?;
    }
}

impl Bench {
    fn restart_telling_healed(self) -> Self {
        self.store.faults().fail_commits(0);
        self.restart_telling()
    }
}
