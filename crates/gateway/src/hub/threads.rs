//! Threads that serve the feed's clients and nothing else.

use tokio::runtime::{Builder, Runtime};

use super::Hub;

/// The threads; they end with this value.
#[derive(Debug)]
pub struct FeedThreads(Option<Runtime>);

impl FeedThreads {
    /// Starts one a processor; the hub serves its clients on them from now on.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start_for(hub: &Hub) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .thread_name("feed")
            .enable_all()
            .build()?;
        hub.serve_on(runtime.handle().clone());
        Ok(Self(Some(runtime)))
    }
}

impl Drop for FeedThreads {
    fn drop(&mut self) {
        // What is left are clients that did not take their goodbye; nobody waits for them.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
