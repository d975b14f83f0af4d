//! What can happen at an instant.

use watchfloor_console::feed::connection::Attempt;
use watchfloor_wire::feed::Cursor;

use crate::client::{Answer, Ask, ClientId};
use crate::link::{LinkId, Sight};

/// One thing that happens.
#[derive(Debug)]
pub enum Event {
    /// The engine of this gateway looks at the time.
    Tick(u64),
    /// A gateway starts.
    Start,
    /// A check is probed.
    Probe(usize),
    /// A product sends something in.
    Push,
    /// A socket or a stream reaches the gateway.
    Connect(LinkId, Entry),
    /// A socket or a stream is open at the client.
    Opened(LinkId),
    /// A message reaches the gateway.
    Up(LinkId),
    /// A message reaches the client.
    Down(LinkId),
    /// The gateway's end learns what became of a connection.
    ServerSees(LinkId, Sight),
    /// The client's end learns that a connection is gone.
    ClientSees(LinkId),
    /// A request reaches the gateway.
    Ask(ClientId, Ask),
    /// An answer reaches the client.
    Answer(ClientId, Answer),
    /// Nobody has answered a try of a press yet.
    TryAgain(usize),
    /// A person looks at the board and perhaps presses something.
    Person(ClientId),
    /// A page paints.
    Paint(ClientId, Attempt),
    /// A page's second passes.
    Second(ClientId),
    /// A page's timer is due.
    Timer(ClientId),
    /// A juggler does something.
    Juggle(ClientId),
    /// Somebody signs in.
    SignIn(ClientId),
    /// Something breaks.
    Fault,
    /// What broke for a while works again.
    Mend(Mend),
    /// Nothing breaks any more.
    Calm,
}

/// What lets a connection in.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A socket, by this ticket.
    Ticket(u64),
    /// A stream of events, by the session and from this cursor on.
    Session(Cursor),
}

/// What works again.
#[derive(Clone, Copy, Debug)]
pub enum Mend {
    /// The disk has room.
    DiskFull,
    /// The feed log can be read.
    DiskReads,
    /// A page is looked at again.
    Hidden(ClientId),
    /// A device wakes up.
    Asleep(ClientId),
    /// A device has its network back.
    CutOff(ClientId),
    /// A check is well again.
    Check(usize),
}
