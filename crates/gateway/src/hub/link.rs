//! How a client is reached: by a WebSocket, or by server-sent events where a proxy refuses those. Both carry the
//! same messages. Neither buffers: what the network does not take at once is a reference into a shared frame.

use std::future::poll_fn;
use std::io::{Error, ErrorKind, Result};

use bytes::Bytes;
use tokio::net::TcpStream;
use watchfloor_wire::feed::ClientMessage;

use super::buffers;
use super::carrier::{self, Carrier};
use super::events::EventStream;
use super::frame::Frame;
use super::inbox::{Inbox, Malformed, Message};

/// Read in one go; a pong has about 30 bytes.
const READ_BYTES: usize = 2_048;

/// What came from a client.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message of the protocol.
    Message(ClientMessage),
    /// Something of the transport; it was dealt with.
    Transport,
    /// The client is gone.
    Gone,
    /// No client of ours sends this.
    Malformed(&'static str),
}

/// The way to one client.
#[derive(Debug)]
pub enum Link {
    /// A WebSocket.
    Socket(WebSocket),
    /// Server-sent events; its client speaks by requests.
    Events(EventStream),
    /// Anything else that carries texts.
    Carried(Box<dyn Carrier>),
}

impl Link {
    /// What comes next. Nothing is lost when it is not waited for to the end.
    pub(super) async fn recv(&mut self) -> Incoming {
        match self {
            Self::Socket(socket) => socket.recv().await,
            Self::Events(events) => events.recv().await,
            Self::Carried(it) => carrier::recv(&mut **it).await,
        }
    }

    /// Sends a frame; true when all of it was taken, else [`Self::flush`] sends the rest.
    ///
    /// # Errors
    /// When the client is gone.
    pub(super) fn send(&mut self, frame: &Frame) -> Result<bool> {
        match self {
            Self::Socket(socket) => socket.send(frame.websocket()),
            Self::Events(events) => events.send(frame),
            Self::Carried(it) => it.send(frame),
        }
    }

    /// Waits until what was sent is taken.
    ///
    /// # Errors
    /// When the client is gone.
    pub(super) async fn flush(&mut self) -> Result<()> {
        match self {
            Self::Socket(socket) => socket.flush().await,
            Self::Events(events) => events.flush().await,
            Self::Carried(it) => poll_fn(|cx| it.poll_flush(cx)).await,
        }
    }

    /// Says why it ends, and waits until the client has closed as well.
    ///
    /// # Errors
    /// When the client is gone already.
    pub(super) async fn close(&mut self, code: u16, reason: &'static str) -> Result<()> {
        self.flush().await?;
        match self {
            Self::Socket(socket) => socket.close(code, reason).await,
            Self::Events(events) => events.close(code, reason).await,
            Self::Carried(it) => carrier::close(&mut **it, code).await,
        }
    }

    /// Ends it so that nothing of what was sent and not delivered arrives any more.
    pub(super) fn cut(&self) {
        if let Self::Socket(socket) = self {
            buffers::forget(&socket.stream);
        }
    }

    /// Whether a client on this link can say hello again. By events it cannot: it opens another stream.
    pub(super) const fn takes_another_hello(&self) -> bool {
        matches!(self, Self::Socket(_) | Self::Carried(_))
    }
}

/// A connection after its upgrade (RFC 6455).
#[derive(Debug)]
pub struct WebSocket {
    stream: TcpStream,
    inbox: Inbox,
    unsent: Bytes,
}

impl WebSocket {
    /// Over a connection that was upgraded; `early` is what arrived behind the request.
    #[must_use]
    pub fn new(stream: TcpStream, early: &[u8]) -> Self {
        let mut inbox = Inbox::default();
        inbox.take(early);
        Self {
            stream,
            inbox,
            unsent: Bytes::new(),
        }
    }

    async fn recv(&mut self) -> Incoming {
        loop {
            match self.inbox.next_message() {
                Ok(Some(message)) => return self.take(message),
                Ok(None) => {}
                Err(Malformed(why)) => return Incoming::Malformed(why),
            }
            if poll_fn(|cx| self.stream.poll_read_ready(cx)).await.is_err() {
                return Incoming::Gone;
            }
            match self.read() {
                Ok(0) => return Incoming::Gone,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return Incoming::Gone,
            }
        }
    }

    /// On the stack of this call, so that a waiting connection holds no buffer.
    fn read(&mut self) -> Result<usize> {
        let mut fresh = [0; READ_BYTES];
        let count = self.stream.try_read(&mut fresh)?;
        self.inbox.take(&fresh[..count]);
        Ok(count)
    }

    fn take(&mut self, message: Message) -> Incoming {
        match message {
            Message::Text(text) => match serde_json::from_slice(&text) {
                Ok(message) => Incoming::Message(message),
                Err(_) => Incoming::Malformed("not a message of this protocol"),
            },
            // Only when nothing waits: a frame is not put into the middle of another one.
            Message::Ping(payload) if self.unsent.is_empty() => {
                let length = u8::try_from(payload.len()).unwrap_or(0);
                let pong = Bytes::from([&[0x8a, length], &payload[..]].concat());
                match self.send(&pong) {
                    Ok(_) => Incoming::Transport,
                    Err(_) => Incoming::Gone,
                }
            }
            Message::Ping(_) | Message::Pong => Incoming::Transport,
            Message::Close(code) => {
                if self.unsent.is_empty() {
                    let length = u8::try_from(code.len()).unwrap_or(0);
                    let echo = Bytes::from([&[0x88, length], &code[..]].concat());
                    // It closes anyway; with the echo its end is a clean one.
                    let _sent = self.send(&echo);
                }
                Incoming::Gone
            }
        }
    }

    fn send(&mut self, frame: &Bytes) -> Result<bool> {
        let mut sent = 0;
        // A pong may still wait, and goes first.
        if !self.unsent.is_empty() {
            let both = [&self.unsent[..], &frame[..]].concat();
            self.unsent = Bytes::from(both);
            return Ok(false);
        }
        while sent < frame.len() {
            match self.stream.try_write(&frame[sent..]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.unsent = frame.slice(sent..);
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    async fn flush(&mut self) -> Result<()> {
        while !self.unsent.is_empty() {
            poll_fn(|cx| self.stream.poll_write_ready(cx)).await?;
            match self.stream.try_write(&self.unsent) {
                Ok(0) => return Err(Error::from(ErrorKind::WriteZero)),
                Ok(count) => self.unsent = self.unsent.slice(count..),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        // What is sent keeps no frame alive.
        self.unsent = Bytes::new();
        Ok(())
    }

    async fn close(&mut self, code: u16, reason: &'static str) -> Result<()> {
        let length = u8::try_from(2 + reason.len()).unwrap_or(2);
        let frame = [&[0x88, length], &code.to_be_bytes()[..], reason.as_bytes()].concat();
        self.send(&Bytes::from(frame))?;
        self.flush().await?;
        // Until the peer has closed; cutting it off at once could destroy the close frame on its way.
        loop {
            poll_fn(|cx| self.stream.poll_read_ready(cx)).await?;
            let mut ignored = [0; READ_BYTES];
            match self.stream.try_read(&mut ignored) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}
