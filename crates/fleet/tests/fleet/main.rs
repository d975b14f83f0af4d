//! The fleet over real sockets. Every test has a loopback address of its own, because the ports are fixed.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod configuration;
mod control;
mod faults;
mod proxy;
mod pushes;
mod shapes;
mod socket;
mod support;
