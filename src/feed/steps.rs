//! What the connection is told, and what it asks the shell to do.

use super::ending::Remedy;

/// The number of an attempt to connect.
pub type Attempt = u64;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// There may be a session now: connect.
    Started,
    /// Somebody signed out here.
    Stopped,
    /// A request anywhere in the console was answered "nobody is signed in".
    SessionEnded,
    /// The snapshot was read and is in the stores.
    SnapshotRead(Attempt),
    /// A ticket for the socket came.
    TicketCame(Attempt, String),
    /// The snapshot or the ticket could not be had.
    RequestFailed(Attempt, Failure),
    /// The socket is open, or the stream has begun.
    Opened(Attempt),
    /// The hello was taken, at this time of the gateway's steady clock in milliseconds, where it tells.
    Welcomed(Attempt, Option<i64>),
    /// Everything that the welcome announced is known.
    CaughtUp(Attempt),
    /// A message without a time came.
    Heard(Attempt),
    /// A ping came, written at this time of the gateway's steady clock in milliseconds, where it tells; everything
    /// that it was sent after is known.
    Pinged(Attempt, Option<i64>),
    /// The state cannot be continued from where it stands.
    Discontinued(Attempt),
    /// What came cannot be read or applied, with what is done about it.
    Unreadable(Attempt, Remedy),
    /// The gateway says that it could not read what this page sent, with what is done about it.
    Misunderstood(Attempt, Remedy),
    /// The server is about to close; reconnect within this span, in milliseconds.
    Leaving(Attempt, [u64; 2]),
    /// The socket or the stream closed, with this code.
    Closed(Attempt, u16),
    /// The device or the network came back.
    Woken(Wake),
    /// Nobody looks at the page any more.
    Hidden,
    /// Time went on.
    Ticked,
}

impl Event {
    /// The attempt that it belongs to; `None` when it belongs to none.
    #[must_use]
    pub const fn attempt(&self) -> Option<Attempt> {
        match self {
            Self::SnapshotRead(attempt)
            | Self::TicketCame(attempt, _)
            | Self::RequestFailed(attempt, _)
            | Self::Opened(attempt)
            | Self::Welcomed(attempt, _)
            | Self::CaughtUp(attempt)
            | Self::Heard(attempt)
            | Self::Pinged(attempt, _)
            | Self::Discontinued(attempt)
            | Self::Unreadable(attempt, _)
            | Self::Misunderstood(attempt, _)
            | Self::Leaving(attempt, _)
            | Self::Closed(attempt, _) => Some(*attempt),
            Self::Started
            | Self::Stopped
            | Self::SessionEnded
            | Self::Woken(_)
            | Self::Hidden
            | Self::Ticked => None,
        }
    }
}

/// Why a request failed, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody is signed in.
    SignedOut,
    /// The account may not see the board.
    Forbidden,
    /// Nothing came back in time.
    Silent,
    /// Anything else that may be better next time.
    Passing,
}

/// What woke the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// The page is visible again.
    Shown,
    /// The browser says that there is a network.
    Online,
    /// The page came back from the back-forward cache, or the clocks say that the device slept: whatever
    /// was open is dead.
    Slept,
}

/// What the shell is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read the snapshot into the stores.
    ReadSnapshot(Attempt),
    /// Get a ticket. Before a stream of events it is only asked for because its answer says whether anybody is
    /// signed in and whether there is room, which a browser does not tell of the stream itself.
    GetTicket(Attempt),
    /// Open the socket with the ticket.
    OpenSocket(Attempt, String),
    /// Open the stream of events with the follower's cursor.
    OpenEvents(Attempt),
    /// Say hello with the follower's cursor.
    SayHello(Attempt),
    /// Close what is open, if anything is, with this code, and forget what it may still say.
    Close(u16),
    /// Make the browser give up the connections that it keeps for requests: one that is dead without anybody having
    /// been told swallows a request at a time, and there may be six of them.
    RenewConnections,
    /// Ask people to sign in.
    AskSignIn,
    /// Load the page again.
    Reload,
}

/// The code of an ordinary end.
pub const ORDINARY: u16 = 1000;
