//! Random histories: observations, people, time, a store that fails, restarts. The invariants hold after each step.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use watchfloor_wire::action::{LinkRequest, MergeRequest, RenewRequest};
use watchfloor_wire::alert::AlertState;
use watchfloor_wire::incident::IncidentStatus;

use super::*;

#[derive(Clone, Debug)]
enum Event {
    Wait(i64),
    Answer(Outcome, f64),
    Act(u8, u64, u8, bool),
    Retry,
    Fail(u32),
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (1_i64..400).prop_map(|ticks| Event::Wait(ticks * 250)),
        4 => (
            prop_oneof![Just(Outcome::Ok), Just(Outcome::Down("x".to_owned()))],
            prop_oneof![Just(0.0), Just(0.02), Just(0.2)],
        ).prop_map(|(outcome, value)| Event::Answer(outcome, value)),
        6 => (0_u8..13, 1_u64..4, 0_u8..40, any::<bool>())
            .prop_map(|(action, incident, key, stale)| Event::Act(action, incident, key, stale)),
        1 => Just(Event::Retry),
        1 => (1_u32..4).prop_map(Event::Fail),
        1 => Just(Event::Restart),
    ]
}

pub(super) fn action(number: u8) -> ActionBody {
    let note = NoteRequest {
        note: "note".to_owned(),
    };
    match number {
        0 => ActionBody::Acknowledge(AcknowledgeRequest {
            note: "mine".to_owned(),
            lease_ms: 60_000,
            scope: LeaseScope::Severity,
            offer_to: None,
            notify: None,
        }),
        1 => ActionBody::Release(note),
        2 => comment(),
        3 => ActionBody::Assign {
            account: "omar".to_owned(),
            name: "Omar".to_owned(),
            note: String::new(),
        },
        4 => ActionBody::Escalate(note),
        5 => ActionBody::Undo(note),
        6 => ActionBody::Renew(RenewRequest {
            lease_ms: 120_000,
            note: String::new(),
        }),
        7 => ActionBody::HandOver {
            to: Recipient {
                account: "priya".to_owned(),
                name: "Priya".to_owned(),
            },
            note: String::new(),
        },
        8 => ActionBody::Accept(note),
        9 => ActionBody::Merge(MergeRequest {
            into: IncidentId(1),
            version: 2,
            note: String::new(),
        }),
        10 => ActionBody::Link(LinkRequest {
            to: IncidentId(2),
            note: String::new(),
        }),
        _ => resolve(),
    }
}

/// What must be so for ever.
#[derive(Default)]
struct Memory {
    versions: BTreeMap<u64, u64>,
    resolved: BTreeSet<u64>,
    answered: Vec<(ActionRequest, String)>,
    seen_commits: usize,
    seq: u64,
}

impl Memory {
    fn act(&mut self, bench: &mut Bench, asked: ActionRequest) -> Result<(), TestCaseError> {
        let outcome = bench.engine.act(&asked);
        if let ActionOutcome::Answered { body, replayed, .. } = outcome {
            let before = self.answered.iter().find(|(it, _)| it.key == asked.key);
            prop_assert_eq!(before.is_some(), replayed);
            match before {
                Some((_, first)) => prop_assert_eq!(first, &body),
                None => self.answered.push((asked, body)),
            }
        }
        Ok(())
    }

    fn check(&mut self, bench: &Bench) -> Result<(), TestCaseError> {
        self.check_feed(bench)?;
        self.check_incidents(bench)?;
        self.check_answers(bench)
    }

    /// I3: sequence numbers rise without holes, and versions of incidents with them; I5: what is resolved stays so.
    fn check_feed(&mut self, bench: &Bench) -> Result<(), TestCaseError> {
        let published = bench.published.0.lock().unwrap();
        for committed in &published[self.seen_commits..] {
            prop_assert_eq!(committed.from, self.seq);
            for op in &committed.ops {
                self.seq += 1;
                prop_assert_eq!(op.v, self.seq);
                let (Some(Kind::Incident), Some(body)) = (op.k.kind(), &op.p) else {
                    continue;
                };
                let incident: Incident = serde_json::from_str(body.get()).unwrap();
                let id = incident.id.0;
                let before = self.versions.insert(id, incident.version);
                prop_assert!(
                    before.is_none_or(|it| it < incident.version),
                    "{:?}",
                    incident
                );
                let resolved = incident.status == IncidentStatus::Resolved;
                prop_assert!(resolved || !self.resolved.contains(&id));
                if resolved {
                    self.resolved.insert(id);
                }
            }
            prop_assert_eq!(committed.to, self.seq);
        }
        self.seen_commits = published.len();
        prop_assert_eq!(Store::head(&bench.store).unwrap().seq, self.seq);
        Ok(())
    }

    /// Incidents list alerts that fire, a lease goes with "acknowledged" and a resolution with "resolved".
    fn check_incidents(&self, bench: &Bench) -> Result<(), TestCaseError> {
        let mut open = BTreeSet::new();
        for it in bench.engine.incidents() {
            prop_assert_eq!(
                it.lease.is_some(),
                it.status == IncidentStatus::Acknowledged
            );
            prop_assert_eq!(
                it.resolution.is_some(),
                it.status == IncidentStatus::Resolved
            );
            if it.status == IncidentStatus::Resolved {
                prop_assert!(it.alerts.is_empty());
                continue;
            }
            prop_assert!(
                open.insert(it.check.clone()),
                "two open incidents of one check"
            );
            for fingerprint in &it.alerts {
                let alert = bench.engine.entity(&Key::new(Kind::Alert, fingerprint));
                let Some(Entity::Alert(alert)) = alert else {
                    return Err(TestCaseError::fail("an alert of an incident is gone"));
                };
                prop_assert_eq!(alert.state, AlertState::Firing);
                prop_assert_eq!(alert.incident, Some(it.id));
            }
        }
        Ok(())
    }

    /// I4: each answered action is in the audit exactly once, and its answer is kept byte for byte.
    fn check_answers(&self, bench: &Bench) -> Result<(), TestCaseError> {
        let audit = bench.store.audit();
        for (asked, body) in &self.answered {
            let needle = format!("\"key\":\"{}\"", asked.key);
            // What is about two incidents has a row for the other one too, under a name of its own.
            let rows = audit.iter().filter(|row| row.detail.contains(&needle));
            let rows = rows.filter(|row| !row.action.ends_with("_from"));
            prop_assert_eq!(rows.count(), 1);
            let kept = Store::kept_answer(&bench.store, "priya", &asked.key).unwrap();
            prop_assert_eq!(&kept.unwrap().body, body);
        }
        prop_assert_eq!(bench.store.reader().unwrap().audit_break().unwrap(), None);
        Ok(())
    }
}

fn step(mut bench: Bench, memory: &mut Memory, event: Event) -> Result<Bench, TestCaseError> {
    match event {
        Event::Wait(ms) => bench.wait(ms),
        Event::Answer(outcome, value) => {
            bench.clock.advance_ms(1);
            let now = bench.clock.now();
            bench.engine.observe(vec![seen(now, outcome, Some(value))]);
        }
        Event::Act(number, incident, key, stale) => {
            let id = IncidentId(incident);
            let version = Store::incident(&bench.store, id)
                .unwrap()
                .map_or(1, |it| it.version);
            let asked = ActionRequest {
                incident: id,
                ..request(
                    action(number),
                    version.saturating_sub(u64::from(stale)),
                    &format!("key-{key}"),
                    "priya",
                )
            };
            memory.act(&mut bench, asked)?;
        }
        Event::Retry => {
            if let Some((asked, _)) = memory.answered.last().cloned() {
                memory.act(&mut bench, asked)?;
            }
        }
        Event::Fail(count) => bench.store.faults().fail_commits(count),
        Event::Restart => {
            bench.store.faults().fail_commits(0);
            bench = bench.restart();
        }
    }
    Ok(bench)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn invariants_hold_after_any_history(events in prop::collection::vec(event(), 1..50)) {
        let mut bench = Bench::new();
        let mut memory = Memory::default();
        memory.check(&bench)?;
        for event in events {
            bench = step(bench, &mut memory, event)?;
            memory.check(&bench)?;
        }
    }
}
