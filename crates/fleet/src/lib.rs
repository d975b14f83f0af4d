//! The five watched products, simulated over real HTTP and WebSocket, with scripted faults.
//!
//! Reading order: [`product`] names them, [`model`] moves their numbers, [`fault`] breaks them, [`world`] holds
//! them together, [`products`] answers for them, [`serve`] brings the answers to the wire, [`push`] tells the
//! gateway what happens, [`receive`] is where it tells people, [`calendar`] says whose turn it is, [`control`] and
//! [`scenario`] take orders, [`fleet`] starts it all.
//!
//! Beside them stands [`proxy`], a program of its own: a way to the gateway that can be made bad.

pub mod calendar;
pub mod control;
pub mod fault;
pub mod fleet;
pub mod instant;
mod life;
pub mod model;
pub mod ports;
pub mod product;
pub mod products;
pub mod proxy;
pub mod push;
pub mod receive;
pub mod scenario;
pub mod serve;
mod signal;
pub mod world;

pub use fleet::{Fleet, FleetError, Options};
pub use signal::stopped;
