//! What threads meet at. The tests of [`super::publication`] put models in their place, which try every order.

pub use std::sync::{RwLock, RwLockReadGuard};

pub use tokio::sync::watch;
