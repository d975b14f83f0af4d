//! One connection between a client and the gateway: messages in both directions, each in order, each after its
//! time on the way, until the connection breaks and takes its tail with it.

use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use watchfloor_gateway::clock::Clock;
use watchfloor_gateway::hub::carrier::Carrier;

/// A connection's place in the network.
pub type LinkId = usize;

/// What the gateway's end knows of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It stands, as far as can be told.
    Open,
    /// The client closed it.
    Closed,
    /// It was reset.
    Broken,
}

/// A message to the client. Without a time it has not been put on its way yet.
#[derive(Debug)]
pub struct Parcel {
    /// When it arrives, on the monotonic clock.
    pub due_ms: Option<i64>,
    /// What it says.
    pub told: Told,
}

/// What the gateway says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A message of the protocol.
    Text(String),
    /// Why it ends.
    Close(u16),
}

/// A connection's state, seen by both ends and by the network between them.
#[derive(Debug)]
pub struct LinkState {
    /// To the client.
    pub down: VecDeque<Parcel>,
    /// To the gateway, with the time of arrival.
    pub up: VecDeque<(i64, String)>,
    /// Messages to the client that fit into the buffers on the way.
    pub capacity: usize,
    /// What the gateway's end knows.
    pub sight: Sight,
    /// The gateway's end is gone.
    pub server_gone: bool,
    /// Nothing arrives any more, and nobody is told.
    pub cut: bool,
    /// Since when the gateway waits for room, on the monotonic clock.
    pub blocked_since_ms: Option<i64>,
    /// Since when it had waited for the room that it got last.
    pub was_blocked_ms: Option<i64>,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// A connection; a clone is the same one.
#[derive(Clone, Debug)]
pub struct Link(Arc<Mutex<LinkState>>);

impl Link {
    /// A new connection with room for `capacity` messages to the client.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self(Arc::new(Mutex::new(LinkState {
            down: VecDeque::new(),
            up: VecDeque::new(),
            capacity,
            sight: Sight::Open,
            server_gone: false,
            cut: false,
            blocked_since_ms: None,
            was_blocked_ms: None,
            reader: None,
            writer: None,
        })))
    }

    /// The state.
    pub fn state(&self) -> MutexGuard<'_, LinkState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gateway's end.
    #[must_use]
    pub fn socket(&self, clock: Clock) -> SimSocket {
        SimSocket {
            link: self.clone(),
            clock,
            unsent: None,
        }
    }
}

impl LinkState {
    /// Something arrived at the gateway.
    pub fn wake_reader(&mut self) {
        if let Some(waker) = self.reader.take() {
            waker.wake();
        }
    }

    /// There is room, or none will ever come.
    pub fn wake_writer(&mut self) {
        if let Some(waker) = self.writer.take() {
            waker.wake();
        }
    }

    /// The gateway's end learns what became of the connection.
    pub fn see(&mut self, sight: Sight) {
        if self.sight == Sight::Open {
            self.sight = sight;
        }
        self.wake_reader();
        self.wake_writer();
    }
}

/// The gateway's end of a connection, in place of a WebSocket.
#[derive(Debug)]
pub struct SimSocket {
    link: Link,
    clock: Clock,
    /// What there was no room for.
    unsent: Option<Told>,
}

impl Drop for SimSocket {
    fn drop(&mut self) {
        self.link.state().server_gone = true;
    }
}

fn reset() -> Error {
    Error::from(ErrorKind::ConnectionReset)
}

impl SimSocket {
    fn tell(&mut self, told: Told) -> Result<bool> {
        let mut state = self.link.state();
        if state.sight != Sight::Open {
            return Err(reset());
        }
        if state.down.len() >= state.capacity {
            let now_ms = self.clock.monotonic_ms();
            state.blocked_since_ms.get_or_insert(now_ms);
            drop(state);
            self.unsent = Some(told);
            return Ok(false);
        }
        state.down.push_back(Parcel { due_ms: None, told });
        Ok(true)
    }
}

impl Carrier for SimSocket {
    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<String>> {
        let mut state = self.link.state();
        let now_ms = self.clock.monotonic_ms();
        let has_arrived = |(due_ms, _): &(i64, String)| *due_ms <= now_ms;
        if state.up.front().is_some_and(has_arrived) {
            return Poll::Ready(state.up.pop_front().map(|(_, text)| text));
        }
        match state.sight {
            Sight::Closed if state.up.is_empty() => Poll::Ready(None),
            Sight::Broken => Poll::Ready(None),
            Sight::Open | Sight::Closed => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn send(&mut self, text: &str) -> Result<bool> {
        self.tell(Told::Text(text.to_owned()))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let mut state = self.link.state();
        if state.sight != Sight::Open {
            return Poll::Ready(Err(reset()));
        }
        let Some(told) = self.unsent.take() else {
            return Poll::Ready(Ok(()));
        };
        if state.down.len() >= state.capacity {
            state.writer = Some(cx.waker().clone());
            self.unsent = Some(told);
            return Poll::Pending;
        }
        state.was_blocked_ms = state.blocked_since_ms.take();
        state.down.push_back(Parcel { due_ms: None, told });
        Poll::Ready(Ok(()))
    }

    fn send_close(&mut self, code: u16) -> Result<bool> {
        self.tell(Told::Close(code))
    }
}
