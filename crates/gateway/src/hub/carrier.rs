//! A way to a client that is no network of this machine: simulation puts one that a schedule rules in its place.

use std::fmt;
use std::future::poll_fn;
use std::io::Result;
use std::task::{Context, Poll};

use watchfloor_wire::feed::MAX_CLIENT_FRAME_BYTES;

use super::link::Incoming;

/// Carries texts in both directions, each direction in order.
pub trait Carrier: fmt::Debug + Send + Sync {
    /// The client's next text; `None` once it is gone.
    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<String>>;

    /// Sends a text; true when it was taken, else [`Self::poll_flush`] waits until it is.
    ///
    /// # Errors
    /// When the client is gone.
    fn send(&mut self, text: &str) -> Result<bool>;

    /// Waits until what was sent is taken.
    ///
    /// # Errors
    /// When the client is gone.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>>;

    /// Says why it ends; as [`Self::send`].
    ///
    /// # Errors
    /// When the client is gone.
    fn send_close(&mut self, code: u16) -> Result<bool>;
}

pub(super) async fn recv(carrier: &mut dyn Carrier) -> Incoming {
    match poll_fn(|cx| carrier.poll_recv(cx)).await {
        None => Incoming::Gone,
        Some(text) if text.len() > MAX_CLIENT_FRAME_BYTES => {
            Incoming::Malformed("the message is too long")
        }
        Some(text) => match serde_json::from_str(&text) {
            Ok(message) => Incoming::Message(message),
            Err(_) => Incoming::Malformed("not a message of this protocol"),
        },
    }
}

pub(super) async fn close(carrier: &mut dyn Carrier, code: u16) -> Result<()> {
    carrier.send_close(code)?;
    poll_fn(|cx| carrier.poll_flush(cx)).await?;
    while poll_fn(|cx| carrier.poll_recv(cx)).await.is_some() {}
    Ok(())
}
