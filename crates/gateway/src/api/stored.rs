//! What the API reads of durable state itself, beside the engine that writes it.

use std::sync::Arc;

use crate::change::KeptAnswer;
use crate::hub::{Backlog, BacklogFuture};
use crate::store::{Reader, StoreError};

/// Reads on blocking threads; cheap to clone.
#[derive(Clone)]
pub struct Stored(Arc<dyn Reader>);

impl Stored {
    /// Over a reader of the engine's store.
    #[must_use]
    pub fn new(reader: Arc<dyn Reader>) -> Self {
        Self(reader)
    }

    /// The answer kept for an account's key.
    ///
    /// # Errors
    /// A sentence, when it cannot be read.
    pub async fn kept_answer(
        &self,
        account: String,
        key: String,
    ) -> Result<Option<KeptAnswer>, String> {
        self.read(move |reader| reader.kept_answer(&account, &key))
            .await
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, String> {
        let reader = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || read(reader.as_ref()))
            .await
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())
    }
}

impl Backlog for Stored {
    fn after(&self, seq: u64, limit: usize) -> BacklogFuture<'_> {
        Box::pin(async move {
            let read = self.read(move |reader| reader.feed_log_after(seq, limit));
            read.await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the feed log could not be read; a client fetches a snapshot");
                None
            })
        })
    }
}
