//! A port that closes while its product is gone, and opens again.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Running requests get this long to end once the port is closed.
const GRACE: Duration = Duration::from_millis(500);
/// How often a port that is still taken is tried again.
const RETRY: Duration = Duration::from_millis(200);

/// Opens a port.
///
/// # Errors
/// The address with what the system said.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|why| io::Error::new(why.kind(), format!("{address} cannot be opened: {why}")))
}

/// Serves `routes` at `address` until `stop`, except while `gone` says true. `wrap` turns the plain port into
/// what is listened on (TLS, or the port as it is).
pub async fn keep_open<L>(
    first: TcpListener,
    wrap: impl Fn(TcpListener) -> L + Send,
    routes: Router,
    mut gone: watch::Receiver<bool>,
    stop: CancellationToken,
) where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let Ok(address) = first.local_addr() else {
        return;
    };
    let mut open = Some(first);
    loop {
        if let Some(port) = open.take() {
            serve(wrap(port), routes.clone(), gone.clone(), stop.clone()).await;
        }
        let back = async {
            // The world outlives its ports; were it gone, nothing would come back.
            let _ = gone.wait_for(|gone| !gone).await;
            rebind(address).await
        };
        tokio::select! {
            () = stop.cancelled() => return,
            port = back => open = Some(port),
        }
    }
}

async fn serve<L>(port: L, routes: Router, gone: watch::Receiver<bool>, stop: CancellationToken)
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let ending = CancellationToken::new();
    let signal = ending.clone();
    let serving =
        axum::serve(port, routes).with_graceful_shutdown(async move { signal.cancelled().await });
    let watching = async move {
        let mut gone = gone;
        tokio::select! {
            () = stop.cancelled() => {}
            _ = gone.wait_for(|gone| *gone) => {}
        }
        ending.cancel();
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        // Serving never fails by itself: failed connections end alone.
        _ = serving.into_future() => {}
        () = watching => {}
    }
}

async fn rebind(address: SocketAddr) -> TcpListener {
    loop {
        match bind(address).await {
            Ok(port) => return port,
            Err(why) => tracing::warn!("{why}"),
        }
        tokio::time::sleep(RETRY).await;
    }
}
