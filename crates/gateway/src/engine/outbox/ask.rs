//! What people ask for: a test of a channel, and that a dead letter is sent again.

use watchfloor_wire::notification::{NotificationAnswer, NotificationKind, NotificationState};
use watchfloor_wire::time::UnixMs;

use crate::change::{AuditRow, Transaction};
use crate::engine::run::Engine;
use crate::notify::outbox::{Notification, OutboxChange, OutboxQuery};
use crate::order::{Order, OrderOutcome};
use crate::store::{Store, StoreError};

/// An order of what a person asks for.
pub type Ask = Order<AskWhat>;

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

/// Why it was not written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskObjection {
    /// There is no such channel or notification: 404.
    NotFound,
    /// It was not given up, so that it cannot be sent again: 409.
    NotDead,
}

/// The changes of the outbox, and the notification that is answered with.
type Asked = Result<(Vec<OutboxChange>, Notification), AskObjection>;

/// What became of that; answered with [`NotificationAnswer`].
pub type AskOutcome = OrderOutcome<AskObjection>;

impl<S: Store> Engine<S> {
    /// Writes down what a person asks for.
    pub fn ask(&mut self, ask: &Ask) -> AskOutcome {
        let decide = |engine: &Self, now| {
            let asked = match &ask.work {
                AskWhat::Test { channel, id } => engine.test_of(channel, id, &ask.actor.name, now),
                AskWhat::Retry(id) => engine.sent_again(id, now)?,
            };
            Ok(asked.map(|(changes, row)| ((), transaction(ask, changes, &row, now))))
        };
        // The engine keeps nothing of the outbox in memory.
        self.once(&ask.identity(), decide, |_, ()| ())
    }

    /// A test of a channel, waiting.
    fn test_of(&self, channel: &str, id: &str, by_name: &str, now: UnixMs) -> Asked {
        if self.core.channel_name(channel).is_none() {
            return Err(AskObjection::NotFound);
        }
        let mut row = Notification::waiting(id.to_owned(), channel, NotificationKind::Test, now);
        row.by_name = Some(by_name.to_owned());
        Ok((vec![OutboxChange::Add(row.clone())], row))
    }

    /// A dead letter, waiting again; with it what a digest holds.
    fn sent_again(&self, id: &str, now: UnixMs) -> Result<Asked, StoreError> {
        let rows = self.store.notifications(&OutboxQuery::One(id.to_owned()))?;
        let Some(dead) = rows.into_iter().next() else {
            return Ok(Err(AskObjection::NotFound));
        };
        if dead.state != NotificationState::Dead {
            return Ok(Err(AskObjection::NotDead));
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

/// What is to be stored, with the answer.
fn transaction(
    ask: &Ask,
    outbox: Vec<OutboxChange>,
    row: &Notification,
    now: UnixMs,
) -> Transaction {
    let answer = NotificationAnswer {
        notification: row.for_wire(),
    };
    // A notification is plain data and always has a JSON form.
    let body = serde_json::to_string(&answer).unwrap_or_else(|_| "{}".to_owned());
    Transaction {
        outbox,
        audit: vec![audit_row(ask, row, now)],
        answers: vec![ask.identity().answer(200, body, now)],
        ..Transaction::default()
    }
}

fn audit_row(ask: &Ask, row: &Notification, now: UnixMs) -> AuditRow {
    let action = match ask.work {
        AskWhat::Test { .. } => "notification.test",
        AskWhat::Retry(_) => "notification.retry",
    };
    AuditRow {
        at: now,
        actor: ask.actor.account.clone(),
        action: action.to_owned(),
        subject: format!("notification/{}", row.id),
        detail: serde_json::json!({ "channel": row.channel, "key": ask.key }).to_string(),
    }
}
