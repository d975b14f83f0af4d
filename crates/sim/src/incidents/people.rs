//! The operators: each has seen the board at some time, presses something, sometimes twice, and remembers what they
//! were answered.

use watchfloor_gateway::engine::{
    ActionBody, ActionObjection, ActionOutcome, ActionRequest, Actor, BulkOrder, Engine, OpenOrder,
    Recipient,
};
use watchfloor_gateway::store::{MemoryStore, Store};
use watchfloor_wire::action::{
    AcknowledgeRequest, LinkRequest, MergeRequest, NoteRequest, OpenRequest, RenewRequest,
    ReviewRequest,
};
use watchfloor_wire::bulk::{BulkAction, BulkItem};
use watchfloor_wire::id::{IncidentId, ProductId};
use watchfloor_wire::incident::{Incident, LeaseScope};
use watchfloor_wire::priority::Priority;
use watchfloor_wire::session::Role;

use super::Tally;
use crate::chance::Chance;

/// Who works at the desk: three operators, an admin, and somebody who may only look.
const PEOPLE: [(&str, Role); 5] = [
    ("priya", Role::Operator),
    ("omar", Role::Operator),
    ("mara", Role::Operator),
    ("ada", Role::Admin),
    ("vera", Role::Viewer),
];

/// A request as it was sent.
#[derive(Clone, Debug)]
enum Sent {
    Act(ActionRequest),
    Many(BulkOrder),
    Open(OpenOrder),
}

impl Sent {
    fn identity(&self) -> (&str, &str) {
        let (actor, key) = match self {
            Self::Act(it) => (&it.actor, &it.key),
            Self::Many(it) => (&it.actor, &it.key),
            Self::Open(it) => (&it.actor, &it.key),
        };
        (&actor.account, key)
    }
}

/// The operators and what they were answered.
pub(super) struct People {
    /// The board as each of them last looked at it.
    views: Vec<Vec<Incident>>,
    /// What was carried out, with its answer.
    answered: Vec<(Sent, String)>,
    keys: u64,
    /// A broken promise that an answer showed.
    broken: Option<String>,
}

impl People {
    pub(super) fn new() -> Self {
        Self {
            views: vec![Vec::new(); PEOPLE.len()],
            answered: Vec::new(),
            keys: 0,
            broken: None,
        }
    }

    /// Somebody looks, presses, or presses again.
    pub(super) fn act(
        &mut self,
        engine: &mut Engine<MemoryStore>,
        chance: &mut Chance,
        tally: &mut Tally,
    ) -> String {
        let who = chance.place(PEOPLE.len());
        // Half of the views are old: what is pressed is then judged by a version that is gone.
        if self.views[who].is_empty() || chance.one_in(2) {
            self.views[who] = engine.incidents().cloned().collect();
        }
        if chance.one_in(8)
            && let Some((sent, answer)) = self.answered.last().cloned()
        {
            self.send_again(engine, &sent, &answer);
            tally.add("sent again");
            return format!("{:?} is sent again", sent.identity());
        }
        self.keys += 1;
        let key = format!("key-{}", self.keys);
        let sent = self.request(who, &key, chance);
        let outcome = send(engine, &sent);
        tally.add(name(&outcome));
        let words = format!("{sent:?} -> {}", name(&outcome));
        if let ActionOutcome::Answered { body, replayed, .. } = outcome {
            if replayed {
                self.broken = Some(format!("{key} is new and was answered before"));
            }
            self.answered.push((sent, body));
        }
        words
    }

    fn send_again(&mut self, engine: &mut Engine<MemoryStore>, sent: &Sent, answer: &str) {
        match send(engine, sent) {
            ActionOutcome::Answered {
                body,
                replayed: true,
                ..
            } if body == answer => {}
            other => self.broken = Some(format!("I4: sent again, answered otherwise: {other:?}")),
        }
    }

    fn request(&self, who: usize, key: &str, chance: &mut Chance) -> Sent {
        let actor = actor(who);
        let (key, fingerprint) = (key.to_owned(), key.to_owned());
        let view = &self.views[who];
        if view.is_empty() || chance.one_in(14) {
            return Sent::Open(OpenOrder {
                request: OpenRequest {
                    product: ProductId::from(chance.pick(["shop", "depot"])),
                    title: "Something is odd".to_owned(),
                    priority: chance.pick([Priority::P0, Priority::P2]),
                    note: String::new(),
                },
                key,
                fingerprint,
                actor,
            });
        }
        if chance.one_in(8) {
            let items = view.iter().map(|it| BulkItem {
                id: it.id,
                version: it.version,
            });
            return Sent::Many(BulkOrder {
                items: items.collect(),
                action: many(&key, chance),
                key,
                fingerprint,
                actor,
            });
        }
        let seen = &view[chance.place(view.len())];
        Sent::Act(ActionRequest {
            incident: seen.id,
            action: one(seen, view, &key, chance),
            if_match: seen.version,
            key,
            fingerprint,
            actor,
        })
    }

    /// I4: what was answered is kept byte for byte.
    pub(super) fn check(&self, store: &MemoryStore) -> Result<(), String> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let Some((sent, answer)) = self.answered.last() else {
            return Ok(());
        };
        let (account, key) = sent.identity();
        let kept = store.kept_answer(account, key).ok().flatten();
        if kept.as_ref().map(|it| &it.body) == Some(answer) {
            Ok(())
        } else {
            Err(format!(
                "I4: the answer to {key} is not kept as it was given"
            ))
        }
    }
}

fn actor(who: usize) -> Actor {
    let (account, role) = PEOPLE[who];
    Actor {
        account: account.to_owned(),
        name: account.to_uppercase(),
        role,
    }
}

fn send(engine: &mut Engine<MemoryStore>, sent: &Sent) -> ActionOutcome {
    match sent {
        Sent::Act(it) => engine.act(it),
        Sent::Many(it) => engine.act_on_many(it),
        Sent::Open(it) => engine.open(it),
    }
}

const fn name(outcome: &ActionOutcome) -> &'static str {
    match outcome {
        ActionOutcome::Answered { .. } => "carried out",
        ActionOutcome::Refused(objection) => match objection {
            ActionObjection::Refused { refusal, .. } => refusal.code(),
            ActionObjection::NotAllowed { .. } => "not allowed",
            ActionObjection::Incomplete { .. } => "incomplete",
            ActionObjection::Changed { .. } => "changed",
            ActionObjection::NotFound => "not found",
        },
        ActionOutcome::KeyReused => "key reused",
        ActionOutcome::StoreFailed(_) => "store failed",
    }
}

fn note(key: &str) -> NoteRequest {
    NoteRequest {
        note: key.to_owned(),
    }
}

fn acknowledge(key: &str, chance: &mut Chance) -> AcknowledgeRequest {
    AcknowledgeRequest {
        note: key.to_owned(),
        lease_ms: chance.pick([60_000, 600_000, 3_600_000]),
        scope: chance.pick([LeaseScope::Severity, LeaseScope::UntilResolved]),
        offer_to: None,
        notify: None,
    }
}

fn many(key: &str, chance: &mut Chance) -> BulkAction {
    match chance.between(0, 3) {
        0 | 1 => BulkAction::Acknowledge(acknowledge(key, chance)),
        2 => BulkAction::Undo(note(key)),
        _ => BulkAction::Resolve(note(key)),
    }
}

fn recipient(chance: &mut Chance) -> Recipient {
    let (account, _) = PEOPLE[chance.place(4)];
    Recipient {
        account: account.to_owned(),
        name: account.to_uppercase(),
    }
}

fn other(view: &[Incident], chance: &mut Chance) -> (IncidentId, u64) {
    let it = &view[chance.place(view.len())];
    (it.id, it.version)
}

fn one(seen: &Incident, view: &[Incident], key: &str, chance: &mut Chance) -> ActionBody {
    // What fits how it was seen is pressed most.
    let choice = match (&seen.lease, &seen.resolution) {
        (_, Some(_)) => chance.pick([0, 13, 14, 15]),
        (Some(_), None) => chance.between(2, 15),
        (None, None) => chance.pick([0, 0, 0, 1, 12, 13]),
    };
    let body = note(key);
    match choice {
        0 => ActionBody::Acknowledge(acknowledge(key, chance)),
        1 => ActionBody::AcknowledgeFor(acknowledge(key, chance), recipient(chance)),
        2 | 3 => ActionBody::Undo(body),
        4 => ActionBody::Renew(RenewRequest {
            lease_ms: chance.pick([60_000, 1_800_000]),
            note: String::new(),
        }),
        5 => ActionBody::Release(body),
        6 => ActionBody::HandOver {
            to: recipient(chance),
            note: String::new(),
        },
        7 => ActionBody::Accept(body),
        8 => ActionBody::Decline(body),
        9 => ActionBody::Withdraw(body),
        10 => {
            let to = recipient(chance);
            ActionBody::Assign {
                account: to.account,
                name: to.name,
                note: String::new(),
            }
        }
        11 => ActionBody::Escalate(body),
        12 => {
            let (into, version) = other(view, chance);
            ActionBody::Merge(MergeRequest {
                into,
                version,
                note: String::new(),
            })
        }
        13 => ActionBody::Link(LinkRequest {
            to: other(view, chance).0,
            note: String::new(),
        }),
        14 => ActionBody::Review(ReviewRequest {
            note: key.to_owned(),
        }),
        _ => ActionBody::Resolve(body),
    }
}
