//! One line: an address that is listened on, and what is wrong with the way from it to the server.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::fault::{Active, Conditions, Fault};
use super::relay::relay;

/// Connections at once; more are torn down at once. With what each may hold this bounds the memory.
const CONNECTIONS_MAX: usize = 512;
/// What the system may hold of each connection on the way in, in bytes: a network that swallows megabytes would hide
/// that it delivers nothing.
const SYSTEM_BUFFER_BYTES: u32 = 32 * 1024;
/// How often an address that was given up for a while and is taken now is tried again.
const REBIND_EVERY: Duration = Duration::from_millis(100);
const BACKLOG: u32 = 1_024;

/// A line.
pub struct Line {
    address: SocketAddr,
    to: SocketAddr,
    seed: u64,
    opened_at: Instant,
    active: Mutex<Active>,
    conditions: watch::Sender<Conditions>,
    /// Told when an end of a fault may have come nearer.
    changed: Notify,
    connections: Arc<Semaphore>,
    accepted: AtomicU64,
}

impl Line {
    /// Opens the address (port 0 for any free one) in front of `to`.
    ///
    /// # Errors
    /// When the address is not on loopback or cannot be opened.
    pub(super) fn open(
        address: SocketAddr,
        to: SocketAddr,
        seed: u64,
    ) -> io::Result<(Arc<Self>, TcpListener)> {
        if !address.ip().is_loopback() {
            let why = format!(
                "{address} is not on loopback: whoever reaches the proxy reaches what is behind it"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let listener = listen(address)?;
        let line = Self {
            address: listener.local_addr()?,
            to,
            seed,
            opened_at: Instant::now(),
            active: Mutex::default(),
            conditions: watch::Sender::default(),
            changed: Notify::new(),
            connections: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            accepted: AtomicU64::new(0),
        };
        Ok((Arc::new(line), listener))
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Switches a fault on, for so many seconds or until it is switched off.
    pub fn put(&self, fault: Fault, for_s: Option<u64>) {
        let until = for_s.map(|s| self.opened_at.elapsed() + Duration::from_secs(s));
        tracing::info!(port = self.address.port(), "{} on", fault.kind());
        self.change(|active| active.insert(fault, until));
        self.changed.notify_one();
    }

    /// Switches the fault of a kind off, or all with `None`; returns how many were on.
    pub fn heal(&self, kind: Option<&str>) -> usize {
        let healed = self.change(|active| active.remove(kind));
        tracing::info!(port = self.address.port(), "{healed} healed");
        healed
    }

    /// What is wrong now, and how many connections there are.
    #[must_use]
    pub fn report(&self) -> Value {
        let now = self.opened_at.elapsed();
        let active: Vec<Value> = self
            .active()
            .iter()
            .map(|(fault, until)| {
                let mut row = json!(fault);
                row["ends_in_s"] = json!(until.map(|it| it.saturating_sub(now).as_secs()));
                row
            })
            .collect();
        json!({
            "listen": self.address,
            "to": self.to,
            "active": active,
            "connections": CONNECTIONS_MAX - self.connections.available_permits(),
            "accepted": self.accepted.load(Ordering::Relaxed),
        })
    }

    fn active(&self) -> MutexGuard<'_, Active> {
        // Nothing below panics while it holds this.
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<R>(&self, act: impl FnOnce(&mut Active) -> R) -> R {
        let mut active = self.active();
        let result = act(&mut active);
        self.conditions.send_replace(active.conditions());
        result
    }

    /// Ends faults in their time, for ever.
    pub(super) async fn watch_ends(self: Arc<Self>) {
        loop {
            let end = self.active().next_end();
            let over = async {
                match end {
                    Some(end) => sleep_until(self.opened_at + end).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = over => {}
                () = self.changed.notified() => {}
            }
            let now = self.opened_at.elapsed();
            self.change(|active| active.expire(now));
        }
    }

    /// Serves until `stop`: closed while it is down, open again afterwards.
    pub(super) async fn serve(
        self: Arc<Self>,
        first: TcpListener,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) {
        let mut open = Some(first);
        let mut conditions = self.conditions.subscribe();
        loop {
            if let Some(listener) = open.take() {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.accept(&listener, &tasks, &stop) => {}
                    _ = conditions.wait_for(|it| it.is_down) => {}
                }
            }
            let back = async {
                // The line holds the sender, so this ends only when it is up again.
                let _ = conditions.wait_for(|it| !it.is_down).await;
                listen_again(self.address).await
            };
            tokio::select! {
                () = stop.cancelled() => return,
                listener = back => open = Some(listener),
            }
        }
    }

    /// Accepts for ever.
    async fn accept(
        self: &Arc<Self>,
        listener: &TcpListener,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) {
        loop {
            let Ok((client, _)) = listener.accept().await else {
                // Too many files are open, or the client is gone already.
                sleep(REBIND_EVERY).await;
                continue;
            };
            let number = self.accepted.fetch_add(1, Ordering::Relaxed);
            let connection = Arc::clone(self).connect(client, number);
            tasks.spawn(stop.clone().run_until_cancelled_owned(connection));
        }
    }

    async fn connect(self: Arc<Self>, client: TcpStream, number: u64) {
        let permit = Arc::clone(&self.connections).try_acquire_owned();
        let server = match &permit {
            Ok(_) => connect_to(self.to).await,
            Err(_) => Err(io::ErrorKind::ConnectionRefused.into()),
        };
        let Ok(server) = server else {
            // The nearest to a refusal that is left once a connection was accepted.
            let _ = client.set_zero_linger();
            return;
        };
        let seed = self.seed.wrapping_add(number.wrapping_mul(0x9e37_79b9));
        relay(client, server, self.conditions.subscribe(), seed).await;
        drop(permit);
    }
}

fn socket_for(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_recv_buffer_size(SYSTEM_BUFFER_BYTES)?;
    Ok(socket)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let open = || {
        let socket = socket_for(address)?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    open().map_err(|why: io::Error| {
        io::Error::new(why.kind(), format!("{address} cannot be opened: {why}"))
    })
}

async fn listen_again(address: SocketAddr) -> TcpListener {
    loop {
        match listen(address) {
            Ok(listener) => return listener,
            Err(why) => tracing::warn!("{why}"),
        }
        sleep(REBIND_EVERY).await;
    }
}

async fn connect_to(address: SocketAddr) -> io::Result<TcpStream> {
    socket_for(address)?.connect(address).await
}
