//! The part of the feed that is on disk, for clients that have fallen out of the hub's ring.

use crate::engine::EngineHandle;
use crate::hub::{Backlog, BacklogFuture};

/// Reads the feed log beside the engine that writes it.
pub struct FeedLog(pub EngineHandle);

impl Backlog for FeedLog {
    fn after(&self, seq: u64, limit: usize) -> BacklogFuture<'_> {
        let reader = self.0.reader();
        Box::pin(async move {
            let read = move || reader.feed_log_after(seq, limit);
            match tokio::task::spawn_blocking(read).await {
                Ok(Ok(ops)) => ops,
                Ok(Err(error)) => unreadable(&error),
                Err(error) => unreadable(&error),
            }
        })
    }
}

fn unreadable<T>(error: &dyn std::fmt::Display) -> Option<T> {
    tracing::warn!(%error, "the feed log could not be read; a client fetches a snapshot");
    None
}
