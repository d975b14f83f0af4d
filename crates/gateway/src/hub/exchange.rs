//! What is said on one connection: messages taken, and messages sent.

use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes};
use tokio::time::{sleep, timeout};
use watchfloor_wire::feed::{
    Bye, ClientMessage, Cursor, MAX_CLIENT_FRAME_BYTES, Reset, ServerMessage, Welcome, close,
};

use super::delivery::{Step, Why};
use super::heartbeat::Heartbeat;
use super::socket::{Connection, End, Stage};

/// The version of the protocol.
const VERSION: u32 = 1;
/// A client that says more than this between two pings is not one of ours.
const MAX_MESSAGES_BETWEEN_PINGS: u32 = 100;
/// After a `bye`, clients come back within this span, in milliseconds.
const COME_BACK_MS: [u64; 2] = [1_000, 20_000];

impl Connection<'_> {
    pub(super) async fn take_message(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
    ) -> Result<(), End> {
        let text = match message {
            Some(Ok(Message::Text(text))) if text.len() <= MAX_CLIENT_FRAME_BYTES => text,
            Some(Ok(Message::Text(_) | Message::Binary(_))) => {
                return Err(End::Close(close::MALFORMED, "not a frame of this protocol"));
            }
            // The library answers pings of the transport by itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return self.count_message(),
            Some(Ok(Message::Close(_))) | None => return Err(End::Gone),
            Some(Err(_)) => return Err(End::Close(close::MALFORMED, "the frame cannot be read")),
        };
        self.count_message()?;
        match serde_json::from_str(&text) {
            Ok(ClientMessage::Hello { v, cursor, .. }) if v == VERSION => self.hello(cursor).await,
            Ok(ClientMessage::Hello { .. }) => {
                Err(End::Close(close::VERSION, "this gateway speaks version 1"))
            }
            Ok(ClientMessage::Pong { n, .. }) => {
                self.heartbeat.pong(n, self.shared.clock.monotonic_ms());
                Ok(())
            }
            Err(_) => Err(End::Close(
                close::MALFORMED,
                "not a message of this protocol",
            )),
        }
    }

    const fn count_message(&mut self) -> Result<(), End> {
        self.messages += 1;
        if self.messages > MAX_MESSAGES_BETWEEN_PINGS {
            return Err(End::Close(close::MALFORMED, "too many messages"));
        }
        Ok(())
    }

    /// Takes a hello: the first one, or one after the client fetched a snapshot.
    async fn hello(&mut self, cursor: Cursor) -> Result<(), End> {
        let head = self.head();
        if cursor.e != head.e {
            return self.reset(Why::Epoch).await;
        }
        if cursor.s > head.s {
            // Proof that a durable write was lost.
            tracing::error!(
                client = cursor.s,
                head = head.s,
                "a client is ahead of the feed"
            );
            return self.reset(Why::Ahead).await;
        }
        let step = self
            .shared
            .delivery
            .step(
                &self.shared.state,
                cursor.s,
                self.audience,
                &*self.feed.backlog,
            )
            .await;
        if let Step::Reset(why) = step {
            return self.reset(why).await;
        }
        let now_ms = self.shared.clock.monotonic_ms();
        self.heartbeat = Heartbeat::new(self.shared.timing, now_ms, self.seat.number);
        self.stage = Stage::Live { cursor: cursor.s };
        let welcome = Welcome {
            replayed: head.s - cursor.s,
            e: head.e,
            s: head.s,
            now: self.shared.clock.now(),
            build: self.shared.build.clone(),
        };
        // The frames follow from the main loop; the step above was a look ahead, and what it made is shared.
        self.send(&ServerMessage::Welcome(welcome)).await
    }

    /// Tells the client to fetch a snapshot and say hello again.
    pub(super) async fn reset(&mut self, why: Why) -> Result<(), End> {
        metrics::counter!("watchfloor_feed_resets_total", "why" => why.word()).increment(1);
        self.stage = Stage::AwaitingHello {
            until_ms: self.shared.clock.monotonic_ms() + self.shared.timing.resync_ms,
        };
        let head = self.head();
        let reset = Reset {
            why: why.word().to_owned(),
            e: head.e,
            s: head.s,
        };
        self.send(&ServerMessage::Reset(reset)).await
    }

    /// Waits for its turn, 1,000 clients a second, and tells the client when to come back.
    pub(super) async fn say_bye(&mut self) -> End {
        let within = self.shared.timing.bye_within_ms.max(1).unsigned_abs();
        let among = self.shared.seats.taken().clamp(1, within);
        sleep(Duration::from_millis(self.seat.number % among)).await;
        let bye = Bye {
            why: "shutdown".to_owned(),
            after: COME_BACK_MS,
        };
        match self.send(&ServerMessage::Bye(bye)).await {
            Ok(()) => End::Close(close::GOING_AWAY, "shutdown"),
            Err(end) => end,
        }
    }

    fn head(&self) -> Cursor {
        let head = self
            .shared
            .state
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .head();
        Cursor {
            e: head.epoch,
            s: head.seq,
        }
    }

    pub(super) async fn send(&mut self, message: &ServerMessage) -> Result<(), End> {
        match message.encode() {
            Ok(text) => self.send_text(text.into()).await,
            Err(error) => {
                tracing::error!(%error, "a message of the feed cannot be written");
                Err(End::Close(close::INTERNAL, "a mistake of the gateway"))
            }
        }
    }

    pub(super) async fn send_text(&mut self, text: Utf8Bytes) -> Result<(), End> {
        let limit = Duration::from_millis(self.shared.timing.write_ms.max(0).unsigned_abs());
        match timeout(limit, self.socket.send(Message::Text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Close(close::SLOW, "frames were not taken")),
        }
    }
}
