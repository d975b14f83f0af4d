//! Who the clients are, and where the gateway is.

use std::net::SocketAddr;

use serde::Deserialize;

/// The first line that is read.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// The gateway.
    pub gateway: SocketAddr,
    /// The token that every client of the feed signs in with.
    pub viewer: String,
    /// Tokens of people who acknowledge, one an account.
    pub operators: Vec<String>,
    /// The product's ingest key.
    pub ingest_key: String,
    /// How many clients come from one source address.
    pub per_address: usize,
    /// So many of the first clients have a small window, because they will read slowly: what they do not take must
    /// wait at the gateway, as it does behind a slow line, and not in a buffer of this machine.
    pub small_windows: usize,
}
