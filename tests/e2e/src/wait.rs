//! Waiting for conditions.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

const POLL: Duration = Duration::from_millis(100);

/// Asks again and again until there is an answer, and returns it.
///
/// # Errors
/// When `most` is over; the error says what was waited for and what was last wrong.
pub async fn until<T, F, Fut>(what: &str, most: Duration, mut ask: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Option<T>>>,
{
    let asked_at = Instant::now();
    loop {
        let answer = ask().await;
        if let Ok(Some(value)) = answer {
            return Ok(value);
        }
        if asked_at.elapsed() > most {
            let last = match answer {
                Err(error) => format!(": {error:#}"),
                Ok(_) => String::new(),
            };
            bail!("{what}: not within {} s{last}", most.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}
