//! One connection of the feed: hello, frames, pings, and the close code that says what to do next.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use watchfloor_wire::feed::{MAX_CLIENT_FRAME_BYTES, Ping, ServerMessage, close};

use super::audience::Audience;
use super::context::{Access, FeedContext, Visitor};
use super::delivery::{Step, Why};
use super::heartbeat::{Beat, Heartbeat};
use super::seats::Seat;
use super::{Hub, Shared};

/// How long a close frame may take, in milliseconds; the peer is gone or going.
const CLOSE_MS: u64 = 1_000;

/// Sets the socket's buffers. The library's defaults take 128 KiB a connection at once and let a peer send
/// 64 MiB; here it is 1 KiB, and 16 KiB.
pub fn configure(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(1_024)
        .write_buffer_size(0)
        .max_write_buffer_size(512 * 1_024)
        .max_message_size(4 * MAX_CLIENT_FRAME_BYTES)
        .max_frame_size(4 * MAX_CLIENT_FRAME_BYTES)
}

/// Why a connection ends.
pub(super) enum End {
    /// With this code, told to the client.
    Close(u16, &'static str),
    /// The client is gone.
    Gone,
}

/// Where a connection stands.
pub(super) enum Stage {
    /// It must say hello by then (monotonic milliseconds).
    AwaitingHello { until_ms: i64 },
    /// It has everything up to here.
    Live { cursor: u64 },
}

pub(super) struct Connection<'a> {
    pub(super) shared: &'a Shared,
    pub(super) socket: WebSocket,
    pub(super) feed: FeedContext,
    pub(super) visitor: Visitor,
    pub(super) audience: Audience,
    pub(super) seat: Seat,
    pub(super) stage: Stage,
    pub(super) heartbeat: Heartbeat,
    pub(super) messages: u32,
}

/// What woke a connection.
enum Wake {
    Message(Option<Result<Message, axum::Error>>),
    Head,
    Session { sender_gone: bool },
    Closing,
    Due,
}

impl Hub {
    /// Serves one client until it leaves, is closed, or the gateway shuts down.
    pub async fn serve_socket(
        &self,
        mut socket: WebSocket,
        visitor: impl Into<Visitor>,
        feed: FeedContext,
    ) {
        let visitor = visitor.into();
        let shared = &*self.0;
        let Some(audience) = Audience::of(visitor.role) else {
            return close_with(&mut socket, close::REVOKED, "this role has no feed").await;
        };
        let Some(seat) = shared.seats.take(&visitor.account) else {
            metrics::counter!("watchfloor_feed_refused_total").increment(1);
            return close_with(&mut socket, close::LIMIT, "too many connections").await;
        };
        let now_ms = shared.clock.monotonic_ms();
        let mut connection = Connection {
            shared,
            socket,
            feed,
            visitor,
            audience,
            stage: Stage::AwaitingHello {
                until_ms: now_ms + shared.timing.hello_ms,
            },
            heartbeat: Heartbeat::new(shared.timing, now_ms, seat.number),
            seat,
            messages: 0,
        };
        if let Err(End::Close(code, reason)) = connection.run().await {
            metrics::counter!("watchfloor_feed_closed_total", "code" => code.to_string())
                .increment(1);
            close_with(&mut connection.socket, code, reason).await;
        }
    }
}

impl Connection<'_> {
    /// Runs until the connection ends; never returns `Ok`.
    async fn run(&mut self) -> Result<(), End> {
        let mut head = self.shared.head.subscribe();
        let mut closing = self.shared.closing.subscribe();
        let mut revoked = self.feed.revoked.clone();
        let mut revoked_lives = true;
        // The session may have ended between the ticket and now.
        self.check_access().await?;
        loop {
            self.send_due_frames(&mut head).await?;
            let wait = Duration::from_millis(u64::try_from(self.wait_ms()).unwrap_or(0));
            let live = matches!(self.stage, Stage::Live { .. });
            let wake = tokio::select! {
                _closing = closing.wait_for(|closing| *closing) => Wake::Closing,
                changed = revoked.changed(), if revoked_lives => {
                    Wake::Session { sender_gone: changed.is_err() }
                }
                message = self.socket.recv() => Wake::Message(message),
                _changed = head.changed(), if live => Wake::Head,
                () = sleep(wait) => Wake::Due,
            };
            match wake {
                Wake::Message(message) => self.take_message(message).await?,
                Wake::Head => {}
                Wake::Session { sender_gone } => {
                    revoked_lives = !sender_gone;
                    self.check_access().await?;
                }
                Wake::Closing => return Err(self.say_bye().await),
                Wake::Due => self.take_time().await?,
            }
        }
    }

    /// Milliseconds until the next thing that only time brings.
    fn wait_ms(&self) -> i64 {
        let now_ms = self.shared.clock.monotonic_ms();
        let session_ms = self.visitor.expires_at.since_ms(self.shared.clock.now());
        let own_ms = match self.stage {
            Stage::AwaitingHello { until_ms } => until_ms - now_ms,
            Stage::Live { .. } => self.heartbeat.wait_ms(now_ms),
        };
        session_ms.min(own_ms).max(0)
    }

    async fn take_time(&mut self) -> Result<(), End> {
        if self.visitor.expires_at <= self.shared.clock.now() {
            return Err(End::Close(close::TICKET, "the session ran out"));
        }
        let now_ms = self.shared.clock.monotonic_ms();
        match self.stage {
            Stage::AwaitingHello { until_ms } if until_ms <= now_ms => {
                Err(End::Close(close::NO_PONG, "no hello came"))
            }
            Stage::AwaitingHello { .. } => Ok(()),
            Stage::Live { cursor } => match self.heartbeat.due(now_ms) {
                Some(Beat::Dead) => Err(End::Close(close::NO_PONG, "no pong came")),
                Some(Beat::Ping(n)) => self.ping(n, cursor).await,
                None => Ok(()),
            },
        }
    }

    async fn ping(&mut self, n: u64, cursor: u64) -> Result<(), End> {
        self.check_access().await?;
        self.messages = 0;
        let ping = Ping {
            n,
            s: cursor,
            now: self.shared.clock.now(),
            age: (self.feed.ages)(),
        };
        self.send(&ServerMessage::Ping(ping)).await
    }

    /// Asks what the session is worth now, and acts on it.
    async fn check_access(&mut self) -> Result<(), End> {
        match (self.feed.access)() {
            Access::Expired => Err(End::Close(close::TICKET, "the session ran out")),
            Access::Revoked => Err(End::Close(close::REVOKED, "the session was ended")),
            Access::Granted(role) => match Audience::of(role) {
                None => Err(End::Close(close::REVOKED, "this role has no feed")),
                Some(audience) if audience == self.audience => Ok(()),
                Some(audience) => {
                    self.audience = audience;
                    self.reset(Why::Acl).await
                }
            },
        }
    }

    async fn send_due_frames(&mut self, head: &mut watch::Receiver<u64>) -> Result<(), End> {
        // Marked before the ring is read: a commit in between wakes the connection again.
        head.mark_unchanged();
        while let Stage::Live { cursor } = self.stage {
            let step = self
                .shared
                .delivery
                .step(
                    &self.shared.state,
                    cursor,
                    self.audience,
                    &*self.feed.backlog,
                )
                .await;
            match step {
                Step::Current => return Ok(()),
                Step::Send { frames, cursor } => {
                    let count = u64::try_from(frames.len()).unwrap_or(u64::MAX);
                    for frame in frames {
                        self.send_text(frame).await?;
                    }
                    metrics::counter!("watchfloor_feed_frames_total").increment(count);
                    self.stage = Stage::Live { cursor };
                }
                Step::Reset(why) => self.reset(why).await?,
            }
        }
        Ok(())
    }
}

async fn close_with(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    };
    let closing = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            // Until the peer has answered, or the connection is reset under the close frame.
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    // A peer that does not take the close frame is cut off all the same.
    let _closed = timeout(Duration::from_millis(CLOSE_MS), closing).await;
}
