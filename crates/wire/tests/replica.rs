//! The replica against random histories: whatever arrives, in whatever order, its state at its cursor is the
//! server's state at that sequence number, as far as the role may see it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::value::RawValue;
use watchfloor_wire::entity::{Entity, Key, Kind};
use watchfloor_wire::error_group::ErrorGroup;
use watchfloor_wire::feed::{Frame, Op};
use watchfloor_wire::id::{ErrorGroupId, ProductId, SeriesId};
use watchfloor_wire::replica::{Applied, Replica};
use watchfloor_wire::series::Reading;
use watchfloor_wire::session::Role;
use watchfloor_wire::snapshot::Snapshot;
use watchfloor_wire::time::UnixMs;

/// What happened at one sequence number: something under a key came to be, or was deleted.
#[derive(Clone, Copy, Debug)]
struct Event {
    name: u8,
    is_error: bool,
    deletes: bool,
}

/// The server's side: event `n` has sequence number `n + 1`.
#[derive(Debug)]
struct Server {
    events: Vec<Event>,
    role: Role,
}

fn entity(event: Event, seq: u64) -> Entity {
    let at = UnixMs(i64::try_from(seq).unwrap());
    if event.is_error {
        return Entity::Error(ErrorGroup {
            id: ErrorGroupId::from(format!("e{}", event.name)),
            product: ProductId::from("p"),
            service: String::new(),
            title: "t".to_owned(),
            error_type: "x".to_owned(),
            category: String::new(),
            boundary: String::new(),
            count: seq,
            first_seen_at: at,
            last_seen_at: at,
            first_version: None,
            per_minute: Vec::new(),
        });
    }
    Entity::Reading(Reading {
        series: SeriesId::from(format!("p.c.m{}", event.name)),
        observed_at: at,
        valid_until: at,
        value: None,
    })
}

impl Server {
    const fn head(&self) -> u64 {
        self.events.len() as u64
    }

    fn visible(&self, event: Event) -> bool {
        let kind = if event.is_error {
            Kind::Error
        } else {
            Kind::Reading
        };
        kind.visible_to(self.role)
    }

    /// What the role may see at `seq`, by replaying everything.
    fn state(&self, seq: u64) -> BTreeMap<Key, Entity> {
        let mut state = BTreeMap::new();
        for op in self.ops(0, seq) {
            match op.p {
                None => state.remove(&op.k),
                Some(body) => {
                    let kind = op.k.kind().unwrap();
                    state.insert(op.k, Entity::from_json(kind, body.get()).unwrap())
                }
            };
        }
        state
    }

    fn ops(&self, from: u64, to: u64) -> Vec<Op> {
        (from + 1..=to)
            .map(|seq| (seq, self.events[usize::try_from(seq - 1).unwrap()]))
            .filter(|(_, event)| self.visible(*event))
            .map(|(seq, event)| {
                let entity = entity(event, seq);
                let body = (!event.deletes).then(|| entity.to_json().unwrap());
                Op {
                    k: entity.key(),
                    v: seq,
                    p: body,
                }
            })
            .collect()
    }

    /// A frame over `(from, to]`; coalesced, it holds the newest operation of each key only.
    fn frame(&self, from: u64, to: u64, coalesced: bool) -> Frame {
        let mut ops = self.ops(from, to);
        if coalesced {
            let newest: BTreeMap<Key, u64> = ops.iter().map(|op| (op.k.clone(), op.v)).collect();
            ops.retain(|op| newest[&op.k] == op.v);
        }
        Frame {
            f: from,
            s: to,
            ops,
        }
    }

    fn snapshot(&self, seq: u64) -> Snapshot {
        let mut snapshot = Snapshot::empty("epoch".to_owned(), seq, UnixMs(0), String::new());
        self.state(seq)
            .into_values()
            .for_each(|entity| snapshot.push(entity));
        snapshot
    }
}

fn state_of(replica: &Replica) -> BTreeMap<Key, Entity> {
    replica
        .entities()
        .map(|(key, entity)| (key.clone(), entity.clone()))
        .collect()
}

fn servers() -> impl Strategy<Value = Server> {
    let event = (0_u8..5, any::<bool>(), prop::bool::weighted(0.3)).prop_map(
        |(name, is_error, deletes)| Event {
            name,
            is_error,
            deletes,
        },
    );
    let role = prop_oneof![Just(Role::Operator), Just(Role::Display)];
    (prop::collection::vec(event, 1..40), role).prop_map(|(events, role)| Server { events, role })
}

/// Something that may arrive: any frame at all, or a snapshot now and then.
#[derive(Clone, Debug)]
enum Arrival {
    Frame {
        from: prop::sample::Index,
        to: prop::sample::Index,
        coalesced: bool,
    },
    Snapshot {
        at: prop::sample::Index,
    },
}

fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    let frame = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(|(from, to, coalesced)| Arrival::Frame {
            from,
            to,
            coalesced,
        });
    let snapshot = any::<prop::sample::Index>().prop_map(|at| Arrival::Snapshot { at });
    prop::collection::vec(prop_oneof![12 => frame, 1 => snapshot], 1..60)
}

fn seq(index: prop::sample::Index, server: &Server) -> u64 {
    index.index(server.events.len() + 1) as u64
}

proptest! {
    #[test]
    fn the_state_at_the_cursor_is_the_servers_state_there(server in servers(), arrivals in arrivals()) {
        let mut replica = Replica::default();
        for arrival in arrivals {
            match arrival {
                Arrival::Snapshot { at } => replica.reset(server.snapshot(seq(at, &server))),
                Arrival::Frame { from, to, coalesced } => {
                    let (a, b) = (seq(from, &server), seq(to, &server));
                    let before = replica.cursor().map(|cursor| cursor.s);
                    let applied = replica.apply(&server.frame(a.min(b), a.max(b), coalesced)).unwrap();
                    let expected = match before {
                        None => "gap",
                        Some(cursor) if a.max(b) <= cursor => "duplicate",
                        Some(cursor) if a.min(b) > cursor => "gap",
                        Some(_) => "changed",
                    };
                    let word = match applied {
                        Applied::Changed(_) => "changed",
                        Applied::Duplicate => "duplicate",
                        Applied::Gap => "gap",
                    };
                    prop_assert_eq!(word, expected);
                }
            }
            let cursor = replica.cursor().map(|cursor| cursor.s);
            let expected = cursor.map(|seq| server.state(seq)).unwrap_or_default();
            prop_assert_eq!(state_of(&replica), expected);
        }
    }

    #[test]
    fn a_snapshot_and_the_frames_after_it_lead_to_the_head(
        server in servers(), start in any::<prop::sample::Index>(), steps in prop::collection::vec((1_u64..6, any::<bool>()), 40),
    ) {
        let mut replica = Replica::default();
        let mut at = seq(start, &server);
        replica.reset(server.snapshot(at));
        for (step, coalesced) in steps {
            let to = (at + step).min(server.head());
            replica.apply(&server.frame(at, to, coalesced)).unwrap();
            at = to;
        }
        prop_assert_eq!(replica.cursor().map(|cursor| cursor.s), Some(server.head()));
        prop_assert_eq!(state_of(&replica), server.state(server.head()));
    }

    #[test]
    fn a_frame_with_a_malformed_body_changes_nothing(server in servers(), start in any::<prop::sample::Index>()) {
        let mut replica = Replica::default();
        let at = seq(start, &server);
        replica.reset(server.snapshot(at));
        let mut frame = server.frame(at, server.head(), false);
        frame.s += 1;
        frame.ops.push(Op {
            k: Key::from_wire("reading/p.c.broken".to_owned()),
            v: frame.s,
            p: Some(RawValue::from_string("{\"series\":1}".to_owned()).unwrap()),
        });
        let refused = replica.apply(&frame).unwrap_err();
        prop_assert_eq!(refused.key.as_str(), "reading/p.c.broken");
        prop_assert_eq!(replica.cursor().map(|cursor| cursor.s), Some(at));
        prop_assert_eq!(state_of(&replica), server.state(at));
    }
}

#[test]
fn before_the_first_snapshot_every_frame_is_a_gap() {
    let frame = Frame {
        f: 0,
        s: 1,
        ops: Vec::new(),
    };
    assert_eq!(Replica::default().apply(&frame).unwrap(), Applied::Gap);
}

#[test]
fn a_frame_whose_operations_were_withheld_moves_the_cursor() {
    let mut replica = Replica::default();
    replica.reset(Snapshot::empty("e".to_owned(), 3, UnixMs(0), String::new()));
    let frame = Frame {
        f: 3,
        s: 9,
        ops: Vec::new(),
    };
    assert_eq!(replica.apply(&frame).unwrap(), Applied::Changed(Vec::new()));
    assert_eq!(replica.cursor().map(|cursor| cursor.s), Some(9));
}

#[test]
fn a_reset_keeps_nothing_of_before() {
    let server = Server {
        events: vec![Event {
            name: 1,
            is_error: true,
            deletes: false,
        }],
        role: Role::Operator,
    };
    let mut replica = Replica::default();
    replica.reset(server.snapshot(1));
    assert_eq!(replica.entities().count(), 1);
    let shown = Server {
        role: Role::Display,
        ..server
    };
    replica.reset(shown.snapshot(1));
    assert_eq!(replica.entities().count(), 0);
}
