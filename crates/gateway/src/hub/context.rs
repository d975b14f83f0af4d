//! What the feed needs to know from outside: who is there, what they may see, and what happened before the ring.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;
use watchfloor_wire::feed::{Op, PipelineAges};
use watchfloor_wire::session::Role;
use watchfloor_wire::time::UnixMs;

/// Who connects. The hub does not know how people sign in; the API turns its principal into this.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The account, for the limit of connections.
    pub account: String,
    /// Where it comes from, for the limit by address; `None` when that is not known.
    pub address: Option<IpAddr>,
    /// What the account may do.
    pub role: Role,
    /// When the session ends whatever happens; the socket then closes with 4010.
    pub expires_at: UnixMs,
}

/// What a session is worth now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It stands, with this role. Another role than before resets the client.
    Granted(Role),
    /// It ran out; the client gets a new ticket.
    Expired,
    /// Somebody ended it.
    Revoked,
}

/// The future of [`Backlog::after`].
pub type BacklogFuture<'a> = Pin<Box<dyn Future<Output = Option<Vec<Op>>> + Send + 'a>>;

/// The part of the feed that is on disk.
pub trait Backlog: Send + Sync {
    /// The changes after `seq`, oldest first, at most `limit`; `None` when they are no longer kept or cannot
    /// be read. The hub checks that they have no hole.
    fn after(&self, seq: u64, limit: usize) -> BacklogFuture<'_>;
}

/// A backlog that holds nothing: clients out of the ring fetch a snapshot.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBacklog;

impl Backlog for NoBacklog {
    fn after(&self, _seq: u64, _limit: usize) -> BacklogFuture<'_> {
        Box::pin(std::future::ready(None))
    }
}

/// What one connection needs from outside.
#[derive(Clone)]
pub struct FeedContext {
    /// How long ago each stage of the pipeline did its work, for pings.
    pub ages: Arc<dyn Fn() -> PipelineAges + Send + Sync>,
    /// The part of the feed that is on disk.
    pub backlog: Arc<dyn Backlog>,
    /// What the session is worth now; asked whenever `revoked` changes and before each ping.
    pub access: Arc<dyn Fn() -> Access + Send + Sync>,
    /// Changes whenever any session was ended or any role was changed; the same source for all connections.
    pub revoked: watch::Receiver<u64>,
}

impl fmt::Debug for FeedContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedContext").finish_non_exhaustive()
    }
}
