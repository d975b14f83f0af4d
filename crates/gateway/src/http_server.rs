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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// Connections at once: as many as the feed has seats, and some for everything else.
const MAX_CONNECTIONS: usize = 13_000;
/// A request's headers must be there within this time; idle connections are closed after it as well.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// The most headers of a request.
const MAX_HEADERS: usize = 64;
/// The most that is buffered of a connection, in bytes.
const MAX_BUFFER_BYTES: usize = 32 * 1024;
/// After a failure to accept, for example for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stopping`, then lets running requests finish for at most `grace`.
pub async fn serve(
    listener: TcpListener,
    service: Router,
    stopping: CancellationToken,
    grace: Duration,
) {
    let (connections, seats) = (
        TaskTracker::new(),
        Arc::new(Semaphore::new(MAX_CONNECTIONS)),
    );
    while let Some((stream, peer, seat)) = next(&listener, &seats, &stopping).await {
        let (service, stopping) = (service.clone(), stopping.clone());
        connections.spawn(async move {
            connection(stream, peer, service, stopping).await;
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
    Ok((stream, peer, seat))
}

/// Serves one connection until it ends or became a socket of the feed; when the gateway stops, the request
/// that is running is its last.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    service: Router,
    stopping: CancellationToken,
) {
    let handler = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        service.clone().oneshot(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
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
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}
