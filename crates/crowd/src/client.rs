//! One client: connects from its own address, says hello with its cursor, answers pings, comes back when cut off.

use std::future::poll_fn;
use std::io::{Error, ErrorKind, Result};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use crate::frames::{self, Incoming};
use crate::http;
use crate::scan::{self, Message};
use crate::world::{Appetite, World};

/// The first and the longest wait before another attempt, in milliseconds; between them it doubles.
const BACKOFF_MS: (u64, u64) = (500, 30_000);
/// After this much health the wait starts small again.
const HEALTHY: Duration = Duration::from_secs(30);
const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// Read in one go: more than a change has, so that one read is enough to know that there is no more.
const READ_BYTES: usize = 8_192;
/// A slow client takes this much each [`LOOK_AGAIN`]: three kilobytes a second.
const SLOW_READ_BYTES: usize = 300;
/// The receive window of clients that will be slow.
const SMALL_WINDOW_BYTES: u32 = 4_096;
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Why a client is not connected any more.
enum Ended {
    /// The gateway said when to come back, in milliseconds.
    ComeBack(u64),
    /// It was cut off, or could not connect.
    Cut,
}

/// What is to be answered, and how it ended if it did.
type Taken = (Option<Vec<u8>>, Option<Ended>);

/// One client.
pub struct Client {
    world: Arc<World>,
    number: usize,
    epoch: Arc<str>,
    cursor: u64,
    is_live: bool,
    /// The head that the welcome named.
    goal: u64,
    /// The last incident that was counted here.
    incident_at_us: u64,
}

impl Client {
    /// Client `number`, from the position that the world starts at.
    pub fn new(world: &Arc<World>, number: usize) -> Self {
        let (epoch, cursor) = world
            .start
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Self {
            world: Arc::clone(world),
            number,
            epoch: epoch.into(),
            cursor,
            is_live: false,
            goal: 0,
            incident_at_us: 0,
        }
    }

    /// Stays for ever.
    pub async fn run(mut self) {
        let mut attempt = 0_u32;
        loop {
            let began_us = self.world.now_us();
            let ended = Box::pin(self.connection()).await;
            self.set_live(false);
            if self.world.now_us() - began_us > u64::try_from(HEALTHY.as_micros()).unwrap_or(0) {
                attempt = 0;
            }
            let wait_ms = match ended {
                Ended::ComeBack(wait_ms) => wait_ms,
                Ended::Cut => {
                    let longest = (BACKOFF_MS.0 << attempt.min(16)).min(BACKOFF_MS.1);
                    attempt += 1;
                    self.world.random.below(longest + 1)
                }
            };
            sleep(Duration::from_millis(wait_ms)).await;
        }
    }

    async fn connection(&mut self) -> Ended {
        match timeout(CONNECT_WITHIN, self.open()).await {
            Ok(Ok(Ok(stream))) => {
                let ended = self.listen(stream).await;
                self.world.lost.fetch_add(1, Relaxed);
                ended.unwrap_or(Ended::Cut)
            }
            Ok(Ok(Err(wait_s))) => {
                self.world.put_off.fetch_add(1, Relaxed);
                Ended::ComeBack(wait_s * 1_000 + self.world.random.below(1_000))
            }
            Ok(Err(_)) | Err(_) => Ended::Cut,
        }
    }

    /// The open socket, or how many seconds to wait.
    async fn open(&self) -> Result<std::result::Result<TcpStream, u64>> {
        let settings = &self.world.settings;
        let host = u32::from(Ipv4Addr::new(127, 0, 1, 0))
            + u32::try_from(self.number / settings.per_address.max(1)).unwrap_or(0);
        let socket = TcpSocket::new_v4()?;
        if self.number < settings.small_windows {
            socket.set_recv_buffer_size(SMALL_WINDOW_BYTES)?;
        }
        socket.bind(SocketAddr::from((Ipv4Addr::from(host), 0)))?;
        let stream = socket.connect(settings.gateway).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /api/monitoring/feed HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: watchfloor.feed.v1\r\nAuthorization: Bearer {}\r\n\r\n",
            settings.gateway, settings.viewer
        );
        write(&stream, request.as_bytes()).await?;
        let mut head = Vec::with_capacity(512);
        while http::end_of_head(&head).is_none() {
            stream.readable().await?;
            // The server says nothing before the hello, so nothing is read past the head.
            read(&stream, &mut head)?;
        }
        match http::status(&head) {
            Some(101) => {}
            Some(429 | 503) => return Ok(Err(http::retry_after_s(&head).unwrap_or(1))),
            _ => return Err(Error::new(ErrorKind::InvalidData, "not upgraded")),
        }
        self.hello(&stream).await?;
        Ok(Ok(stream))
    }

    async fn hello(&self, stream: &TcpStream) -> Result<()> {
        let hello = format!(
            r#"{{"t":"hello","v":1,"kind":"console","build":"crowd","cursor":{{"e":"{}","s":{}}}}}"#,
            self.epoch, self.cursor
        );
        write(stream, &frames::text(&hello)).await
    }

    async fn listen(&mut self, mut stream: TcpStream) -> Result<Ended> {
        let mut held = Vec::new();
        loop {
            let most_bytes = match self.world.appetite(self.number) {
                Appetite::Hungry => READ_BYTES,
                Appetite::Slow => {
                    sleep(LOOK_AGAIN).await;
                    SLOW_READ_BYTES
                }
                Appetite::None => {
                    sleep(LOOK_AGAIN).await;
                    continue;
                }
            };
            let reading = |cx: &mut Context<'_>| self.read(&mut stream, most_bytes, &mut held, cx);
            let (answer, ended) = poll_fn(reading).await?;
            if let Some(answer) = answer {
                write(&stream, &answer).await?;
            }
            if let Some(ended) = ended {
                return Ok(ended);
            }
        }
    }

    /// Reads once, into the stack of this call: a client that waits holds no buffer. A read that does not fill its
    /// buffer leaves nothing, which saves a second one that would only say so.
    fn read(
        &mut self,
        stream: &mut TcpStream,
        most_bytes: usize,
        held: &mut Vec<u8>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Taken>> {
        let mut fresh = [std::mem::MaybeUninit::uninit(); READ_BYTES];
        let mut fresh = ReadBuf::uninit(&mut fresh[..most_bytes]);
        ready!(Pin::new(stream).poll_read(cx, &mut fresh))?;
        if fresh.filled().is_empty() {
            return Poll::Ready(Ok((None, Some(Ended::Cut))));
        }
        Poll::Ready(self.take(held, fresh.filled()))
    }

    /// Takes what arrived; what is not a whole frame is held. Gives what is to be answered, and how it ended.
    fn take(&mut self, held: &mut Vec<u8>, fresh: &[u8]) -> Result<Taken> {
        let whole: &[u8] = if held.is_empty() {
            fresh
        } else {
            held.extend_from_slice(fresh);
            held
        };
        let (mut at, mut answer, mut ended) = (0, None, None);
        while let Some((frame, length)) = frames::split(&whole[at..])? {
            match frame {
                Incoming::Text(text) => match scan::read(text) {
                    Message::Bye { after } => {
                        let span = after[1].saturating_sub(after[0]);
                        let wait_ms = after[0] + self.world.random.below(span + 1);
                        ended = Some(Ended::ComeBack(wait_ms));
                    }
                    message => answer = self.message(message, text).or(answer),
                },
                Incoming::Close(_) => ended = ended.or(Some(Ended::Cut)),
                Incoming::Other => {}
            }
            at += length;
        }
        let rest = whole[at..].to_vec();
        *held = rest;
        Ok((answer, ended))
    }

    fn message(&mut self, message: Message, text: &[u8]) -> Option<Vec<u8>> {
        match message {
            Message::Frame { from, to } => self.frame(from, to, text),
            Message::Welcome { to } => {
                self.goal = to;
                self.set_live(self.cursor >= to);
            }
            Message::Ping { n } => {
                let pong = format!(r#"{{"t":"pong","n":{n},"s":{}}}"#, self.cursor);
                return Some(frames::text(&pong));
            }
            Message::Reset { epoch, to } => {
                // A browser would fetch the snapshot here; what it costs is counted, not caused.
                self.world.resets.fetch_add(1, Relaxed);
                self.epoch = epoch.into();
                self.cursor = to;
                let hello = format!(
                    r#"{{"t":"hello","v":1,"kind":"console","build":"crowd","cursor":{{"e":"{}","s":{to}}}}}"#,
                    self.epoch
                );
                return Some(frames::text(&hello));
            }
            Message::Bye { .. } | Message::Other => {}
        }
        None
    }

    fn frame(&mut self, from: u64, to: u64, text: &[u8]) {
        let world = &self.world;
        world.frames.fetch_add(1, Relaxed);
        if from > self.cursor {
            world.gaps.fetch_add(1, Relaxed);
        }
        self.cursor = self.cursor.max(to);
        let now_us = world.now_us();
        // Those who were slow for a while read old changes after it; their lateness is nobody else's.
        if self.number >= world.settings.small_windows
            && let Some(due_us) = scan::stamp(text)
        {
            world.changes().add_us(now_us.saturating_sub(due_us));
        }
        let caused_us = world.incident_at_us.load(Relaxed);
        if caused_us > self.incident_at_us && scan::tells_of_incident(text) {
            self.incident_at_us = caused_us;
            world.incidents.add_us(now_us.saturating_sub(caused_us));
        }
        if self.cursor >= self.goal {
            self.set_live(true);
        }
    }

    fn set_live(&mut self, live: bool) {
        if live && !self.is_live {
            self.world.live.fetch_add(1, Relaxed);
        } else if !live && self.is_live {
            self.world.live.fetch_sub(1, Relaxed);
        }
        self.is_live = live;
    }
}

fn read(stream: &TcpStream, into: &mut Vec<u8>) -> Result<()> {
    let mut fresh = [0; 1_024];
    match stream.try_read(&mut fresh) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(count) => {
            into.extend_from_slice(&fresh[..count]);
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
