//! The clients: a page that runs the console's own connection and replica, and a juggler that reads several
//! connections at once into one replica.

pub mod console;
pub mod device;
pub mod juggler;

use bytes::Bytes;
use watchfloor_console::feed::connection::{Attempt, Failure};
use watchfloor_gateway::engine::{ActionOutcome, ActionRequest};
use watchfloor_gateway::hub::audience::Audience;
use watchfloor_wire::feed::{ClientMessage, Cursor, Frame};
use watchfloor_wire::replica::{Applied, MalformedOp, Replica};
use watchfloor_wire::snapshot::Snapshot;

use crate::accounts::SessionId;
use crate::link::LinkId;
use console::Console;
use juggler::Juggler;

/// A client's place.
pub type ClientId = usize;

/// What a client asks over HTTP.
#[derive(Clone, Debug)]
pub enum Ask {
    /// The snapshot.
    Snapshot(Attempt),
    /// A ticket for a socket.
    Ticket(Attempt),
    /// An action, as one try of a press of a button.
    Act(usize, Box<ActionRequest>),
}

/// What it is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The snapshot with what its session may see.
    Snapshot(Attempt, Result<(Bytes, Audience), Failure>),
    /// The ticket.
    Ticket(Attempt, Result<u64, Failure>),
    /// What became of the action; `None` when the gateway could not be asked.
    Act(usize, Option<Box<ActionOutcome>>),
}

/// What a client wants done in the world.
#[derive(Debug)]
pub enum Wish {
    /// Send a request.
    Ask(Ask),
    /// Open a socket with a ticket.
    Open(Attempt, u64),
    /// Open a stream of events from a cursor on.
    OpenEvents(Cursor),
    /// Say something on a connection.
    Say(LinkId, ClientMessage),
    /// Close a connection.
    Close(LinkId),
    /// Apply what waits before the next paint.
    Paint(Attempt),
    /// Somebody must sign in.
    SignIn,
    /// It did what it never may.
    Wrong(String),
    /// Something worth counting.
    Count(Count),
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// Frames that were applied.
    FrameApplied,
    /// Frames that were known already.
    FrameKnown,
    /// Frames that did not join.
    Gap,
    /// Frames that cover more than they hold: coalesced, or filtered by role.
    FrameCoalesced,
    /// A hello was taken.
    Resumed,
    /// A hello was refused, by reason.
    Reset(ResetWhy),
    /// A snapshot was read.
    SnapshotRead,
    /// A hello was taken that came by events.
    ByEvents,
}

/// Why a hello was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResetWhy {
    /// Another history.
    Epoch,
    /// Too long ago.
    Window,
    /// Too much.
    Overflow,
    /// From the future.
    Ahead,
    /// Another role.
    Acl,
    /// A word that is not in the protocol.
    Unheard,
}

impl ResetWhy {
    fn of(word: &str) -> Self {
        match word {
            "epoch" => Self::Epoch,
            "window" => Self::Window,
            "overflow" => Self::Overflow,
            "ahead" => Self::Ahead,
            "acl" => Self::Acl,
            _ => Self::Unheard,
        }
    }
}

/// A client.
#[derive(Debug)]
pub struct Client {
    /// How it reads.
    pub kind: Kind,
    /// Who is signed in.
    pub session: Option<SessionId>,
    /// Until then the device sleeps, on the monotonic clock.
    pub asleep_until_ms: i64,
    /// Until then nothing reaches it and nothing comes from it.
    pub cut_off_until_ms: i64,
    /// Until then something on its way lets no WebSocket through.
    pub socketless_until_ms: i64,
    /// That swallows sockets instead of refusing them.
    pub swallows_sockets: bool,
}

/// How a client reads.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there are six clients in a world"
)]
pub enum Kind {
    /// As the console does.
    Console(Console),
    /// Several connections at once.
    Juggler(Juggler),
}

impl Client {
    /// What it knows.
    #[must_use]
    pub const fn copy(&self) -> &Copy {
        match &self.kind {
            Kind::Console(it) => &it.copy,
            Kind::Juggler(it) => &it.copy,
        }
    }
}

/// A client's copy of the state.
#[derive(Debug)]
pub struct Copy {
    /// The replica that the console uses.
    pub replica: Replica,
    /// What the snapshot under it showed.
    pub audience: Audience,
    /// Rises whenever the copy may have changed.
    pub generation: u64,
    /// Frames that do not join are applied all the same.
    applies_over_gap: bool,
}

impl Copy {
    fn new(applies_over_gap: bool) -> Self {
        Self {
            replica: Replica::default(),
            audience: Audience::Everything,
            generation: 0,
            applies_over_gap,
        }
    }

    fn cursor(&self) -> Option<&Cursor> {
        self.replica.cursor()
    }

    fn seq(&self) -> u64 {
        self.cursor().map_or(0, |cursor| cursor.s)
    }

    fn forget(&mut self) {
        self.replica = Replica::default();
        self.generation += 1;
    }

    /// Takes a snapshot; false when it cannot be read.
    fn take(&mut self, json: &[u8], audience: Audience) -> Option<Snapshot> {
        let snapshot: Snapshot = serde_json::from_slice(json).ok()?;
        self.replica.reset(snapshot.clone());
        self.audience = audience;
        self.generation += 1;
        Some(snapshot)
    }

    /// Applies a frame, and says when a frame was applied that does not join.
    fn apply(&mut self, frame: &Frame, wishes: &mut Vec<Wish>) -> Result<Applied, MalformedOp> {
        let before = self.seq();
        let mut applied = self.replica.apply(frame);
        if self.applies_over_gap && matches!(applied, Ok(Applied::Gap)) {
            let joined = Frame {
                f: before,
                ..frame.clone()
            };
            applied = self.replica.apply(&joined);
        }
        self.generation += 1;
        wishes.push(Wish::Count(match &applied {
            Ok(Applied::Changed(_)) => Count::FrameApplied,
            Ok(Applied::Duplicate) => Count::FrameKnown,
            Ok(Applied::Gap) | Err(_) => Count::Gap,
        }));
        let changed = matches!(applied, Ok(Applied::Changed(_)));
        if changed && (frame.f > before || frame.s <= before || self.seq() != frame.s) {
            wishes.push(Wish::Wrong(format!(
                "a frame of ({}, {}] was applied at {before}",
                frame.f, frame.s
            )));
        }
        if usize::try_from(frame.s - frame.f.min(frame.s)).is_ok_and(|all| all > frame.ops.len()) {
            wishes.push(Wish::Count(Count::FrameCoalesced));
        }
        if let Some(op) = frame
            .ops
            .iter()
            .find(|op| op.v <= frame.f || op.v > frame.s)
        {
            wishes.push(Wish::Wrong(format!(
                "a frame of ({}, {}] holds {} of {}",
                frame.f, frame.s, op.k, op.v
            )));
        }
        applied
    }
}

pub(crate) fn hello(cursor: Cursor) -> ClientMessage {
    ClientMessage::Hello {
        v: 1,
        kind: "console".to_owned(),
        build: "sim".to_owned(),
        cursor,
    }
}
