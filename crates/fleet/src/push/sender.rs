//! Sends to the gateway, one queue a product, without ever holding up the products themselves.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Push;
use crate::product::Product;

/// Requests that may wait while the gateway is away; more are dropped.
const QUEUE: usize = 256;
/// A request takes this long at most.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The first wait after a failure; it doubles up to [`MAX_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Why nothing can be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// The HTTP client could not be made.
    #[error("the client for the gateway could not be made: {0}")]
    Client(#[from] reqwest::Error),
    /// A key that no header can hold.
    #[error("{0} holds characters that no HTTP header can carry")]
    Key(&'static str),
}

/// The queues.
pub struct Sender {
    queues: Vec<Option<mpsc::Sender<Push>>>,
}

impl Sender {
    /// Starts one task for each product that `key` has an ingest key for.
    ///
    /// # Errors
    /// [`SenderError`].
    pub fn start(
        gateway: &str,
        key: impl Fn(Product) -> Option<String>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Self, SenderError> {
        // Fails when the process has one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .no_proxy()
            .build()?;
        let mut queues = Vec::new();
        for product in Product::ALL {
            let Some(key) = key(product) else {
                tracing::info!(%product, "sends nothing: {} is not set", product.ingest_key_env());
                queues.push(None);
                continue;
            };
            let mut bearer = HeaderValue::from_str(&format!("Bearer {key}"))
                .map_err(|_| SenderError::Key(product.ingest_key_env()))?;
            bearer.set_sensitive(true);
            let (queue, waiting) = mpsc::channel(QUEUE);
            queues.push(Some(queue));
            let line = Line {
                client: client.clone(),
                base: gateway.trim_end_matches('/').to_owned(),
                bearer,
            };
            tasks.spawn(stop.clone().run_until_cancelled_owned(line.run(waiting)));
        }
        Ok(Self { queues })
    }

    /// Queues a request; drops it when the queue is full or the product has no key.
    pub fn send(&self, push: Push) {
        let product = push.product;
        if let Some(Some(queue)) = self.queues.get(product.index())
            && queue.try_send(push).is_err()
        {
            tracing::debug!(%product, "the queue to the gateway is full; a request was dropped");
        }
    }
}

/// One product's line to the gateway.
struct Line {
    client: reqwest::Client,
    base: String,
    bearer: HeaderValue,
}

impl Line {
    async fn run(self, mut waiting: mpsc::Receiver<Push>) {
        while let Some(push) = waiting.recv().await {
            let mut wait = FIRST_WAIT;
            while let Outcome::Again(why) = self.attempt(&push).await {
                tracing::debug!(product = %push.product, route = push.route, "will send again: {why}");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(MAX_WAIT);
            }
        }
    }

    async fn attempt(&self, push: &Push) -> Outcome {
        let url = format!("{}/api/monitoring/ingest/{}", self.base, push.route);
        let answer = self
            .client
            .post(url)
            .header(AUTHORIZATION, self.bearer.clone())
            .json(&push.body)
            .send()
            .await;
        match answer {
            Err(why) => Outcome::Again(why.to_string()),
            Ok(answer) => judge(push, answer).await,
        }
    }
}

enum Outcome {
    Done,
    Again(String),
}

/// A wrong key may be put right while the fleet runs, and load passes; a body that was refused stays wrong.
async fn judge(push: &Push, answer: reqwest::Response) -> Outcome {
    let status = answer.status();
    match status.as_u16() {
        200..=299 => Outcome::Done,
        401 | 403 | 404 | 408 | 429 | 500..=599 => Outcome::Again(format!("HTTP {status}")),
        _ => {
            let text = answer.text().await.unwrap_or_default();
            tracing::warn!(product = %push.product, route = push.route, "refused with {status}: {text}");
            Outcome::Done
        }
    }
}
