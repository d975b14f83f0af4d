//! What people were promised: every press of a button, every answer, and I4.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use watchfloor_gateway::engine::{ActionOutcome, ActionRequest};
use watchfloor_gateway::store::{MemoryStore, Store};
use watchfloor_wire::action::ActionAnswer;
use watchfloor_wire::entity::{Key, Kind};

use crate::client::ClientId;
use crate::truth::Truth;

/// Tries of one press, at most.
pub const MAX_TRIES: u32 = 8;
/// Timeline entries that are looked at.
const ENTRIES: usize = 10_000;

/// One press of a button, with all its tries.
#[derive(Debug)]
pub struct Press {
    /// Who pressed.
    pub client: ClientId,
    /// What for; every try is the same request.
    pub request: ActionRequest,
    /// How often it was sent.
    pub tries: u32,
    /// Nothing more will be sent.
    pub is_settled: bool,
    body: Option<String>,
}

/// All presses.
#[derive(Debug, Default)]
pub struct Ledger {
    /// In order.
    pub presses: Vec<Press>,
    /// Presses that were answered 200 and not checked since the disk changed hands.
    unchecked: Vec<usize>,
    /// Answers of 200.
    pub answered: u64,
    /// Answers of 200 that had been given before.
    pub replayed: u64,
    /// 409 and 412.
    pub refused: u64,
    /// 503, or nobody there.
    pub unavailable: u64,
}

impl Ledger {
    /// Notes a press.
    pub fn press(&mut self, client: ClientId, request: ActionRequest) -> usize {
        self.presses.push(Press {
            client,
            request,
            tries: 1,
            is_settled: false,
            body: None,
        });
        self.presses.len() - 1
    }

    /// Takes an answer as the client got it.
    ///
    /// # Errors
    /// I4, when the same key got another answer than before.
    pub fn answer(&mut self, place: usize, outcome: Option<&ActionOutcome>) -> Result<()> {
        let press = &mut self.presses[place];
        match outcome {
            Some(ActionOutcome::Answered { body, replayed, .. }) => {
                self.answered += 1;
                self.replayed += u64::from(*replayed);
                press.is_settled = true;
                if let Some(first) = &press.body {
                    ensure!(
                        first == body,
                        "I4: key {} was answered {first}, then {body}",
                        press.request.key
                    );
                }
                press.body = Some(body.clone());
                self.unchecked.push(place);
            }
            Some(ActionOutcome::StoreFailed(_)) | None => self.unavailable += 1,
            Some(_) => {
                self.refused += 1;
                press.is_settled = true;
            }
        }
        Ok(())
    }

    /// I4 for the answers that came since the last call.
    ///
    /// # Errors
    /// With the first promise that was not kept.
    pub fn check_new(&mut self, truth: &Truth, disk: &MemoryStore) -> Result<()> {
        for place in std::mem::take(&mut self.unchecked) {
            self.check_one(place, truth, disk, &audited(disk))?;
        }
        Ok(())
    }

    /// I4 for everything that was ever answered, and that nothing was done twice.
    ///
    /// # Errors
    /// With the first promise that was not kept.
    pub fn check_all(&self, truth: &Truth, disk: &MemoryStore) -> Result<()> {
        let audited = audited(disk);
        for (place, press) in self.presses.iter().enumerate() {
            let done = audited.get(&press.request.key).copied().unwrap_or(0);
            ensure!(
                done <= 1,
                "I4: key {} was carried out {done} times",
                press.request.key
            );
            if press.body.is_some() {
                self.check_one(place, truth, disk, &audited)?;
            }
        }
        ensure!(
            disk.reader()?.audit_break()?.is_none(),
            "I4: the chain of the audit is broken"
        );
        Ok(())
    }

    fn check_one(
        &self,
        place: usize,
        truth: &Truth,
        disk: &MemoryStore,
        audited: &BTreeMap<String, usize>,
    ) -> Result<()> {
        let press = &self.presses[place];
        let key = &press.request.key;
        let body = press.body.as_deref().context("an answer without a body")?;
        let answer: ActionAnswer =
            serde_json::from_str(body).with_context(|| format!("I4: {key} was answered {body}"))?;
        let count = audited.get(key).copied().unwrap_or(0);
        ensure!(
            count == 1,
            "I4: key {key} was answered 200 and stands {count} times in the audit"
        );
        let kept = Store::kept_answer(disk, &press.request.actor.account, key)?;
        ensure!(
            kept.is_some_and(|it| it.body == body),
            "I4: the answer under key {key} is not kept as it was given"
        );
        let incident = Key::new(Kind::Incident, &answer.incident.id.0);
        match truth.incident_at(&incident, answer.seq) {
            Some(stored) if *stored == answer.incident => {}
            stored => bail!(
                "I4: key {key} was answered {:?}, the feed has {stored:?} at {}",
                answer.incident,
                answer.seq
            ),
        }
        let entries = Store::timeline(disk, answer.incident.id, ENTRIES)?;
        let noted = entries.iter().filter(|entry| entry.note == *key).count();
        ensure!(
            noted == 1,
            "I4: key {key} stands {noted} times in the timeline"
        );
        Ok(())
    }
}

/// How often each key stands in the audit.
fn audited(disk: &MemoryStore) -> BTreeMap<String, usize> {
    let mut keys = BTreeMap::new();
    for row in disk.audit() {
        let detail: serde_json::Value = serde_json::from_str(&row.detail).unwrap_or_default();
        if let Some(key) = detail["key"].as_str() {
            *keys.entry(key.to_owned()).or_default() += 1;
        }
    }
    keys
}
