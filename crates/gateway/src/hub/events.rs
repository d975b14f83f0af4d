//! The feed as server-sent events, for networks that let no WebSocket through. The answer's body is a stream that
//! takes one frame at a time; what the client says comes by requests and finds its stream by number.

use std::collections::HashMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc;
use watchfloor_wire::feed::{ClientMessage, Cursor};

use super::frame::Frame;
use super::link::Incoming;

/// Requests of a client that wait to be taken; it sends one a ping.
const HEARD: usize = 4;

/// The streams that are open, for those who speak to them.
#[derive(Debug, Default)]
pub struct Streams {
    open: Mutex<HashMap<u64, Speaker>>,
    opened: AtomicU64,
}

#[derive(Debug)]
struct Speaker {
    session: String,
    said: mpsc::Sender<ClientMessage>,
}

/// The server's end of a stream of events.
#[derive(Debug)]
pub struct EventStream {
    number: u64,
    streams: Arc<Streams>,
    epoch: String,
    hello: Option<ClientMessage>,
    frames: mpsc::Sender<Bytes>,
    said: mpsc::Receiver<ClientMessage>,
    unsent: Option<Bytes>,
}

impl Streams {
    /// Opens a stream for a session that says it stands at `cursor`; with it comes what its body is made of.
    #[must_use]
    pub fn open(
        self: &Arc<Self>,
        session: &str,
        kind: String,
        cursor: Cursor,
    ) -> (EventStream, mpsc::Receiver<Bytes>) {
        let number = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        let (frames, body) = mpsc::channel(1);
        let (saying, said) = mpsc::channel(HEARD);
        let speaker = Speaker {
            session: session.to_owned(),
            said: saying,
        };
        self.lock().insert(number, speaker);
        let stream = EventStream {
            number,
            streams: Arc::clone(self),
            epoch: cursor.e.clone(),
            hello: Some(ClientMessage::Hello {
                v: super::exchange::VERSION,
                kind,
                build: String::new(),
                cursor,
            }),
            frames,
            said,
            unsent: Some(Bytes::from(format!(
                "event: stream\ndata: {{\"stream\":{number}}}\n\n"
            ))),
        };
        (stream, body)
    }

    /// Takes what a session says to one of its streams; false when it has no such stream.
    #[must_use]
    pub fn say(&self, session: &str, number: u64, message: ClientMessage) -> bool {
        self.lock()
            .get(&number)
            .filter(|it| it.session == session)
            .is_some_and(|it| it.said.try_send(message).is_ok())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Speaker>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventStream {
    pub(super) async fn recv(&mut self) -> Incoming {
        if let Some(hello) = self.hello.take() {
            return Incoming::Message(hello);
        }
        tokio::select! {
            () = self.frames.closed() => Incoming::Gone,
            said = self.said.recv() => said.map_or(Incoming::Gone, Incoming::Message),
        }
    }

    /// Each frame has an id of its own: a client that was cut off between two of them goes on after the first.
    pub(super) fn send(&mut self, frame: &Frame) -> Result<bool> {
        let id = frame
            .position()
            .map(|seq| format!("id: {}.{seq}\n", self.epoch))
            .unwrap_or_default();
        self.send_text(&[id.as_bytes(), b"data: ", frame.json(), b"\n\n"].concat())
    }

    fn send_text(&mut self, event: &[u8]) -> Result<bool> {
        let waiting = self.unsent.take().unwrap_or_default();
        let bytes = Bytes::from([&waiting[..], event].concat());
        match self.frames.try_send(bytes) {
            Ok(()) => Ok(true),
            Err(mpsc::error::TrySendError::Full(bytes)) => {
                self.unsent = Some(bytes);
                Ok(false)
            }
            Err(mpsc::error::TrySendError::Closed(_)) => Err(gone()),
        }
    }

    pub(super) async fn flush(&mut self) -> Result<()> {
        let Some(bytes) = self.unsent.clone() else {
            return Ok(());
        };
        let room = self.frames.reserve().await.map_err(|_| gone())?;
        room.send(bytes);
        self.unsent = None;
        Ok(())
    }

    pub(super) async fn close(&mut self, code: u16, reason: &'static str) -> Result<()> {
        let event = format!("event: close\ndata: {{\"code\":{code},\"reason\":\"{reason}\"}}\n\n");
        self.send_text(event.as_bytes())?;
        self.flush().await
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.streams.lock().remove(&self.number);
    }
}

fn gone() -> Error {
    Error::from(ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use watchfloor_wire::feed::{ClientMessage, Cursor};

    use super::super::frame::Frame;
    use super::Streams;

    #[test]
    fn only_its_own_session_speaks_to_a_stream_and_only_while_it_is_open() {
        let streams = Arc::new(Streams::default());
        let cursor = Cursor {
            e: "E".to_owned(),
            s: 1,
        };
        let (stream, _body) = streams.open("ann", "wall".to_owned(), cursor);
        let pong = || ClientMessage::Pong {
            n: 1,
            s: 1,
            h: None,
        };
        assert!(streams.say("ann", 1, pong()));
        assert!(!streams.say("bob", 1, pong()));
        assert!(!streams.say("ann", 2, pong()));
        drop(stream);
        assert!(!streams.say("ann", 1, pong()));
    }

    #[test]
    fn each_frame_of_several_has_the_id_of_its_own_end() {
        let cursor = Cursor {
            e: "E".to_owned(),
            s: 1,
        };
        let (mut stream, mut body) =
            Arc::new(Streams::default()).open("ann", String::new(), cursor);
        for seq in [4, 9] {
            let frame = Frame::of_json("{}").ending_at(seq);
            let _taken = stream.send(&frame).unwrap();
        }
        let _ping = stream.send(&Frame::of_json("{}")).unwrap();
        let mut sent = stream.unsent.take().unwrap_or_default().to_vec();
        let mut first = body.try_recv().unwrap().to_vec();
        first.append(&mut sent);
        let text = String::from_utf8(first).unwrap();
        let ids: Vec<&str> = text.lines().filter(|it| it.starts_with("id: ")).collect();
        assert_eq!(ids, ["id: E.4", "id: E.9"]);
    }
}
