//! Random histories of incidents alone: alerts, time, and many operators whose views are old, who press twice and get
//! their answers late, all against one store. What must hold is checked after every step.
//!
//! The engine, its store and its idempotency are the gateway's own; the network, evaluation and the disk's faults are
//! the business of [`crate::world`].

mod people;
mod rules;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use watchfloor_gateway::change::Committed;
use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::engine::{Engine, Publish};
use watchfloor_gateway::observation::{CheckObservation, Observation, Outcome};
use watchfloor_gateway::store::MemoryStore;
use watchfloor_wire::id::CheckId;
use watchfloor_wire::time::UnixMs;

use crate::chance::Chance;
use crate::products;
use people::People;
use rules::Rules;

/// When a history begins.
const BEGIN: UnixMs = UnixMs(1_763_683_200_000);
/// Steps of one history.
const STEPS: i64 = 48;

/// What was done in one history, or in many.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Steps that were taken.
    pub steps: u64,
    /// What was carried out, refused and checked, by name.
    pub counts: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(crate) fn add(&mut self, name: &'static str) {
        *self.counts.entry(name).or_default() += 1;
    }

    /// Adds another one's counts.
    pub fn merge(&mut self, other: &Self) {
        self.steps += other.steps;
        for (name, times) in &other.counts {
            *self.counts.entry(name).or_default() += times;
        }
    }
}

/// How a history ended.
#[derive(Clone, Debug)]
pub struct History {
    /// What was done.
    pub tally: Tally,
    /// The invariant that broke and the last steps; `None` when all held.
    pub failure: Option<(String, Vec<String>)>,
}

/// Hands on what was published, so that each commit is checked.
#[derive(Clone, Default)]
struct Published(std::sync::Arc<std::sync::Mutex<Vec<Committed>>>);

impl Publish for Published {
    fn publish(&self, committed: &Committed) {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(committed.clone());
    }
}

impl Published {
    fn take(&self) -> Vec<Committed> {
        let mut all = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut *all)
    }
}

/// Runs one history.
///
/// # Errors
/// When it cannot run at all; a broken invariant is in the [`History`].
pub fn run(seed: u64) -> Result<History> {
    let mut desk = DeskOf::new(seed)?;
    let mut tail: Vec<String> = Vec::new();
    for step in 0..STEPS {
        let what = desk.step();
        tail.push(format!("{step:>3} {what}"));
        if let Err(broken) = desk.check() {
            tail.drain(..tail.len().saturating_sub(20));
            return Ok(History {
                tally: desk.tally,
                failure: Some((broken, tail)),
            });
        }
    }
    Ok(History {
        tally: desk.tally,
        failure: None,
    })
}

/// One gateway with everybody around it.
struct DeskOf {
    chance: Chance,
    clock: Clock,
    store: MemoryStore,
    engine: Engine<MemoryStore>,
    published: Published,
    people: People,
    rules: Rules,
    tally: Tally,
}

impl DeskOf {
    fn new(seed: u64) -> Result<Self> {
        let clock = Clock::manual(BEGIN);
        let store = MemoryStore::new(clock.clone());
        let published = Published::default();
        let engine = start(&store, &published, &clock)?;
        Ok(Self {
            chance: Chance::new(seed),
            clock,
            store,
            engine,
            published,
            people: People::new(),
            rules: Rules::default(),
            tally: Tally::default(),
        })
    }

    /// Lets one thing happen; what it was, in words.
    fn step(&mut self) -> String {
        self.tally.steps += 1;
        match self.chance.between(0, 19) {
            0..=2 => self.probe(),
            3..=5 => self.wait(),
            6 if self.chance.one_in(3) => self.restart(),
            _ => self
                .people
                .act(&mut self.engine, &mut self.chance, &mut self.tally),
        }
    }

    fn probe(&mut self) -> String {
        self.clock.advance_ms(self.chance.between(1, 50));
        let check = products::CHECKS[self.chance.place(products::CHECKS.len())];
        let is_down = self.chance.one_in(2);
        let outcome = if is_down {
            Outcome::Down("connection refused".to_owned())
        } else {
            Outcome::Ok
        };
        self.engine
            .observe(vec![Observation::Check(CheckObservation {
                check: CheckId::from(check),
                observed_at: self.clock.now(),
                outcome,
                samples: Vec::new(),
            })]);
        format!("{check} is {}", if is_down { "down" } else { "up" })
    }

    fn wait(&mut self) -> String {
        // Short waits meet the ten seconds of undo, long ones the ends of offers and leases.
        let ms = match self.chance.between(0, 3) {
            0 => self.chance.between(1, 3_000),
            1 => self.chance.between(3_000, 20_000),
            2 => self.chance.between(20_000, 120_000),
            _ => self.chance.between(120_000, 1_200_000),
        };
        self.clock.advance_ms(ms);
        self.engine.tick();
        format!("{ms} ms pass")
    }

    fn restart(&mut self) -> String {
        // The store outlives the process; an engine that cannot start again is found by the next check.
        match start(&self.store, &self.published, &self.clock) {
            Ok(engine) => {
                self.engine = engine;
                self.tally.add("restarts");
                "the gateway starts again".to_owned()
            }
            Err(error) => format!("the gateway does not start again: {error:#}"),
        }
    }

    fn check(&mut self) -> Result<(), String> {
        for committed in self.published.take() {
            self.rules.take(&committed, self.clock.now())?;
        }
        self.rules.explain(&self.store, &mut self.tally)?;
        self.rules.check_board(&self.engine)?;
        self.count_symptoms();
        self.people.check(&self.store)?;
        self.tally.add("checks");
        Ok(())
    }
}

impl DeskOf {
    /// Notes that there are symptoms, and that some are where people merged them to.
    fn count_symptoms(&mut self) {
        let open = self.engine.incidents().filter(|it| it.resolution.is_none());
        let with_symptoms = open.filter(|it| it.symptoms.iter().any(|it| it.ended_at.is_none()));
        let covers: Vec<bool> = with_symptoms.map(|it| !it.covers.is_empty()).collect();
        if !covers.is_empty() {
            self.tally.add("symptoms");
        }
        if covers.contains(&true) {
            self.tally.add("symptoms in a merged incident");
        }
    }
}

fn start(store: &MemoryStore, published: &Published, clock: &Clock) -> Result<Engine<MemoryStore>> {
    Engine::new(
        &products::config_with_symptoms()?,
        store.clone(),
        Box::new(published.clone()),
        clock.clone(),
    )
    .context("the engine does not start")
}
