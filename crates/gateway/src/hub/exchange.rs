//! What is said on one connection: messages taken, and messages sent.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use watchfloor_wire::feed::{Bye, ClientMessage, Cursor, Reset, ServerMessage, Welcome, close};

use super::audience::Audience;
use super::connection::{Connection, End, Stage};
use super::delivery::{Step, Why};
use super::frame::Frame;
use super::heartbeat::Heartbeat;
use super::link::Incoming;
use super::pace::Pace;
use super::page;
use super::ring::MAX_LAG_FRAMES;

/// The version of the protocol.
pub(super) const VERSION: u32 = 1;
/// A client that says more than this between two pings is not one of ours.
const MAX_MESSAGES_BETWEEN_PINGS: u32 = 100;
/// After a `bye`, clients come back within this span, in milliseconds.
const COME_BACK_MS: [u64; 2] = [1_000, 20_000];

impl Connection {
    pub(super) async fn take(&mut self, incoming: Incoming) -> Result<(), End> {
        self.messages += 1;
        if self.messages > MAX_MESSAGES_BETWEEN_PINGS {
            return Err(malformed("too many messages"));
        }
        match incoming {
            Incoming::Message(ClientMessage::Hello {
                v, kind, cursor, ..
            }) if v == VERSION => Box::pin(self.hello(&kind, cursor)).await,
            Incoming::Message(ClientMessage::Hello { .. }) => {
                Err(End::Close(close::VERSION, "this gateway speaks version 1"))
            }
            Incoming::Message(ClientMessage::Pong { n, h, .. }) => {
                self.heartbeat.pong(n);
                if let Some(health) = h {
                    page::note(self.pace.kind(), &health);
                }
                Ok(())
            }
            Incoming::Transport => Ok(()),
            Incoming::Gone => Err(End::Gone),
            Incoming::Malformed(why) => Err(malformed(why)),
        }
    }

    /// Takes a hello: the first one, or one after the client fetched a snapshot.
    async fn hello(&mut self, kind: &str, cursor: Cursor) -> Result<(), End> {
        // Before the head, so that a history that ends in between is noticed.
        self.epochs = self.shared.epochs();
        let head = self.head();
        if cursor.e != head.e {
            let epoch = self.shared.head().epoch;
            let other_role = Audience::is_told(&cursor.e, &epoch);
            return self
                .reset(if other_role { Why::Acl } else { Why::Epoch })
                .await;
        }
        if cursor.s > head.s {
            self.shared.note_ahead(cursor.s, head.s);
            return self.reset(Why::Ahead).await;
        }
        if let Step::Reset(why) = self.next_step(cursor.s, MAX_LAG_FRAMES).await? {
            return self.reset(why).await;
        }
        let now_ms = self.shared.clock.monotonic_ms();
        self.heartbeat = Heartbeat::new(self.shared.timing, now_ms, self.seat.number);
        self.pace = Pace::of(kind);
        self.stage = Stage::Live {
            cursor: cursor.s,
            caught_up: false,
        };
        let welcome = Welcome {
            replayed: head.s - cursor.s,
            e: head.e,
            s: head.s,
            now: self.shared.clock.now(),
            steady_ms: Some(self.shared.clock.monotonic_ms()),
            build: self.shared.build.clone(),
        };
        // The frames follow from the main loop; the step above was a look ahead, and what it made is shared.
        self.say(&ServerMessage::Welcome(welcome)).await
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
        self.say(&ServerMessage::Reset(reset)).await?;
        if self.link.takes_another_hello() {
            Ok(())
        } else {
            Err(End::Gone)
        }
    }

    /// Waits for its turn among all clients, and tells the client when to come back.
    pub(super) async fn say_bye(&mut self) -> End {
        let within = self.shared.timing.bye_within_ms.max(1).unsigned_abs();
        let among = self.shared.seats.taken().clamp(1, within);
        sleep(Duration::from_millis(self.seat.number % among)).await;
        let bye = Bye {
            why: "shutdown".to_owned(),
            after: COME_BACK_MS,
        };
        match self.say(&ServerMessage::Bye(bye)).await {
            Ok(()) => End::Close(close::GOING_AWAY, "shutdown"),
            Err(end) => end,
        }
    }

    /// Where the feed stands, as this client is told.
    fn head(&self) -> Cursor {
        let head = self.shared.head();
        Cursor {
            e: self.audience.epoch(&head.epoch),
            s: head.seq,
        }
    }

    async fn say(&mut self, message: &ServerMessage) -> Result<(), End> {
        match message.encode() {
            Ok(json) => self.send(&Frame::of_json(&json)).await.map(drop),
            Err(error) => Err(unwritable(&error)),
        }
    }

    /// Sends a frame. What the network does not take at once is waited for, and nothing is read meanwhile; true when
    /// there was a wait, in which anything may have happened.
    pub(super) async fn send(&mut self, frame: &Frame) -> Result<bool, End> {
        match self.link.send(frame) {
            Ok(true) => Ok(false),
            Ok(false) => Box::pin(self.flush()).await.map(|()| true),
            Err(_) => Err(End::Gone),
        }
    }

    async fn flush(&mut self) -> Result<(), End> {
        let limit = Duration::from_millis(self.shared.timing.write_ms.max(0).unsigned_abs());
        match timeout(limit, self.link.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Close(close::SLOW, "frames were not taken")),
        }
    }
}

fn malformed(why: &'static str) -> End {
    metrics::counter!("watchfloor_feed_refused_total", "why" => "malformed").increment(1);
    End::Close(close::MALFORMED, why)
}

pub(super) fn unwritable(error: &serde_json::Error) -> End {
    tracing::error!(%error, "a message of the feed cannot be written");
    End::Close(close::INTERNAL, "a mistake of the gateway")
}
