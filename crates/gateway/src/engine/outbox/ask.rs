//! What people ask for: a test of a channel, and that a dead letter is sent again.

use watchfloor_wire::notification::{NotificationAnswer, NotificationKind, NotificationState};
use watchfloor_wire::time::UnixMs;

use crate::change::{AuditRow, KeptAnswer, Transaction};
use crate::engine::run::Engine;
use crate::notify::outbox::{Notification, OutboxChange, OutboxQuery};
use crate::store::{Store, StoreError};

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What.
    pub what: AskWhat,
    /// The account.
    pub account: String,
    /// The account's name for people.
    pub name: String,
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of method, path and body, in hex.
    pub fingerprint: String,
}

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskWhat {
    /// A test of this channel, under this id.
    Test {
        /// The channel.
        channel: String,
        /// The notification's id.
        id: String,
    },
    /// That the notification of this id, which was given up, is sent again.
    Retry(String),
}

/// What became of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskOutcome {
    /// It was written down.
    Answered {
        /// The JSON of [`NotificationAnswer`], byte for byte the same for the same key.
        body: String,
        /// True when it was done before under the same key.
        replayed: bool,
    },
    /// The key was used for another request: 422.
    KeyReused,
    /// There is no such channel or notification: 404.
    NotFound,
    /// It was not given up, so that it cannot be sent again: 409.
    NotDead,
    /// It could not be stored, so it was not done: 503.
    StoreFailed(String),
}

impl<S: Store> Engine<S> {
    /// Writes down what a person asks for.
    pub fn ask(&mut self, ask: &Ask) -> AskOutcome {
        self.try_ask(ask)
            .unwrap_or_else(|error| AskOutcome::StoreFailed(error.to_string()))
    }

    fn try_ask(&mut self, ask: &Ask) -> Result<AskOutcome, StoreError> {
        if let Some(kept) = self.store.kept_answer(&ask.account, &ask.key)? {
            return Ok(if kept.fingerprint == ask.fingerprint {
                AskOutcome::Answered {
                    body: kept.body,
                    replayed: true,
                }
            } else {
                AskOutcome::KeyReused
            });
        }
        let now = self.clock.now();
        let (changes, row) = match &ask.what {
            AskWhat::Test { channel, id } => {
                if self.core.channel_name(channel).is_none() {
                    return Ok(AskOutcome::NotFound);
                }
                let mut row =
                    Notification::waiting(id.clone(), channel, NotificationKind::Test, now);
                row.by_name = Some(ask.name.clone());
                (vec![OutboxChange::Add(row.clone())], row)
            }
            AskWhat::Retry(id) => match self.sent_again(id, now)? {
                Ok(found) => found,
                Err(outcome) => return Ok(outcome),
            },
        };
        let answer = NotificationAnswer {
            notification: row.for_wire(),
        };
        // A notification is plain data and always has a JSON form.
        let body = serde_json::to_string(&answer).unwrap_or_else(|_| "{}".to_owned());
        let mut transaction = Transaction {
            outbox: changes,
            ..Transaction::default()
        };
        transaction.audit.push(asked(ask, &row, now));
        transaction.answers.push(KeptAnswer {
            actor: ask.account.clone(),
            key: ask.key.clone(),
            fingerprint: ask.fingerprint.clone(),
            at: now,
            status: 200,
            body,
        });
        let committed = self.commit(&transaction)?;
        // The transaction had one answer, and a commit gives back what it was given, as a retry will get it.
        let kept = committed.answers.into_iter().next();
        Ok(
            kept.map_or(AskOutcome::NotFound, |kept| AskOutcome::Answered {
                body: kept.body,
                replayed: false,
            }),
        )
    }

    /// A dead letter, waiting again; with it what a digest holds.
    fn sent_again(
        &self,
        id: &str,
        now: UnixMs,
    ) -> Result<Result<(Vec<OutboxChange>, Notification), AskOutcome>, StoreError> {
        let rows = self.store.notifications(&OutboxQuery::One(id.to_owned()))?;
        let Some(dead) = rows.into_iter().next() else {
            return Ok(Err(AskOutcome::NotFound));
        };
        if dead.state != NotificationState::Dead {
            return Ok(Err(AskOutcome::NotDead));
        }
        let row = Notification {
            state: NotificationState::Waiting,
            since: now,
            next_at: now,
            attempts: 0,
            settled_at: None,
            ..dead.clone()
        };
        let mut changes = vec![dead.moved_to(row.clone())];
        for member in self
            .store
            .notifications(&OutboxQuery::Members(id.to_owned()))?
        {
            if member.state == NotificationState::Digested {
                let open = Notification {
                    settled_at: None,
                    since: now,
                    reason: String::new(),
                    ..member.clone()
                };
                changes.push(member.moved_to(open));
            }
        }
        Ok(Ok((changes, row)))
    }
}

fn asked(ask: &Ask, row: &Notification, now: UnixMs) -> AuditRow {
    let action = match ask.what {
        AskWhat::Test { .. } => "notification.test",
        AskWhat::Retry(_) => "notification.retry",
    };
    AuditRow {
        at: now,
        actor: ask.account.clone(),
        action: action.to_owned(),
        subject: format!("notification/{}", row.id),
        detail: serde_json::json!({ "channel": row.channel, "key": ask.key }).to_string(),
    }
}
