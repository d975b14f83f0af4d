//! Sockets: ports that open and close, answers that get lost or mangled on the way.

mod delivery;
mod listener;
mod tls;

pub use delivery::{Delivery, delivered};
pub use listener::{bind, keep_open};
pub use tls::{TlsError, TlsListener};
