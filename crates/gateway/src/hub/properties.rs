//! I1 and I2 for random histories, cut points, roles, paces, ring sizes and feed logs; and what a coalesced frame
//! holds.
//!
//! What threads do to it is tried in `tests/publication.rs`.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use proptest::prelude::*;
use watchfloor_wire::entity::{Entity, Key};
use watchfloor_wire::feed::{Op, ServerMessage};
use watchfloor_wire::replica::{Applied, Replica};
use watchfloor_wire::time::UnixMs;

use super::audience::Audience;
use super::batch;
use super::delivery::{Delivery, Step};
use super::doubles::{Log, committed, delete, error_group, reading, upsert};
use super::publication::Publication;
use super::ring::RingLimits;
use super::state::State;
use crate::store::Head;

#[derive(Clone, Debug)]
enum Act {
    /// One transaction with these changes.
    Commit(Vec<Edit>),
    /// The client takes everything that is due, as one that comes back or as one that is live.
    Sync(usize, Lag),
    /// The client forgets everything and fetches a snapshot.
    Rejoin(usize),
    /// The gateway restarts: the ring is empty, the log is not.
    Restart,
}

/// How many frames a client gets as they are: see [`Delivery::at_once`].
#[derive(Clone, Copy, Debug)]
enum Lag {
    ComingBack,
    Live,
}

#[derive(Clone, Debug)]
enum Edit {
    Reading(u32, i32),
    Group(u32, usize),
    RemoveReading(u32),
    RemoveGroup(u32),
}

impl Edit {
    fn op(&self, v: u64) -> Op {
        match *self {
            Self::Reading(n, value) => upsert(v, &reading(n, f64::from(value))),
            Self::Group(n, title_bytes) => upsert(v, &error_group(n, title_bytes)),
            Self::RemoveReading(n) => delete(v, reading(n, 0.0).key()),
            Self::RemoveGroup(n) => delete(v, error_group(n, 0).key()),
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        6 => (0..8_u32, -100..100).prop_map(|(n, value)| Edit::Reading(n, value)),
        2 => (0..4_u32, prop_oneof![9 => 1..200_usize, 1 => 20_000..90_000_usize])
            .prop_map(|(n, bytes)| Edit::Group(n, bytes)),
        1 => (0..8_u32).prop_map(Edit::RemoveReading),
        1 => (0..4_u32).prop_map(Edit::RemoveGroup),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => prop::collection::vec(edit(), 1..6).prop_map(Act::Commit),
        4 => (0..CLIENTS.len(), prop_oneof![Just(Lag::ComingBack), Just(Lag::Live)])
            .prop_map(|(n, lag)| Act::Sync(n, lag)),
        1 => (0..CLIENTS.len()).prop_map(Act::Rejoin),
        1 => Just(Act::Restart),
    ]
}

const CLIENTS: [Audience; 3] = [
    Audience::Everything,
    Audience::Display,
    Audience::Everything,
];

type Entities = BTreeMap<Key, Entity>;

struct World {
    state: Publication<State>,
    delivery: Delivery,
    log: Log,
    /// The server's state at each sequence number.
    history: Vec<Entities>,
    limits: RingLimits,
    clients: Vec<(Audience, Replica)>,
}

impl World {
    fn new(limits: RingLimits, kept_after: u64) -> Self {
        let head = Head {
            epoch: "E".to_owned(),
            seq: 0,
        };
        let mut world = Self {
            state: Publication::new(State::new(head, Vec::new(), limits), 0),
            delivery: Delivery::default(),
            log: Log::kept_after(kept_after),
            history: vec![Entities::new()],
            limits,
            clients: CLIENTS.map(|it| (it, Replica::default())).to_vec(),
        };
        for n in 0..CLIENTS.len() {
            world.rejoin(n);
        }
        world
    }

    fn head(&self) -> u64 {
        self.state.read().ring().head()
    }

    fn commit(&mut self, edits: &[Edit]) {
        let from = self.head();
        let ops: Vec<Op> = (from + 1..)
            .zip(edits)
            .map(|(v, edit)| edit.op(v))
            .collect();
        for op in &ops {
            let mut next = self.history.last().unwrap().clone();
            match &op.p {
                Some(body) => {
                    let kind = op.k.kind().unwrap();
                    next.insert(op.k.clone(), Entity::from_json(kind, body.get()).unwrap())
                }
                None => next.remove(&op.k),
            };
            self.history.push(next);
        }
        self.log.add(&ops);
        let committed = committed(from, ops);
        self.state
            .publish(|state| state.publish(&committed, 0), State::seq)
            .unwrap();
    }

    fn restart(&mut self) {
        let head = self.state.read().head();
        let seq = head.seq;
        let entities = self.history.last().unwrap().clone();
        let entities = entities.into_iter().map(|(key, it)| (key, 0, it)).collect();
        self.state = Publication::new(State::new(head, entities, self.limits), seq);
        self.delivery = Delivery::default();
    }

    fn rejoin(&mut self, n: usize) {
        let (audience, replica) = &mut self.clients[n];
        let state = self.state.read();
        replica.reset(state.snapshot(Some(*audience), UnixMs(0), ""));
    }

    /// Takes everything that is due, and checks the state after each frame.
    fn sync(&mut self, n: usize, lag: Lag) {
        loop {
            let (audience, replica) = &mut self.clients[n];
            let cursor = replica.cursor().unwrap().s;
            let step = match lag {
                Lag::ComingBack => self
                    .delivery
                    .step(&self.state, cursor, *audience, &self.log)
                    .now_or_never()
                    .unwrap(),
                Lag::Live => live_step(&self.delivery, &self.state, cursor, *audience, &self.log),
            };
            match step {
                Step::Current => break,
                Step::Reset(_) => self.rejoin(n),
                Step::Send { frames, cursor } => {
                    assert!(!frames.is_empty(), "a step that brings nothing");
                    for text in frames {
                        let ServerMessage::Frame(frame) = ServerMessage::decode(&text).unwrap()
                        else {
                            panic!("not a frame: {text}");
                        };
                        let applied = replica.apply(&frame).unwrap();
                        // I2: no frame begins after what the client has.
                        assert!(!matches!(applied, Applied::Gap), "{frame:?}");
                        check(&self.history, *audience, replica);
                    }
                    assert_eq!(replica.cursor().unwrap().s, cursor);
                }
            }
        }
        let (audience, replica) = &self.clients[n];
        assert_eq!(replica.cursor().unwrap().s, self.head());
        check(&self.history, *audience, replica);
    }
}

/// I1: the client's state at its cursor is the server's state there, as far as its role may see it.
fn check(history: &[Entities], audience: Audience, replica: &Replica) {
    let at = usize::try_from(replica.cursor().unwrap().s).unwrap();
    let expected: Vec<_> = history[at]
        .iter()
        .filter(|(key, _)| audience.sees(key))
        .collect();
    let found: Vec<_> = replica.entities().collect();
    assert_eq!(found, expected, "at {at}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_client_has_the_servers_state_at_its_cursor(
        acts in prop::collection::vec(act(), 1..60),
        ring_events in prop_oneof![Just(3_usize), Just(20), Just(16_384)],
        ring_bytes in prop_oneof![Just(2_000_usize), Just(8 * 1024 * 1024)],
        kept_after in prop_oneof![Just(0_u64), Just(20)],
    ) {
        let limits = RingLimits { events: ring_events, bytes: ring_bytes, ..RingLimits::default() };
        let mut world = World::new(limits, kept_after);
        for act in acts {
            match act {
                Act::Commit(edits) => world.commit(&edits),
                Act::Sync(n, lag) => world.sync(n, lag),
                Act::Rejoin(n) => world.rejoin(n),
                Act::Restart => world.restart(),
            }
        }
        for n in 0..CLIENTS.len() {
            world.sync(n, Lag::Live);
        }
    }

    #[test]
    fn a_coalesced_frame_holds_the_newest_change_of_each_key_that_is_seen(
        edits in prop::collection::vec(edit(), 1..80),
        cursor in 0_u64..80,
        to in 0_u64..80,
    ) {
        let (cursor, to) = (cursor.min(to), cursor.max(to));
        let ops: Vec<Op> = (1..).zip(&edits).map(|(v, edit)| edit.op(v)).collect();
        for audience in Audience::ALL {
            let frame = batch::coalesce(cursor, to, ops.iter(), audience).unwrap();
            let ServerMessage::Frame(frame) = ServerMessage::decode(&frame).unwrap() else {
                panic!("not a frame");
            };
            prop_assert_eq!((frame.f, frame.s), (cursor, to));
            let mut expected: BTreeMap<&Key, u64> = BTreeMap::new();
            for op in ops.iter().filter(|op| op.v > cursor && op.v <= to) {
                if audience.sees(&op.k) {
                    expected.insert(&op.k, op.v);
                }
            }
            let found: BTreeMap<&Key, u64> = frame.ops.iter().map(|op| (&op.k, op.v)).collect();
            prop_assert_eq!(found.len(), frame.ops.len());
            prop_assert_eq!(found, expected);
            prop_assert!(frame.ops.is_sorted_by_key(|op| op.v));
            for op in &frame.ops {
                let index = usize::try_from(op.v).unwrap() - 1;
                let text = |op: &Op| op.p.as_ref().map(|body| body.get().to_owned());
                prop_assert_eq!(text(op), text(&ops[index]));
            }
        }
    }
}

fn live_step(
    delivery: &Delivery,
    state: &Publication<State>,
    cursor: u64,
    audience: Audience,
    log: &Log,
) -> Step {
    delivery
        .at_once(state, cursor, audience, 1)
        .unwrap_or_else(|behind| {
            delivery
                .behind(cursor, behind.floor, audience, log)
                .now_or_never()
                .unwrap()
        })
}

#[test]
fn a_lag_of_many_frames_becomes_one_with_the_latest_of_each_key() {
    let mut world = World::new(RingLimits::default(), 0);
    for value in 0..200 {
        world.commit(&[Edit::Reading(1, value), Edit::Group(1, 10)]);
    }
    let step = world
        .delivery
        .step(&world.state, 0, Audience::Display, &world.log)
        .now_or_never()
        .unwrap();
    let Step::Send { frames, cursor } = step else {
        panic!("{step:?}");
    };
    assert_eq!((frames.len(), cursor), (1, 400));
    let ServerMessage::Frame(frame) = ServerMessage::decode(&frames[0]).unwrap() else {
        panic!("{frames:?}");
    };
    let changed: Vec<_> = frame.ops.iter().map(|op| (op.k.as_str(), op.v)).collect();
    assert_eq!(changed, [("reading/a.b.1", 399)]);
}

#[test]
fn a_gap_of_500_events_comes_from_disk_and_of_501_is_a_reset() {
    let limits = RingLimits {
        events: 1,
        ..RingLimits::default()
    };
    let mut world = World::new(limits, 0);
    for value in 0..502 {
        world.commit(&[Edit::Reading(1, value)]);
    }
    let step = |cursor| {
        world
            .delivery
            .step(&world.state, cursor, Audience::Everything, &world.log)
            .now_or_never()
            .unwrap()
    };
    assert!(matches!(step(1), Step::Send { cursor: 501, .. }));
    assert!(matches!(step(0), Step::Reset(super::delivery::Why::Window)));
}
