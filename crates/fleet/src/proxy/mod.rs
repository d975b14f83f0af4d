//! A way to the gateway that can be made bad: bytes go through over loopback, late, slowly, in pieces, half, or not at
//! all, as the control address is told.
//!
//! Reading order: [`fault`] names what can be wrong, [`pacing`] decides when bytes leave, [`upgrade`] tells requests for
//! WebSockets from others, all three pure; `relay` carries one connection, [`line`] listens, `control` takes orders.

mod control;
pub mod fault;
pub mod line;
pub mod pacing;
mod relay;
pub mod upgrade;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::control::Lines;
use self::line::Line;
use crate::serve::bind;

/// What a proxy is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server behind it.
    pub to: SocketAddr,
    /// Where it listens, on loopback: each is a line with faults of its own. Port 0 is any free one.
    pub listen: Vec<SocketAddr>,
    /// Where it takes orders.
    pub control: SocketAddr,
    /// Decides everything that looks like chance.
    pub seed: u64,
}

/// A running proxy.
pub struct Proxy {
    lines: Lines,
    control: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Proxy {
    /// Opens all addresses and begins.
    ///
    /// # Errors
    /// When one cannot be opened, or is not on loopback.
    pub async fn start(options: Options) -> io::Result<Self> {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let mut opened = Vec::new();
        for (index, address) in (0_u64..).zip(options.listen) {
            let seed = options.seed.wrapping_add(index.wrapping_mul(0x5851_f42d));
            opened.push(Line::open(address, options.to, seed)?);
        }
        let orders = bind(options.control).await?;
        let control = orders.local_addr()?;
        let lines: Lines = opened.iter().map(|(line, _)| Arc::clone(line)).collect();
        for (line, listener) in opened {
            let ends = Arc::clone(&line).watch_ends();
            tasks.spawn(stop.clone().run_until_cancelled_owned(ends));
            tasks.spawn(line.serve(listener, tasks.clone(), stop.clone()));
        }
        let stopped = stop.clone();
        let serving = axum::serve(orders, control::routes(Arc::clone(&lines)))
            .with_graceful_shutdown(async move { stopped.cancelled().await });
        tasks.spawn(serving.into_future());
        Ok(Self {
            lines,
            control,
            stop,
            tasks,
        })
    }

    /// The lines, in the order in which they were asked for.
    #[must_use]
    pub fn lines(&self) -> &[Arc<Line>] {
        &self.lines
    }

    /// Where it takes orders.
    #[must_use]
    pub const fn control(&self) -> SocketAddr {
        self.control
    }

    /// Closes everything and waits until it has ended.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
