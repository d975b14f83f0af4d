//! One client of the feed: what wakes it, what it is sent, and the close code that says what to do next.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Sleep, sleep, timeout};
use watchfloor_wire::feed::close;

use super::audience::Audience;
use super::context::{Access, FeedContext, Visitor};
use super::delivery::{Step, Why};
use super::heartbeat::{Beat, Heartbeat};
use super::link::{Incoming, Link};
use super::pace::Pace;
use super::ring::{MAX_LAG_FRAMES, Pending};
use super::seats::Seat;
use super::{Hub, Shared};

/// How long a close frame may take, in milliseconds; the peer is gone or going.
const CLOSE_MS: u64 = 1_000;

/// Why a connection ends.
pub(super) enum End {
    /// With this code, told to the client.
    Close(u16, &'static str),
    /// The client is gone, or knows all it must.
    Gone,
}

/// Where a connection stands.
pub(super) enum Stage {
    /// It must say hello by then (monotonic milliseconds).
    AwaitingHello { until_ms: i64 },
    /// It has everything up to here. Until it has caught up once, it may get many frames at once.
    Live { cursor: u64, caught_up: bool },
}

pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) link: Link,
    pub(super) feed: FeedContext,
    pub(super) audience: Audience,
    pub(super) seat: Seat,
    pub(super) stage: Stage,
    pub(super) heartbeat: Heartbeat,
    pub(super) pace: Pace,
    /// The epoch that it said hello in, counted since the start.
    pub(super) epochs: u64,
    pub(super) messages: u32,
    /// When the session ends whatever happens (monotonic milliseconds).
    ends_ms: i64,
    /// Whether something waits for the next interval of its pace.
    waits: bool,
}

/// What woke a connection.
enum Wake {
    Incoming(Incoming),
    Hub,
    Due,
}

impl Hub {
    /// Serves one client until it leaves, is closed, or the gateway shuts down.
    pub async fn serve(&self, mut link: Link, visitor: impl Into<Visitor>, feed: FeedContext) {
        let visitor = visitor.into();
        let Some(audience) = Audience::of(visitor.role) else {
            return close_with(&mut link, close::REVOKED, "this role has no feed").await;
        };
        let seat = match self.0.seats.take(&visitor.account, visitor.address) {
            Ok(seat) => seat,
            Err(full) => {
                metrics::counter!("watchfloor_feed_refused_total", "why" => full.word())
                    .increment(1);
                return close_with(&mut link, close::LIMIT, full.text()).await;
            }
        };
        self.follow(&feed.revoked);
        let mut connection = Connection::new(Arc::clone(&self.0), link, seat, audience, feed);
        connection.ends_ms = connection.monotonic_of(visitor.expires_at);
        drop(visitor);
        if let Err(End::Close(code, reason)) = connection.run().await {
            metrics::counter!("watchfloor_feed_closed_total", "code" => code.to_string())
                .increment(1);
            close_with(&mut connection.link, code, reason).await;
        }
    }
}

impl Connection {
    fn new(
        shared: Arc<Shared>,
        link: Link,
        seat: Seat,
        audience: Audience,
        feed: FeedContext,
    ) -> Self {
        let now_ms = shared.clock.monotonic_ms();
        Self {
            link,
            feed,
            audience,
            stage: Stage::AwaitingHello {
                until_ms: now_ms + shared.timing.hello_ms,
            },
            heartbeat: Heartbeat::new(shared.timing, now_ms, seat.number),
            pace: Pace::of(""),
            epochs: 0,
            messages: 0,
            ends_ms: i64::MAX,
            waits: false,
            seat,
            shared,
        }
    }

    fn monotonic_of(&self, at: watchfloor_wire::time::UnixMs) -> i64 {
        let clock = &self.shared.clock;
        clock
            .monotonic_ms()
            .saturating_add(at.0.saturating_sub(clock.now().0))
    }

    /// Runs until the connection ends; never returns `Ok`.
    async fn run(&mut self) -> Result<(), End> {
        // The one thing that wakes all connections; what happened they then look up. Each further thing to wait
        // for would cost a place in one more list, ten thousand times for every change.
        let mut news = self.shared.state.follow();
        // The session may have ended between the ticket and now.
        self.check_access().await?;
        // One timer for everything, set anew only when something is due earlier than it is set for: frames come
        // and go without touching it.
        let mut timer = std::pin::pin!(sleep(Duration::ZERO));
        let mut armed_ms = i64::MIN;
        loop {
            // Marked before anything is looked up: what comes after it wakes the connection again.
            news.mark();
            self.take_news().await?;
            self.send_due_frames().await?;
            self.arm(timer.as_mut(), &mut armed_ms);
            // In this order, not at random: a schedule that finds a mistake must find it again.
            let wake = tokio::select! {
                biased;
                incoming = self.link.recv() => Wake::Incoming(incoming),
                () = news.changed() => Wake::Hub,
                () = timer.as_mut() => Wake::Due,
            };
            match wake {
                Wake::Incoming(incoming) => self.take(incoming).await?,
                Wake::Hub => {}
                Wake::Due => {
                    armed_ms = i64::MIN;
                    self.take_time().await?;
                }
            }
        }
    }

    /// What the hub wakes it for besides changes: a session that ended, or that the gateway stops.
    async fn take_news(&mut self) -> Result<(), End> {
        if self.shared.closing.load(Ordering::SeqCst) {
            return Err(Box::pin(self.say_bye()).await);
        }
        if self.feed.revoked.has_changed().unwrap_or(false) {
            self.feed.revoked.mark_unchanged();
            return self.check_access().await;
        }
        Ok(())
    }

    fn arm(&self, mut timer: Pin<&mut Sleep>, armed_ms: &mut i64) {
        let due_ms = self.due_ms();
        if *armed_ms == i64::MIN || due_ms < *armed_ms {
            let wait_ms = (due_ms - self.shared.clock.monotonic_ms()).max(0);
            *armed_ms = due_ms;
            timer.set(sleep(Duration::from_millis(wait_ms.unsigned_abs())));
        }
    }

    /// When the next thing comes that only time brings (monotonic milliseconds).
    fn due_ms(&self) -> i64 {
        let own_ms = match self.stage {
            Stage::AwaitingHello { until_ms } => until_ms,
            Stage::Live { .. } if self.waits => self.heartbeat.due_ms().min(self.pace.due_ms()),
            Stage::Live { .. } => self.heartbeat.due_ms(),
        };
        self.ends_ms.min(own_ms)
    }

    async fn take_time(&mut self) -> Result<(), End> {
        let now_ms = self.shared.clock.monotonic_ms();
        if self.ends_ms <= now_ms {
            return Err(End::Close(close::TICKET, "the session ran out"));
        }
        match self.stage {
            Stage::AwaitingHello { until_ms } if until_ms <= now_ms => {
                metrics::counter!("watchfloor_feed_refused_total", "why" => "no_hello")
                    .increment(1);
                Err(End::Close(close::NO_PONG, "no hello came"))
            }
            Stage::AwaitingHello { .. } => Ok(()),
            Stage::Live { cursor, .. } => match self.heartbeat.due(now_ms) {
                Some(Beat::Dead) => Err(End::Close(close::NO_PONG, "no pong came")),
                Some(Beat::Ping) => self.ping(cursor).await,
                None => Ok(()),
            },
        }
    }

    async fn ping(&mut self, cursor: u64) -> Result<(), End> {
        self.check_access().await?;
        self.messages = 0;
        let ages = &*self.feed.ages;
        match self.shared.pings.get(&self.shared.clock, cursor, ages) {
            Ok((n, frame)) => {
                self.heartbeat.sent(n, self.shared.clock.monotonic_ms());
                self.send(&frame).await.map(drop)
            }
            Err(error) => Err(super::exchange::unwritable(&error)),
        }
    }

    /// Asks what the session is worth now, and acts on it.
    async fn check_access(&mut self) -> Result<(), End> {
        if self.sees_otherwise()? {
            Box::pin(self.reset(Why::Acl)).await?;
        }
        Ok(())
    }

    /// Asks what the session is worth now; true when it may see something else than before.
    fn sees_otherwise(&mut self) -> Result<bool, End> {
        match (self.feed.access)() {
            Access::Expired => Err(End::Close(close::TICKET, "the session ran out")),
            Access::Revoked => Err(End::Close(close::REVOKED, "the session was ended")),
            Access::Granted(role) => {
                let Some(audience) = Audience::of(role) else {
                    return Err(End::Close(close::REVOKED, "this role has no feed"));
                };
                Ok(std::mem::replace(&mut self.audience, audience) != audience)
            }
        }
    }

    async fn send_due_frames(&mut self) -> Result<(), End> {
        self.waits = false;
        while let Stage::Live { cursor, caught_up } = self.stage {
            if self.epochs != self.shared.epochs() {
                return Box::pin(self.reset(Why::Epoch)).await;
            }
            let now_ms = self.shared.clock.monotonic_ms();
            if caught_up && !self.pace.admits(now_ms) {
                match self.pending(cursor) {
                    Pending::Nothing => return Ok(()),
                    Pending::Quiet => {
                        self.waits = true;
                        return Ok(());
                    }
                    Pending::Urgent => {}
                }
            }
            // One that is live gets the newest value of each key; one that comes back sees the steps between, if
            // they are few.
            let max_frames = if caught_up { 1 } else { MAX_LAG_FRAMES };
            match self.next_step(cursor, max_frames).await? {
                Step::Current => {
                    self.stage = Stage::Live {
                        cursor,
                        caught_up: true,
                    };
                    return Ok(());
                }
                Step::Send { frames, cursor } => {
                    let count = u64::try_from(frames.len()).unwrap_or(u64::MAX);
                    let audience = self.audience;
                    for frame in frames {
                        if self.send(&frame).await? {
                            self.check_access().await?;
                        }
                        if self.audience != audience {
                            // What is left was made for what it could see before, and it was told to start anew.
                            return Ok(());
                        }
                    }
                    self.shared.frames_sent.increment(count);
                    self.pace.sent(now_ms);
                    self.stage = Stage::Live { cursor, caught_up };
                }
                Step::Reset(why) => Box::pin(self.reset(why)).await?,
            }
        }
        Ok(())
    }

    /// What comes next; the disk, which is seldom needed, waits in a box so that the others stay small. The disk
    /// may take long, and the session may have ended meanwhile.
    pub(super) async fn next_step(&mut self, cursor: u64, max_frames: usize) -> Result<Step, End> {
        let (delivery, state) = (&self.shared.delivery, &self.shared.state);
        let floor = match delivery.at_once(state, cursor, self.audience, max_frames) {
            Ok(step) => return Ok(step),
            Err(behind) => behind.floor,
        };
        let backlog = &*self.feed.backlog;
        let step = Box::pin(delivery.behind(cursor, floor, self.audience, backlog)).await;
        Ok(if self.sees_otherwise()? {
            Step::Reset(Why::Acl)
        } else {
            step
        })
    }

    fn pending(&self, cursor: u64) -> Pending {
        self.shared.state.read().ring().pending(cursor)
    }
}

async fn close_with(link: &mut Link, code: u16, reason: &'static str) {
    let closing = link.close(code, reason);
    let closed = timeout(Duration::from_millis(CLOSE_MS), closing).await;
    // A peer that does not take the close frame is cut off all the same, and what waits for it is old by now.
    if closed.is_err() {
        link.cut();
    }
}
