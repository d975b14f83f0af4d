//! The engine's part in telling people. It is the one writer, so what it answers to a claim is what everybody who
//! acts before or after agrees on: once an acknowledgement is stored, nothing that asks for one is begun.

mod ask;
mod settling;

use watchfloor_wire::entity::Entity;
use watchfloor_wire::incident::{Incident, TimelineKind};
use watchfloor_wire::notification::{NotificationKind, NotificationState};
use watchfloor_wire::time::UnixMs;

pub use self::ask::{Ask, AskObjection, AskOutcome, AskWhat};
use self::settling::Settling;
use super::run::Engine;
use crate::change::{Change, Transaction};
use crate::incidents::log::entry;
use crate::notify::claim::{self, Verdict};
use crate::notify::outbox::{Notification, OutboxChange, OutboxQuery};
use crate::notify::outcome::{self, Report};
use crate::store::{Store, StoreError};

/// What a worker may send now.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The row, which is now on its way.
    pub row: Notification,
    /// What it holds, when it is a digest.
    pub members: Vec<Notification>,
}

impl<S: Store> Engine<S> {
    /// Claims what a worker wants to send: one row, or several for one digest. `None` when nothing of it may be sent
    /// any more, which is noted.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was claimed.
    pub fn claim(&mut self, ids: &[String]) -> Result<Option<Claimed>, StoreError> {
        // The claim speaks of what is stored, so what waits goes first.
        self.flush()?;
        let mut rows = Vec::new();
        for id in ids {
            rows.extend(self.store.notifications(&OutboxQuery::One(id.clone()))?);
        }
        let now = self.clock.now();
        let mut settling = Settling::default();
        let mut sent = Vec::new();
        for row in rows {
            if row.kind == NotificationKind::Digest {
                return self.claim_again(row);
            }
            match self.judge(&row, now)? {
                Verdict::Leave => {}
                Verdict::Settle(state, why) => {
                    self.settle(&mut settling, &row, row.settled(state, &why, now), None);
                }
                Verdict::Send => sent.push(row),
            }
        }
        let claimed = match <[Notification; 1]>::try_from(sent) {
            Ok([row]) => Some(Claimed {
                row: send(&mut settling, &row),
                members: Vec::new(),
            }),
            Err(sent) if sent.is_empty() => None,
            Err(sent) => Some(digest(&mut settling, sent, now)),
        };
        self.commit_settling(settling, now)?;
        Ok(claimed)
    }

    /// Claims a digest that is tried again: whoever was answered since is taken out of it.
    fn claim_again(&mut self, row: Notification) -> Result<Option<Claimed>, StoreError> {
        let now = self.clock.now();
        if row.state != NotificationState::Waiting || row.next_at > now {
            return Ok(None);
        }
        let mut settling = Settling::default();
        let mut members = Vec::new();
        for member in self
            .store
            .notifications(&OutboxQuery::Members(row.id.clone()))?
        {
            let incident = self.incident_of(&member)?;
            match claim::judge_member(&member, incident.as_ref(), &self.core, now) {
                Verdict::Leave => {}
                Verdict::Settle(state, why) => {
                    let settled = member.settled(state, &why, now);
                    self.settle(&mut settling, &member, settled, None);
                }
                Verdict::Send => members.push(member),
            }
        }
        let claimed = if members.is_empty() {
            let why = "nothing of it was left to tell";
            let settled = row.settled(NotificationState::Withdrawn, why, now);
            self.settle(&mut settling, &row, settled, None);
            None
        } else {
            let row = send(&mut settling, &row);
            Some(Claimed { row, members })
        };
        self.commit_settling(settling, now)?;
        Ok(claimed)
    }

    fn judge(&self, row: &Notification, now: UnixMs) -> Result<Verdict, StoreError> {
        let incident = self.incident_of(row)?;
        Ok(claim::judge(row, incident.as_ref(), &self.core, now))
    }

    fn incident_of(&self, row: &Notification) -> Result<Option<Incident>, StoreError> {
        let Some(id) = row.incident() else {
            return Ok(None);
        };
        match self.core.incident(id) {
            Some(incident) => Ok(Some(incident.clone())),
            None => self.store.incident(id),
        }
    }

    /// Notes what became of a try. A report about a try that is over is ignored.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was noted, and the report must come again.
    pub fn report(&mut self, report: &Report) -> Result<(), StoreError> {
        let rows = self
            .store
            .notifications(&OutboxQuery::One(report.id.clone()))?;
        let now = self.clock.now();
        let Some(row) = rows.into_iter().next() else {
            return Ok(());
        };
        let Some(after) = outcome::after(&row, report, now) else {
            return Ok(());
        };
        let mut settling = Settling::default();
        if after.kind == NotificationKind::Digest && after.state.is_final() {
            let members = self
                .store
                .notifications(&OutboxQuery::Members(row.id.clone()))?;
            let open = members.into_iter().filter(|it| it.settled_at.is_none());
            let open: Vec<_> = open.collect();
            for member in &open {
                let mut settled = member.settled(NotificationState::Digested, &after.reason, now);
                settled.took_ms = after.took_ms;
                self.settle(&mut settling, member, settled, Some(open.len()));
            }
        }
        self.settle(&mut settling, &row, after, None);
        self.commit_settling(settling, now)
    }

    /// Adds to a transaction what an answer makes of notifications that ask for one: those that wait are withdrawn
    /// with it, and those that are on their way are not tried again.
    pub(super) fn withdraw_answered(
        &self,
        transaction: &mut Transaction,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut settling = Settling::default();
        for change in &transaction.changes {
            let Change::Upsert(Entity::Incident(incident)) = change else {
                continue;
            };
            if !self.core.is_answer(incident) {
                continue;
            }
            let why = claim::answer(incident);
            for row in self.store.notifications(&OutboxQuery::Of(incident.id))? {
                if !row.kind.asks() {
                    continue;
                }
                if row.state == NotificationState::Waiting {
                    let settled = row.settled(NotificationState::Withdrawn, &why, now);
                    self.settle(&mut settling, &row, settled, None);
                } else {
                    let answered = Notification {
                        answered: Some(why.clone()),
                        ..row.clone()
                    };
                    settling.changes.push(row.moved_to(answered));
                }
            }
        }
        let texts = settling.texts.into_iter();
        transaction.timeline.extend(
            texts.map(|(incident, text)| entry(incident, now, TimelineKind::Notified, text)),
        );
        transaction.audit.extend(settling.audit);
        transaction.outbox.extend(settling.changes);
        Ok(())
    }

    /// After a start: what was on its way when the gateway stopped waits again, because nobody knows whether it
    /// arrived, and what waits for a channel that is no longer configured is given up.
    pub(super) fn recover_outbox(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut settling = Settling::default();
        for row in self.store.notifications(&OutboxQuery::Unsettled)? {
            if self.core.channel_name(&row.channel).is_none() {
                let why = "its channel is no longer configured";
                let dead = row.settled(NotificationState::Dead, why, now);
                self.settle(&mut settling, &row, dead, None);
            } else if row.state == NotificationState::Sending {
                let waiting = Notification {
                    state: NotificationState::Waiting,
                    next_at: now,
                    ..row.clone()
                };
                settling.changes.push(row.moved_to(waiting));
            }
        }
        self.commit_settling(settling, now)
    }
}

/// The row on its way.
fn send(settling: &mut Settling, row: &Notification) -> Notification {
    let sending = Notification {
        state: NotificationState::Sending,
        attempts: row.attempts + 1,
        ..row.clone()
    };
    settling.changes.push(row.moved_to(sending.clone()));
    sending
}

/// Several rows in one, on its way. It is named after the first of them, which goes into one digest only.
fn digest(settling: &mut Settling, rows: Vec<Notification>, now: UnixMs) -> Claimed {
    let first = rows.first();
    let (name, channel) = first.map_or(("", ""), |it| (it.id.as_str(), it.channel.as_str()));
    let digest = Notification {
        state: NotificationState::Sending,
        attempts: 1,
        ..Notification::waiting(
            format!("digest-{name}"),
            channel,
            NotificationKind::Digest,
            now,
        )
    };
    settling.changes.push(OutboxChange::Add(digest.clone()));
    let members: Vec<Notification> = rows
        .iter()
        .map(|row| Notification {
            state: NotificationState::Digested,
            digest: Some(digest.id.clone()),
            ..row.clone()
        })
        .collect();
    let moves = rows.iter().zip(&members);
    settling
        .changes
        .extend(moves.map(|(row, member)| row.moved_to(member.clone())));
    Claimed {
        row: digest,
        members,
    }
}
