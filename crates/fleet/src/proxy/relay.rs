//! One connection: two directions, each with its own queue, and what tears both down.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::fault::{Conditions, Dead};
use super::pacing::Pacer;
use super::upgrade::{FirstRequest, Verdict, refusal};

/// What is read in one go, in bytes.
const READ_BYTES: usize = 4 * 1024;

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    ToServer,
    ToClient,
}

impl Way {
    const fn is_dead(self, dead: Option<Dead>) -> bool {
        matches!(
            (self, dead),
            (_, Some(Dead::Both))
                | (Self::ToServer, Some(Dead::ToServer))
                | (Self::ToClient, Some(Dead::ToClient))
        )
    }
}

/// Why a connection is over.
#[derive(Debug)]
enum End {
    /// It is torn down with an RST.
    Torn,
    /// Its request for a WebSocket is answered with this status.
    Refused(u16),
}

impl From<io::Error> for End {
    /// Whatever one end did is done to the other.
    fn from(_: io::Error) -> Self {
        Self::Torn
    }
}

/// What both directions know of each other.
#[derive(Debug, Default)]
struct Shared {
    /// Whether a byte has come from either end.
    is_used: AtomicBool,
    /// Whether the client asked for a WebSocket.
    is_websocket: AtomicBool,
    /// Whether a byte was lost, so that what follows can never be delivered.
    is_damaged: AtomicBool,
}

/// Carries bytes both ways until both ends have ended it or the conditions tear it down. The seed decides the chances.
pub(super) async fn relay(
    mut client: TcpStream,
    mut server: TcpStream,
    conditions: watch::Receiver<Conditions>,
    seed: u64,
) {
    // Pieces must leave as they are. Where the system refuses, the socket is gone already.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let end = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let shared = Shared::default();
        let up = Direction::new(Way::ToServer, &conditions, &shared, seed);
        let down = Direction::new(Way::ToClient, &conditions, &shared, seed);
        let both = async {
            tokio::try_join!(
                up.carry(from_client, to_server),
                down.carry(from_server, to_client)
            )
        };
        tokio::select! {
            ended = both => ended.err(),
            () = torn(conditions.clone(), &shared) => Some(End::Torn),
        }
    };
    match end {
        None => {}
        Some(End::Torn) => {
            // With this a socket is closed by an RST instead of in order.
            let _ = (client.set_zero_linger(), server.set_zero_linger());
        }
        Some(End::Refused(status)) => {
            // A client that is gone needs no answer.
            let _ = client.write_all(refusal(status).as_bytes()).await;
            let _ = client.shutdown().await;
        }
    }
}

/// Ends when the conditions tear the connection down as a whole.
async fn torn(mut conditions: watch::Receiver<Conditions>, shared: &Shared) {
    let tears = |now: &Conditions| {
        now.is_down
            || (now.is_resetting && shared.is_used.load(Ordering::Relaxed))
            || (now.upgrade_refused_with.is_some() && shared.is_websocket.load(Ordering::Relaxed))
    };
    // When the line is gone, so is the connection.
    let _ = conditions.wait_for(tears).await;
}

/// One direction of a connection.
struct Direction<'a> {
    way: Way,
    conditions: watch::Receiver<Conditions>,
    shared: &'a Shared,
    pacer: Pacer,
    first: FirstRequest,
    began_at: Instant,
    /// Whether the sender has ended.
    has_ended: bool,
    /// Whether what comes is thrown away for good.
    is_lost: bool,
}

impl<'a> Direction<'a> {
    fn new(
        way: Way,
        conditions: &watch::Receiver<Conditions>,
        shared: &'a Shared,
        seed: u64,
    ) -> Self {
        Self {
            way,
            conditions: conditions.clone(),
            shared,
            pacer: Pacer::new(seed.wrapping_mul(2).wrapping_add(way as u64)),
            first: FirstRequest::default(),
            began_at: Instant::now(),
            has_ended: false,
            is_lost: false,
        }
    }

    fn now(&self) -> Duration {
        self.began_at.elapsed()
    }

    /// Carries until the sender has ended and everything of it has left.
    async fn carry(
        mut self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) -> Result<(), End> {
        let mut buffer = [0; READ_BYTES];
        loop {
            let now = *self.conditions.borrow_and_update();
            if self.has_ended && self.is_lost {
                return Ok(());
            }
            if self.has_ended && self.pacer.is_empty() && !now.is_stalled {
                // The other end may be gone already.
                let _ = to.shutdown().await;
                return Ok(());
            }
            let room = self.pacer.room_bytes().min(READ_BYTES);
            let may_read = !now.is_stalled && !self.has_ended && room > 0;
            let next_at = self.next_at(&now);
            tokio::select! {
                changed = self.conditions.changed() => changed.map_err(|_| End::Torn)?,
                read = from.read(&mut buffer[..room.max(1)]), if may_read => {
                    self.came(read.map(|length| &buffer[..length]), &now)?;
                }
                () = sleep_until(next_at.unwrap_or(self.began_at)), if next_at.is_some() => {
                    let piece = self.pacer.take(&now, self.began_at.elapsed());
                    self.left(to.write_all(&piece).await)?;
                }
            }
        }
    }

    /// When the next piece leaves; `None` when none may.
    fn next_at(&self, conditions: &Conditions) -> Option<Instant> {
        let undecided = self.way == Way::ToServer && self.first.verdict() == Verdict::Unknown;
        if undecided && conditions.upgrade_refused_with.is_some() {
            return None;
        }
        let at = self.pacer.next_at(conditions)?;
        Some(self.began_at + at)
    }

    /// Takes what the sender said: bytes, no bytes for its end, or a failure.
    fn came(&mut self, read: io::Result<&[u8]>, conditions: &Conditions) -> Result<(), End> {
        if self.is_lost || self.way.is_dead(conditions.dead) {
            self.is_lost = true;
            self.shared.is_damaged.store(true, Ordering::Relaxed);
            self.has_ended = read.map_or(true, <[u8]>::is_empty);
            return Ok(());
        }
        let bytes = match read {
            Ok(bytes) => bytes,
            // Nobody is told of anything on a connection of which one half is dead.
            Err(_) if self.shared.is_damaged.load(Ordering::Relaxed) => &[],
            Err(why) => return Err(why.into()),
        };
        self.has_ended = bytes.is_empty();
        if bytes.is_empty() {
            return Ok(());
        }
        self.shared.is_used.store(true, Ordering::Relaxed);
        if conditions.is_resetting {
            return Err(End::Torn);
        }
        if self.way == Way::ToServer && self.first.push(bytes) == Verdict::WebSocket {
            if let Some(status) = conditions.upgrade_refused_with {
                return Err(End::Refused(status));
            }
            self.shared.is_websocket.store(true, Ordering::Relaxed);
        }
        self.pacer.push(bytes, self.now());
        Ok(())
    }

    /// Takes how a write went.
    fn left(&mut self, written: io::Result<()>) -> Result<(), End> {
        match written {
            Err(_) if self.shared.is_damaged.load(Ordering::Relaxed) => {
                self.is_lost = true;
                Ok(())
            }
            other => other.map_err(End::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex};
    use tokio::task::JoinHandle;

    use super::*;

    /// A direction over pipes, in a time that stands still unless everybody waits.
    struct Rig {
        sender: DuplexStream,
        receiver: DuplexStream,
        conditions: watch::Sender<Conditions>,
        carrying: JoinHandle<Result<(), End>>,
        began_at: Instant,
    }

    fn rig(way: Way, conditions: Conditions) -> Rig {
        let (sender, from) = duplex(1 << 16);
        let (to, receiver) = duplex(1 << 16);
        let (conditions, watched) = watch::channel(conditions);
        let carrying = tokio::spawn(async move {
            let shared = Shared::default();
            Direction::new(way, &watched, &shared, 3)
                .carry(from, to)
                .await
        });
        Rig {
            sender,
            receiver,
            conditions,
            carrying,
            began_at: Instant::now(),
        }
    }

    impl Rig {
        async fn reads(&mut self, length: usize) -> (Vec<u8>, Duration) {
            let mut bytes = vec![0; length];
            self.receiver.read_exact(&mut bytes).await.unwrap();
            (bytes, self.began_at.elapsed())
        }

        async fn silent_for(&mut self, span: Duration) -> bool {
            let mut byte = [0];
            let reading = self.receiver.read(&mut byte);
            tokio::time::timeout(span, reading).await.is_err()
        }
    }

    const HOUR: Duration = Duration::from_secs(3_600);

    #[tokio::test(start_paused = true)]
    async fn latency_is_waited_for_and_no_longer() {
        let late = Conditions {
            latency: Duration::from_secs(2),
            ..Conditions::default()
        };
        let mut rig = rig(Way::ToClient, late);
        rig.sender.write_all(b"frame").await.unwrap();
        let (bytes, after) = rig.reads(5).await;
        assert_eq!(bytes, b"frame");
        assert!(after >= Duration::from_secs(2) && after < Duration::from_millis(2_010));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_line_is_slow_and_healing_it_frees_what_waits() {
        let slow = Conditions {
            bytes_per_s: Some(5_000),
            ..Conditions::default()
        };
        let mut rig = rig(Way::ToClient, slow);
        rig.sender.write_all(&[1; 12_000]).await.unwrap();
        let (_, after) = rig.reads(5_000).await;
        assert!(after > Duration::from_millis(900) && after < Duration::from_millis(1_100));
        rig.conditions.send_replace(Conditions::default());
        let (_, then) = rig.reads(7_000).await;
        assert!(then - after < Duration::from_millis(100));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stalled_way_is_silent_and_then_goes_on_where_it_stood() {
        let mut rig = rig(Way::ToClient, Conditions::default());
        rig.sender.write_all(b"one").await.unwrap();
        assert_eq!(rig.reads(3).await.0, b"one");
        rig.conditions.send_replace(Conditions {
            is_stalled: true,
            ..Conditions::default()
        });
        rig.sender.write_all(b"two").await.unwrap();
        assert!(rig.silent_for(HOUR).await);
        rig.conditions.send_replace(Conditions::default());
        assert_eq!(rig.reads(3).await.0, b"two");
    }

    #[tokio::test(start_paused = true)]
    async fn a_direction_that_lost_a_byte_stays_dead_and_its_end_is_not_told() {
        let mut rig = rig(Way::ToClient, Conditions::default());
        rig.conditions.send_replace(Conditions {
            dead: Some(Dead::ToClient),
            ..Conditions::default()
        });
        rig.sender.write_all(b"lost").await.unwrap();
        assert!(rig.silent_for(HOUR).await);
        rig.conditions.send_replace(Conditions::default());
        rig.sender.write_all(b"lost too").await.unwrap();
        drop(rig.sender);
        assert!(rig.carrying.await.unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_other_direction_of_a_half_open_connection_lives() {
        let mut rig = rig(
            Way::ToServer,
            Conditions {
                dead: Some(Dead::ToClient),
                ..Conditions::default()
            },
        );
        rig.sender.write_all(b"POST").await.unwrap();
        assert_eq!(rig.reads(4).await.0, b"POST");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_for_a_websocket_is_held_until_it_is_known_and_then_refused() {
        let refusing = Conditions {
            upgrade_refused_with: Some(400),
            ..Conditions::default()
        };
        let mut rig = rig(Way::ToServer, refusing);
        rig.sender
            .write_all(b"GET /feed HTTP/1.1\r\n")
            .await
            .unwrap();
        assert!(rig.silent_for(HOUR).await);
        rig.sender
            .write_all(b"Upgrade: websocket\r\n\r\n")
            .await
            .unwrap();
        let end = rig.carrying.await.unwrap();
        assert!(matches!(end, Err(End::Refused(400))), "{end:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn any_other_request_passes_whole_while_websockets_are_refused() {
        let refusing = Conditions {
            upgrade_refused_with: Some(400),
            ..Conditions::default()
        };
        let mut rig = rig(Way::ToServer, refusing);
        let request = b"GET /feed HTTP/1.1\r\nHost: a\r\n\r\n";
        rig.sender.write_all(&request[..20]).await.unwrap();
        rig.sender.write_all(&request[20..]).await.unwrap();
        assert_eq!(rig.reads(request.len()).await.0, request);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_is_torn_down_at_its_first_byte() {
        let mut rig = rig(
            Way::ToServer,
            Conditions {
                is_resetting: true,
                ..Conditions::default()
            },
        );
        assert!(rig.silent_for(HOUR).await);
        rig.sender.write_all(b"G").await.unwrap();
        assert!(matches!(rig.carrying.await.unwrap(), Err(End::Torn)));
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_is_passed_on_after_everything_before_it() {
        let late = Conditions {
            latency: Duration::from_secs(2),
            ..Conditions::default()
        };
        let mut rig = rig(Way::ToClient, late);
        rig.sender.write_all(b"last").await.unwrap();
        drop(rig.sender);
        let mut all = Vec::new();
        rig.receiver.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"last");
        assert!(rig.began_at.elapsed() >= Duration::from_secs(2));
    }
}
