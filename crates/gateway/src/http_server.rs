//! Takes connections and serves HTTP/1.1 on them. `axum::serve` has no limits on how long a client may take to
//! send its headers nor on how many clients there are; this has.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// The most headers of a request.
const MAX_HEADERS: usize = 64;
/// The most that is buffered of a connection, in bytes.
const MAX_BUFFER_BYTES: usize = 32 * 1024;
/// After a failure to accept, for example for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections that wait to be taken: after a restart everybody comes within half a second, and whoever finds no
/// place waits a whole second before trying again. The system may allow fewer.
const BACKLOG: u32 = 16_384;

/// Listens on an address.
///
/// # Errors
/// When it is in use, or not one of this machine's.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // After a crash, the connections of the one before hold the address for a minute.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// What one client may take of the others.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// Connections at once. A socket of the feed counts only until it is open, a stream of events as long as it
    /// lasts.
    pub connections: usize,
    /// A request's headers must be there within this time; idle connections are closed after it as well.
    pub headers_within: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 4_000,
            headers_within: Duration::from_secs(15),
        }
    }
}

/// Serves until `stopping`, then lets running requests finish for at most `grace`.
pub async fn serve(
    listener: TcpListener,
    service: Router,
    limits: ServerLimits,
    stopping: CancellationToken,
    grace: Duration,
) {
    let (connections, seats) = (
        TaskTracker::new(),
        Arc::new(Semaphore::new(limits.connections)),
    );
    while let Some((stream, peer, seat)) = next(&listener, &seats, &stopping).await {
        let (service, stopping) = (service.clone(), stopping.clone());
        connections.spawn(async move {
            connection(stream, peer, service, limits, stopping).await;
            drop(seat);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(grace, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time");
    }
}

/// The next connection with its seat; `None` when the gateway stops. Without a free seat it waits, and new
/// clients wait in the system's queue.
async fn next(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
    stopping: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    loop {
        let accepted = tokio::select! {
            () = stopping.cancelled() => return None,
            accepted = accept(listener, seats) => accepted,
        };
        match accepted {
            Ok(connection) => return Some(connection),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn accept(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let seat = Arc::clone(seats)
        .acquire_owned()
        .await
        .map_err(std::io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    crate::hub::buffers::bound_unsent(&stream)?;
    Ok((stream, peer, seat))
}

/// Serves one connection until it ends or became a socket of the feed; when the gateway stops, the request
/// that is running is its last.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    service: Router,
    limits: ServerLimits,
    stopping: CancellationToken,
) {
    let handler = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        service.clone().oneshot(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers_within)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), handler)
        .with_upgrades();
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stopping.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        if error.is_timeout() {
            metrics::counter!("watchfloor_http_refused_total", "why" => "slow_headers")
                .increment(1);
        } else if error.is_parse() {
            metrics::counter!("watchfloor_http_refused_total", "why" => "malformed").increment(1);
        }
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}
